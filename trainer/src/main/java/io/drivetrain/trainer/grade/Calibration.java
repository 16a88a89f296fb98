package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.Comparator;

/**
 * How far a model's confidence, the probability of the class that it gives, is from how often that class is right.
 * Confidences are put into bins of equal width, each with its upper edge and without its lower one (Guo et al. 2017,
 * <i>On Calibration of Modern Neural Networks</i>).
 *
 * @param counts samples by bin
 * @param confidence sum of confidences by bin
 * @param hits samples whose class is right, by bin
 */
@SuppressWarnings("ArrayRecordComponent")
public record Calibration(double[] counts, double[] confidence, double[] hits) {
    /** As many bins as Guo et al. take. */
    public static final int BINS = 15;

    /** A probability below this counts as this, so that one certain mistake does not make the mean loss infinite. */
    private static final double LEAST_PROBABILITY = 1e-15;

    /** A model's confidence in the class that it gives, and whether that is right. */
    private record Claim(double confidence, boolean right) {}

    /**
     * Counts.
     *
     * @param probabilities samples × classes, each row summing to 1
     * @param labels given class index of each sample
     */
    public static Calibration of(double[][] probabilities, int[] labels, int bins) {
        Calibration calibration = new Calibration(new double[bins], new double[bins], new double[bins]);
        for (int i = 0; i < labels.length; i++) {
            int given = mostProbable(probabilities[i]);
            double confidence = probabilities[i][given];
            int bin = bin(confidence, bins);
            calibration.counts[bin]++;
            calibration.confidence[bin] += confidence;
            calibration.hits[bin] += given == labels[i] ? 1 : 0;
        }
        return calibration;
    }

    /** Mean over samples of the distance between mean confidence and accuracy of their bin, 0..1. */
    public double expectedError() {
        double distance = 0;
        for (int bin = 0; bin < counts.length; bin++) {
            distance += Math.abs(confidence[bin] - hits[bin]);
        }
        return distance / Arrays.stream(counts).sum();
    }

    /** The largest of these distances, 0..1; zero without samples. */
    public double maximumError() {
        double largest = 0;
        for (int bin = 0; bin < counts.length; bin++) {
            if (counts[bin] > 0) {
                largest = Math.max(largest, Math.abs(confidence[bin] - hits[bin]) / counts[bin]);
            }
        }
        return largest;
    }

    /**
     * The expected error over bins of as many samples each, the first ones taking one more where they do not divide
     * (Nixon et al. 2019, <i>Measuring Calibration in Deep Learning</i>); samples of equal confidence stay in their order.
     */
    public static double expectedErrorOfEqualCounts(double[][] probabilities, int[] labels, int bins) {
        Claim[] claims = new Claim[labels.length];
        for (int i = 0; i < claims.length; i++) {
            int given = mostProbable(probabilities[i]);
            claims[i] = new Claim(probabilities[i][given], given == labels[i]);
        }
        Arrays.sort(claims, Comparator.comparingDouble(Claim::confidence));
        double distance = 0;
        int next = 0;
        for (int bin = 0; bin < bins; bin++) {
            int size = claims.length / bins + (bin < claims.length % bins ? 1 : 0);
            double gap = 0;
            for (int i = 0; i < size; i++, next++) {
                gap += claims[next].confidence() - (claims[next].right() ? 1 : 0);
            }
            distance += Math.abs(gap);
        }
        return distance / claims.length;
    }

    /** The bin of a confidence; zero and what is no number are in the first. */
    static int bin(double confidence, int bins) {
        int bin = (int) Math.ceil(confidence * bins) - 1;
        return Math.max(0, Math.min(bins - 1, bin));
    }

    /** Index of the highest probability, the lowest index among equals. */
    static int mostProbable(double[] probabilities) {
        int highest = 0;
        for (int i = 1; i < probabilities.length; i++) {
            if (probabilities[i] > probabilities[highest]) {
                highest = i;
            }
        }
        return highest;
    }

    /** Brier's score of one sample: sum over classes of squared distances from the given class, 0..2 (Brier 1950). */
    public static double brier(double[] probabilities, int label) {
        double sum = 0;
        for (int i = 0; i < probabilities.length; i++) {
            double distance = probabilities[i] - (i == label ? 1 : 0);
            sum += distance * distance;
        }
        return sum;
    }

    /** Loss of one sample, nats, at most 34.6: minus the logarithm of the probability of the given class. */
    public static double logLoss(double[] probabilities, int label) {
        double probability = probabilities[label];
        // Not a number is no probability either.
        return -Math.log(probability > LEAST_PROBABILITY ? probability : LEAST_PROBABILITY);
    }
}
