package io.drivetrain.trainer.grade.noise;

/**
 * How labels are wrong, as probabilities.
 *
 * @param prior by class: probability that a sample truly is of it
 * @param noise {@code [given][true]}: probability of the label given the truth; columns sum to 1
 * @param inverse {@code [true][given]}: probability of the truth given the label; columns sum to 1
 */
// Arrays, because these are matrices, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record NoiseMatrices(double[] prior, double[][] noise, double[][] inverse) {
    /** Keeps sums that are divided by away from zero. */
    private static final double TINY = 1e-100;

    private static final double LEAST_PRIOR = 1e-6;
    private static final double LEAST_PRIOR_TOLD = 1e-5;
    private static final double MOST_NOISE = 0.9999;
    private static final int ROUNDS = 3;
    private static final int INNER_ROUNDS = 5;

    /**
     * From counts by given class (rows) and true class (columns). Each of the three is estimated by itself, then they
     * are brought to agree by Bayes' theorem, in a fixed number of rounds.
     *
     * @param samples number of samples by given class
     */
    public static NoiseMatrices of(int[][] counts, int[] samples) {
        int classes = samples.length;
        double total = 0;
        for (int count : samples) {
            total += count;
        }
        double[] given = new double[classes];
        double[][] joint = new double[classes][classes];
        double[][] transposed = new double[classes][classes];
        for (int i = 0; i < classes; i++) {
            given[i] = samples[i] / total;
            for (int j = 0; j < classes; j++) {
                joint[i][j] = counts[i][j];
                transposed[j][i] = counts[i][j];
            }
        }
        double[][] noise = columnsOverSums(joint);
        double[][] inverse = columnsOverSums(transposed);
        double[] prior = prior(given, noise, inverse);
        noise = asNoise(noise);
        for (int round = 0; round < ROUNDS; round++) {
            for (int inner = 0; inner < INNER_ROUNDS; inner++) {
                inverse = asNoise(turned(noise, prior, given));
                prior = prior(given, noise, inverse);
            }
            noise = asNoise(turned(inverse, given, prior));
        }
        return new NoiseMatrices(atLeast(prior, LEAST_PRIOR_TOLD), asNoise(noise), asNoise(inverse));
    }

    /** From the diagonals alone, which are known best. */
    private static double[] prior(double[] given, double[][] noise, double[][] inverse) {
        double[] prior = new double[given.length];
        for (int k = 0; k < prior.length; k++) {
            prior[k] = inverse[k][k] / Math.max(TINY, noise[k][k]) * given[k];
        }
        return atLeast(prior, LEAST_PRIOR);
    }

    private static double[] atLeast(double[] probabilities, double least) {
        double[] raised = new double[probabilities.length];
        double sum = 0;
        for (int k = 0; k < raised.length; k++) {
            raised[k] = Math.min(1, Math.max(least, probabilities[k]));
            sum += raised[k];
        }
        for (int k = 0; k < raised.length; k++) {
            raised[k] /= sum;
        }
        return raised;
    }

    /** Bayes: P(b given a) from P(a given b) in {@code [a][b]}, P(b) and P(a); the result is {@code [b][a]}. */
    private static double[][] turned(double[][] conditional, double[] ofColumns, double[] ofRows) {
        int classes = ofRows.length;
        double[][] turned = new double[classes][classes];
        for (int a = 0; a < classes; a++) {
            for (int b = 0; b < classes; b++) {
                turned[b][a] = conditional[a][b] * ofColumns[b] / Math.max(TINY, ofRows[a]);
            }
        }
        return turned;
    }

    /** Holds rates of noise, which are all but the diagonal, below 1, and columns at a sum of 1. */
    private static double[][] asNoise(double[][] matrix) {
        double[][] held = new double[matrix.length][matrix.length];
        for (int i = 0; i < held.length; i++) {
            for (int j = 0; j < held.length; j++) {
                held[i][j] = i == j ? matrix[i][j] : Math.min(MOST_NOISE, Math.max(0, matrix[i][j]));
            }
        }
        return columnsOverSums(held);
    }

    private static double[][] columnsOverSums(double[][] matrix) {
        double[][] divided = new double[matrix.length][matrix.length];
        for (int j = 0; j < matrix.length; j++) {
            double sum = 0;
            for (double[] row : matrix) {
                sum += row[j];
            }
            for (int i = 0; i < matrix.length; i++) {
                divided[i][j] = matrix[i][j] / Math.max(TINY, sum);
            }
        }
        return divided;
    }
}
