package io.drivetrain.trainer.grade.noise;

import java.util.Optional;

/**
 * Labels that may be wrong, beside what models that have not seen the samples say.
 *
 * @param labels given class of each sample, from 0 to {@code classes − 1}
 * @param probabilities {@code samples × classes}, each row summing to 1; out of fold, because a model agrees with the
 *     labels that it was fitted to, wrong ones included
 * @param classes number of classes, which may include some that no label names
 */
// Arrays, because there may be millions of samples, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record NoisyLabels(int[] labels, double[][] probabilities, int classes) {
    /** Single precision and four decimals in a file must both pass. */
    private static final double SUM_TOLERANCE = 1e-3;

    /** Probabilities that differ by less count as equal. */
    static final double EQUAL = 1e-6;

    public NoisyLabels {
        if (labels.length != probabilities.length) {
            throw new IllegalArgumentException("%d labels and probabilities of %d samples; they must be as many"
                    .formatted(labels.length, probabilities.length));
        }
    }

    /** Of single-precision probabilities, as networks give them. */
    public static NoisyLabels of(int[] labels, float[][] probabilities, int classes) {
        double[][] wide = new double[probabilities.length][];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = new double[probabilities[i].length];
            for (int k = 0; k < wide[i].length; k++) {
                wide[i][k] = probabilities[i][k];
            }
        }
        return new NoisyLabels(labels, wide, classes);
    }

    /** Why nothing can be said of these labels, as a sentence with what to do; empty if something can. */
    public Optional<String> objection() {
        if (labels.length == 0) {
            return Optional.of("There are no labelled samples; ingest some before looking for wrong labels");
        }
        int first = -1;
        boolean several = false;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                return Optional.of("Sample %d has class %d of %d; add its class to classes in drivetrain.yaml"
                        .formatted(i, labels[i], classes));
            }
            Optional<String> row = objection(i);
            if (row.isPresent()) {
                return row;
            }
            first = first < 0 ? labels[i] : first;
            several |= labels[i] != first;
        }
        return several
                ? Optional.empty()
                : Optional.of("All %d samples have class %d; wrong labels show only against another class"
                        .formatted(labels.length, first));
    }

    private Optional<String> objection(int sample) {
        double[] row = probabilities[sample];
        if (row.length != classes) {
            return Optional.of(
                    "Sample %d has probabilities of %d classes instead of %d; predict with a model of the same classes"
                            .formatted(sample, row.length, classes));
        }
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            if (!(row[k] >= 0 && row[k] <= 1 + SUM_TOLERANCE)) {
                return Optional.of(
                        "Probability of class %d for sample %d is %s and should be in 0..1; look for a model that diverged or for logits in place of probabilities"
                                .formatted(k, sample, row[k]));
            }
            sum += row[k];
        }
        return Math.abs(sum - 1) <= SUM_TOLERANCE
                ? Optional.empty()
                : Optional.of(
                        "Probabilities of sample %d sum to %.4f and should sum to 1; apply softmax to the model's output"
                                .formatted(sample, sum));
    }

    public int size() {
        return labels.length;
    }

    /** Number of samples by given class. */
    public int[] counts() {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /** Probability of the given class. */
    double ofGiven(int sample) {
        return probabilities[sample][labels[sample]];
    }

    /** The lowest class of the highest probability; one that is not a number counts as highest. */
    int mostProbable(int sample) {
        return highest(probabilities[sample]);
    }

    /** Whether no other class is more probable than the given one. */
    boolean agrees(int sample) {
        double[] row = probabilities[sample].clone();
        row[labels[sample]] += EQUAL;
        return highest(row) == labels[sample];
    }

    private static int highest(double[] row) {
        int best = 0;
        for (int k = 0; k < row.length; k++) {
            if (Double.isNaN(row[k])) {
                return k;
            }
            if (row[k] > row[best]) {
                best = k;
            }
        }
        return best;
    }
}
