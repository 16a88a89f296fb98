package io.drivetrain.trainer.grade.slice;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What is known of the samples of one split and of what a model said about them, all in the same order.
 *
 * @param labels given class index of each sample
 * @param probabilities {@code size × classes}, 0..1
 * @param driveOf drive of each sample, an index into {@code drives}
 * @param drives the drives' ids
 * @param attributes of each sample, value by name; a missing or empty value is not known
 * @param measurementNames names of the measurements
 * @param measurements {@code size × measurements}; NaN is not known
 * @param embeddings what the network's last hidden layer said; null where there are none
 */
// Arrays, because there may be millions of samples, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record GradedSplit(
        int[] labels,
        float[][] probabilities,
        int[] driveOf,
        List<String> drives,
        List<Map<String, String>> attributes,
        List<String> measurementNames,
        double[][] measurements,
        Embeddings embeddings) {
    /** So that a probability of zero has a finite loss. */
    private static final double LEAST_PROBABILITY = 1e-12;

    /** What a network's last hidden layer says of samples, read when it is asked for: of a million they fill the memory. */
    @FunctionalInterface
    public interface Embeddings {
        /**
         * A row for each of the samples.
         *
         * @param samples indices, ascending
         * @throws InterruptedException soon after the thread was interrupted
         */
        float[][] of(int[] samples) throws InterruptedException;
    }

    public GradedSplit {
        int size = labels.length;
        if (probabilities.length != size
                || driveOf.length != size
                || attributes.size() != size
                || measurements.length != size) {
            throw new IllegalArgumentException(
                    "%d labels, %d probabilities, %d drives of samples, %d attributes and %d measurements; they must be as many"
                            .formatted(
                                    size,
                                    probabilities.length,
                                    driveOf.length,
                                    attributes.size(),
                                    measurements.length));
        }
        drives = List.copyOf(drives);
        measurementNames = List.copyOf(measurementNames);
    }

    /** A split without samples. */
    public static GradedSplit empty(List<String> measurementNames) {
        return new GradedSplit(
                new int[0], new float[0][], new int[0], List.of(), List.of(), measurementNames, new double[0][], null);
    }

    public int size() {
        return labels.length;
    }

    /** Class of the highest probability, the lowest index among equals. */
    public int predicted(int sample) {
        int best = 0;
        for (int i = 1; i < probabilities[sample].length; i++) {
            if (probabilities[sample][i] > probabilities[sample][best]) {
                best = i;
            }
        }
        return best;
    }

    public boolean wrong(int sample) {
        return predicted(sample) != labels[sample];
    }

    /** Negative logarithm of the given label's probability, in nats. */
    public double loss(int sample) {
        return -Math.log(Math.max(LEAST_PROBABILITY, probabilities[sample][labels[sample]]));
    }

    /** Value of an attribute; empty where it is not known. */
    String attribute(int sample, String name) {
        String value = attributes.get(sample).get(name);
        return value == null ? "" : value;
    }

    /** By sample. */
    boolean[] wrong() {
        boolean[] wrong = new boolean[size()];
        IntStream.range(0, size()).forEach(i -> wrong[i] = wrong(i));
        return wrong;
    }
}
