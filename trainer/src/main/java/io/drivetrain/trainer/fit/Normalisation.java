package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.List;
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
        int plane = store.height() * store.width();
        long[][] histogram = new long[channels][LEVELS];
        byte[] pixels = new byte[channels * plane];
        StreamingStatistics[] telemetry = Stream.generate(StreamingStatistics::new)
                .limit(store.telemetryCount())
                .toArray(StreamingStatistics[]::new);
        float[] sent = new float[telemetry.length];
        int samples = Math.min(store.size(), MOST_SAMPLES);
        for (int sample = 0; sample < samples; sample++) {
            int index = (int) ((long) sample * store.size() / samples);
            store.readTelemetry(index, sent, 0);
            for (int k = 0; k < sent.length; k++) {
                if (Float.isFinite(sent[k])) {
                    telemetry[k].addValue(sent[k]);
                }
            }
            store.readPixels(index, pixels, 0);
            for (int channel = 0; channel < channels; channel++) {
                long[] counts = histogram[channel];
                for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                    counts[pixels[i] & 0xff]++;
                }
            }
        }
        Double[] means = new Double[channels];
        Double[] deviations = new Double[channels];
        for (int channel = 0; channel < channels; channel++) {
            double count = 0;
            double sum = 0;
            for (int level = 0; level < LEVELS; level++) {
                count += histogram[channel][level];
                sum += (double) histogram[channel][level] * level;
            }
            double mean = sum / count;
            double squares = 0;
            for (int level = 0; level < LEVELS; level++) {
                squares += histogram[channel][level] * (level - mean) * (level - mean);
            }
            double deviation = Math.sqrt(squares / count) / (LEVELS - 1);
            means[channel] = mean / (LEVELS - 1);
            deviations[channel] = deviation > 0 ? deviation : 1.0;
        }
        return new Normalisation(
                List.of(means),
                List.of(deviations),
                Stream.of(telemetry).map(Normalisation::meanOf).toList(),
                Stream.of(telemetry).map(Normalisation::deviationOf).toList());
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
