package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.List;

/**
 * Statistics of the training set that all inputs are normalised by.
 *
 * @param mean per channel, of pixel values scaled to 0 to 1
 * @param deviation standard deviation per channel, of the same; 1 for a channel that never varies
 */
public record Normalisation(List<Double> mean, List<Double> deviation) {
    private static final int LEVELS = 256;

    /** Puts the standard error of a mean near 0.002 of the scale, and reading them well below a second. */
    private static final int MOST_SAMPLES = 10_000;

    public Normalisation {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }

    /**
     * Statistics of all pixels of a store; of a store with more than 10,000 samples, of 10,000 at equal distances, so that
     * the first batch does not wait for reading everything.
     */
    public static Normalisation of(SampleStore store) {
        int channels = store.channels();
        int plane = store.height() * store.width();
        long[][] histogram = new long[channels][LEVELS];
        byte[] pixels = new byte[channels * plane];
        int samples = Math.min(store.size(), MOST_SAMPLES);
        for (int sample = 0; sample < samples; sample++) {
            store.readPixels((int) ((long) sample * store.size() / samples), pixels, 0);
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
        return new Normalisation(List.of(means), List.of(deviations));
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
