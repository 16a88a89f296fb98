package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hipparchus.stat.descriptive.StreamingStatistics;

/**
 * Statistics of the training set that all inputs are normalised by.
 *
 * @param mean per channel, of pixel values scaled to 0 to 1
 * @param deviation standard deviation per channel, of the same; 1 for a channel that never varies
 * @param telemetryMean per number that the car sends, of those that it sent, in SI units; 0 for one that it never sent
 * @param telemetryDeviation standard deviation of the same; 1 for a number that never varies
 */
public record Normalisation(
        List<Double> mean, List<Double> deviation, List<Double> telemetryMean, List<Double> telemetryDeviation) {
    private static final int LEVELS = 256;

    /** Puts the standard error of a mean near 0.002 of the scale, and reading them well below a second. */
    private static final int MOST_SAMPLES = 10_000;

    /** Of the samples, several for each core. */
    private static final int PIECES = 32;

    public Normalisation {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        // A model.json that was written before samples had telemetry has none of these.
        telemetryMean = telemetryMean == null ? List.of() : List.copyOf(telemetryMean);
        telemetryDeviation = telemetryDeviation == null ? List.of() : List.copyOf(telemetryDeviation);
    }

    /** Of samples without telemetry. */
    public Normalisation(List<Double> mean, List<Double> deviation) {
        this(mean, deviation, List.of(), List.of());
    }

    /**
     * Statistics of all pixels and telemetry of a store; of a store with more than 10,000 samples, of 10,000 at equal distances, so that
     * the first batch does not wait for reading everything.
     */
    public static Normalisation of(SampleStore store) {
        int channels = store.channels();
        int samples = Math.min(store.size(), MOST_SAMPLES);
        IntUnaryOperator index = sample -> (int) ((long) sample * store.size() / samples);
        long[][] sums = sums(store, samples, index);
        StreamingStatistics[] telemetry = Stream.generate(StreamingStatistics::new)
                .limit(store.telemetryCount())
                .toArray(StreamingStatistics[]::new);
        float[] sent = new float[telemetry.length];
        for (int sample = 0; sample < samples && sent.length > 0; sample++) {
            store.readTelemetry(index.applyAsInt(sample), sent, 0);
            for (int k = 0; k < sent.length; k++) {
                if (Float.isFinite(sent[k])) {
                    telemetry[k].addValue(sent[k]);
                }
            }
        }
        Double[] means = new Double[channels];
        Double[] deviations = new Double[channels];
        for (int channel = 0; channel < channels; channel++) {
            double count = (double) samples * store.height() * store.width();
            double mean = sums[channel][0] / count;
            // Of whole numbers, so that a channel that never varies has exactly none.
            double variance = Math.max(0, (sums[channel][1] - sums[channel][0] * mean) / count);
            double deviation = Math.sqrt(variance) / (LEVELS - 1);
            means[channel] = mean / (LEVELS - 1);
            deviations[channel] = deviation > 0 ? deviation : 1.0;
        }
        return new Normalisation(
                List.of(means),
                List.of(deviations),
                Stream.of(telemetry).map(Normalisation::meanOf).toList(),
                Stream.of(telemetry).map(Normalisation::deviationOf).toList());
    }

    /** Of each channel the sum of its pixel values and that of their squares; on all cores, since whole numbers add up in any order. */
    private static long[][] sums(SampleStore store, int samples, IntUnaryOperator index) {
        int channels = store.channels();
        int plane = store.height() * store.width();
        return IntStream.range(0, PIECES)
                .parallel()
                .mapToObj(piece -> {
                    long[][] sums = new long[channels][2];
                    byte[] pixels = new byte[channels * plane];
                    int end = (int) ((piece + 1L) * samples / PIECES);
                    for (int sample = (int) ((long) piece * samples / PIECES); sample < end; sample++) {
                        store.readPixels(index.applyAsInt(sample), pixels, 0);
                        for (int channel = 0; channel < channels; channel++) {
                            addUp(pixels, channel * plane, (channel + 1) * plane, sums[channel]);
                        }
                    }
                    return sums;
                })
                .reduce(new long[channels][2], Normalisation::total);
    }

    private static void addUp(byte[] pixels, int from, int to, long[] sums) {
        long sum = 0;
        long squares = 0;
        for (int i = from; i < to; i++) {
            int level = pixels[i] & 0xff;
            sum += level;
            squares += level * level;
        }
        sums[0] += sum;
        sums[1] += squares;
    }

    private static long[][] total(long[][] one, long[][] other) {
        long[][] total = new long[one.length][2];
        for (int channel = 0; channel < total.length; channel++) {
            total[channel][0] = one[channel][0] + other[channel][0];
            total[channel][1] = one[channel][1] + other[channel][1];
        }
        return total;
    }

    private static double meanOf(StreamingStatistics values) {
        return values.getN() > 0 ? values.getMean() : 0;
    }

    private static double deviationOf(StreamingStatistics values) {
        double deviation = values.getN() > 0 ? Math.sqrt(values.getPopulationVariance()) : 0;
        return deviation > 0 ? deviation : 1;
    }

    /**
     * Normalised value of a number that the car sends; the mean, 0, where it did not.
     *
     * @param position in the order of the telemetry
     */
    float telemetry(int position, float value) {
        return Float.isFinite(value)
                ? (float) ((value - telemetryMean.get(position)) / telemetryDeviation.get(position))
                : 0;
    }

    /** Normalised value of each of the 256 pixel values, per channel. */
    float[][] table() {
        float[][] table = new float[mean.size()][LEVELS];
        for (int channel = 0; channel < table.length; channel++) {
            for (int level = 0; level < LEVELS; level++) {
                double value = level / (double) (LEVELS - 1);
                table[channel][level] = (float) ((value - mean.get(channel)) / deviation.get(channel));
            }
        }
        return table;
    }
}
