package io.drivetrain.trainer.improve.augment;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Changes values where they are. */
final class Tones {
    private static final int LEVELS = 256;

    private Tones() {}

    /** Every value times a factor. */
    static Image brightened(Image image, double factor) {
        return mapped(image, value -> value * factor);
    }

    /** The distance of every value from the mean of all times a factor. */
    static Image contrasted(Image image, double factor) {
        double mean = 0;
        for (int channel = 0; channel < image.channels(); channel++) {
            mean += mean(image, channel) / image.channels();
        }
        double centre = mean;
        return mapped(image, value -> centre + (value - centre) * factor);
    }

    /** Gaussian noise of a standard deviation in levels of 255, independent for every value. */
    static Image noisy(Image image, double deviation, SplittableRandom random) {
        Image result = image.blank();
        byte[] from = image.values();
        for (int i = 0; i < from.length; i++) {
            result.values()[i] = Image.toByte((from[i] & 0xff) + deviation * random.nextGaussian());
        }
        return result;
    }

    /** Mean of a channel, 0 to 255. */
    static double mean(Image image, int channel) {
        int plane = image.height() * image.width();
        long sum = 0;
        for (int i = channel * plane; i < (channel + 1) * plane; i++) {
            sum += image.values()[i] & 0xff;
        }
        return (double) sum / plane;
    }

    private static Image mapped(Image image, DoubleUnaryOperator function) {
        byte[] table = new byte[LEVELS];
        for (int level = 0; level < LEVELS; level++) {
            table[level] = Image.toByte(function.applyAsDouble(level));
        }
        Image result = image.blank();
        byte[] from = image.values();
        for (int i = 0; i < from.length; i++) {
            result.values()[i] = table[from[i] & 0xff];
        }
        return result;
    }
}
