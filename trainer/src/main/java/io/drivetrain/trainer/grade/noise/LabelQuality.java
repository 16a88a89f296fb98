package io.drivetrain.trainer.grade.noise;

import java.util.stream.IntStream;

/** Scores of single labels, 0..1: the lower, the more probably wrong. */
public enum LabelQuality {
    /** Probability of the given class. */
    SELF_CONFIDENCE {
        @Override
        double score(double[] row, int label) {
            return row[label];
        }
    },
    /** Half of one plus the probability of the given class minus the highest of the others. */
    NORMALIZED_MARGIN {
        @Override
        double score(double[] row, int label) {
            if (row.length == 1) {
                // There is no other class that it could be.
                return row[label];
            }
            double other = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < row.length; k++) {
                if (k != label) {
                    other = Math.max(other, row[k]);
                }
            }
            return (row[label] - other + 1) / 2;
        }
    },
    /**
     * {@code ln(1 + x) / x} of the entropy, as a share of the greatest, over the probability of the given class. Not a
     * number where there is one class; zero where the model is certain, whether of the given class or of another.
     */
    CONFIDENCE_WEIGHTED_ENTROPY {
        @Override
        double score(double[] row, int label) {
            double entropy = 0;
            for (double probability : row) {
                entropy -= probability == 0 ? 0 : probability * Math.log(probability);
            }
            double weighted = entropy / Math.log(row.length) / Math.max(LEAST, row[label]);
            return Math.log(weighted + 1) / Math.max(LEAST, weighted);
        }
    };

    private static final double LEAST = 1e-6;

    abstract double score(double[] row, int label);

    /** By sample. */
    public double[] scores(NoisyLabels data) {
        return IntStream.range(0, data.size())
                .mapToDouble(i -> score(data.probabilities()[i], data.labels()[i]))
                .toArray();
    }

    /**
     * By sample, after the thresholds of the classes were subtracted from the probabilities and rows made to sum to 1
     * again, so that samples of rare classes are not all suspect.
     */
    public double[] adjustedScores(NoisyLabels data) {
        double[] thresholds = ConfidentJoint.of(data).thresholds();
        double most = Double.NEGATIVE_INFINITY;
        for (double threshold : thresholds) {
            most = Math.max(most, threshold);
        }
        double[] scores = new double[data.size()];
        for (int i = 0; i < scores.length; i++) {
            double[] row = data.probabilities()[i].clone();
            double sum = 0;
            for (int k = 0; k < row.length; k++) {
                row[k] += most - thresholds[k];
                sum += row[k];
            }
            for (int k = 0; k < row.length; k++) {
                row[k] /= sum;
            }
            scores[i] = score(row, data.labels()[i]);
        }
        return scores;
    }
}
