package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;

/**
 * Ridge regression of class indicators on standardised features: the linear baseline, and the means by which images and
 * labels are seen to belong together. The penalty equals the number of samples, so that directions with less than one
 * feature's variance count little.
 */
final class LinearModel {
    private static final int FOLDS = 5;

    private final double[] mean;
    private final double[] deviation;
    private final RealMatrix weights;

    private LinearModel(double[] mean, double[] deviation, RealMatrix weights) {
        this.mean = mean;
        this.deviation = deviation;
        this.weights = weights;
    }

    /**
     * Association of features and labels.
     *
     * @param strength sum over classes of the correlation between out-of-fold score and class
     * @param spread standard deviation of the strength of permuted labels
     * @param pValue of a permutation test: how often permuted labels are as strong
     * @param error share of samples whose out-of-fold class is wrong
     * @param samples that took part
     */
    record Association(double strength, double spread, double pValue, double error, int samples) {}

    static LinearModel fit(double[][] features, int[] labels, int classes) {
        double[] mean = new double[features[0].length];
        double[] deviation = new double[mean.length];
        standard(features, mean, deviation);
        RealMatrix x = MatrixUtils.createRealMatrix(standardised(features, mean, deviation));
        RealMatrix y = MatrixUtils.createRealMatrix(centred(indicators(labels, classes)));
        return new LinearModel(mean, deviation, inverse(x).solve(x.transpose().multiply(y)));
    }

    /** A score for each class, a row for each sample. */
    double[][] scores(double[][] features) {
        return MatrixUtils.createRealMatrix(standardised(features, mean, deviation))
                .multiply(weights)
                .getData();
    }

    /** Scores of each sample by a model of the other folds. */
    static double[][] outOfFold(double[][] features, int[] labels, int classes, int[] fold)
            throws InterruptedException {
        double[][] scores = new double[labels.length][classes];
        for (int f = 0; f < FOLDS; f++) {
            Interruption.check();
            int here = f;
            int[] inside =
                    IntStream.range(0, fold.length).filter(i -> fold[i] != here).toArray();
            int[] outside =
                    IntStream.range(0, fold.length).filter(i -> fold[i] == here).toArray();
            if (inside.length > 0 && outside.length > 0) {
                LinearModel model = fit(
                        Arrays.stream(inside).mapToObj(i -> features[i]).toArray(double[][]::new),
                        Arrays.stream(inside).map(i -> labels[i]).toArray(),
                        classes);
                double[][] predicted = model.scores(
                        Arrays.stream(outside).mapToObj(i -> features[i]).toArray(double[][]::new));
                for (int i = 0; i < outside.length; i++) {
                    scores[outside[i]] = predicted[i];
                }
            }
        }
        return scores;
    }

    /** A fold for each sample, so that neighbours in a drive are in different ones. */
    static int[] foldsBySample(int samples, long seed) {
        return Arrays.stream(shuffled(samples, new Random(seed)))
                .map(place -> place % FOLDS)
                .toArray();
    }

    /**
     * A fold for each drive, given for each sample.
     *
     * @param drives of the samples, from 0
     */
    static int[] foldsByDrive(int[] drives, long seed) {
        int distinct = Arrays.stream(drives).max().orElse(0) + 1;
        int[] foldOfDrive = shuffled(distinct, new Random(seed));
        int[] fold = new int[drives.length];
        for (int i = 0; i < fold.length; i++) {
            // A single drive cannot be kept apart from itself.
            fold[i] = distinct >= FOLDS ? foldOfDrive[drives[i]] % FOLDS : i * FOLDS / fold.length;
        }
        return fold;
    }

    /**
     * Cross-validates over folds and compares with permuted labels.
     *
     * @param fold of each sample, from 0
     * @param permutations 0 for the error alone
     */
    static Association associate(
            double[][] features, int[] labels, int classes, int[] fold, int permutations, long seed)
            throws InterruptedException {
        return associate(
                features, labels, classes, fold, permutations, seed, random -> shuffled(labels.length, random));
    }

    /**
     * The same over folds by drive, against drives that carry the labels of one another.
     *
     * @param drives of the samples, from 0
     */
    static Association associateByDrive(
            double[][] features, int[] labels, int classes, int[] drives, int permutations, long seed)
            throws InterruptedException {
        int[][] members = new int[Arrays.stream(drives).max().orElse(0) + 1][];
        for (int drive = 0; drive < members.length; drive++) {
            int here = drive;
            members[drive] = IntStream.range(0, drives.length)
                    .filter(i -> drives[i] == here)
                    .toArray();
        }
        return associate(features, labels, classes, foldsByDrive(drives, seed), permutations, seed, random -> {
            int[] other = shuffled(members.length, random);
            int[] order = new int[drives.length];
            for (int drive = 0; drive < members.length; drive++) {
                int[] from = members[other[drive]];
                for (int i = 0; i < members[drive].length; i++) {
                    order[members[drive][i]] = from[i % from.length];
                }
            }
            return order;
        });
    }

    private static Association associate(
            double[][] features,
            int[] labels,
            int classes,
            int[] fold,
            int permutations,
            long seed,
            Function<Random, int[]> permuting)
            throws InterruptedException {
        double[] mean = new double[features[0].length];
        double[] deviation = new double[mean.length];
        standard(features, mean, deviation);
        double[][] all = standardised(features, mean, deviation);
        int n = all.length;
        int[][] inside = new int[FOLDS][];
        int[][] outside = new int[FOLDS][];
        RealMatrix[] smoothers = new RealMatrix[FOLDS];
        for (int f = 0; f < FOLDS; f++) {
            Interruption.check();
            int here = f;
            inside[f] = IntStream.range(0, n).filter(i -> fold[i] != here).toArray();
            outside[f] = IntStream.range(0, n).filter(i -> fold[i] == here).toArray();
            if (inside[f].length > 0 && outside[f].length > 0) {
                RealMatrix x = rows(all, inside[f]);
                smoothers[f] = rows(all, outside[f]).multiply(inverse(x).solve(x.transpose()));
            }
        }
        double[][] scores = scores(smoothers, inside, outside, labels, classes);
        double strength = strength(scores, labels, classes);
        int wrong = 0;
        for (int i = 0; i < n; i++) {
            wrong += largest(scores[i], labels, classes) == labels[i] ? 0 : 1;
        }
        Random random = new Random(seed + 1);
        int asStrong = 0;
        Affine.Sums byChance = new Affine.Sums();
        for (int p = 0; p < permutations; p++) {
            Interruption.check();
            int[] order = permuting.apply(random);
            int[] permuted = Arrays.stream(order).map(i -> labels[i]).toArray();
            double chance = strength(scores(smoothers, inside, outside, permuted, classes), permuted, classes);
            byChance.add(0, chance);
            asStrong += chance >= strength ? 1 : 0;
        }
        return new Association(
                strength,
                permutations > 0 ? byChance.deviationY() : 0,
                (1.0 + asStrong) / (1.0 + permutations),
                (double) wrong / n,
                n);
    }

    /** Correlation of each score with each class: {@code [class][score]}, 0 where either never varies. */
    static double[][] correlations(double[][] scores, int[] labels, int classes) {
        double[][] result = new double[classes][classes];
        for (int label = 0; label < classes; label++) {
            for (int score = 0; score < classes; score++) {
                Affine.Sums sums = new Affine.Sums();
                for (int i = 0; i < labels.length; i++) {
                    sums.add(labels[i] == label ? 1 : 0, scores[i][score]);
                }
                Affine line = sums.line();
                result[label][score] = Double.isNaN(line.determination())
                        ? 0
                        : Math.signum(line.slope()) * Math.sqrt(line.determination());
            }
        }
        return result;
    }

    private static double strength(double[][] scores, int[] labels, int classes) {
        double[][] correlations = correlations(scores, labels, classes);
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            sum += correlations[k][k];
        }
        return sum;
    }

    private static double[][] scores(
            RealMatrix[] smoothers, int[][] inside, int[][] outside, int[] labels, int classes) {
        double[][] scores = new double[labels.length][classes];
        for (int f = 0; f < smoothers.length; f++) {
            if (smoothers[f] != null) {
                int[] known = Arrays.stream(inside[f]).map(i -> labels[i]).toArray();
                double[][] y = centred(indicators(known, classes));
                double[][] predicted =
                        smoothers[f].multiply(MatrixUtils.createRealMatrix(y)).getData();
                for (int i = 0; i < predicted.length; i++) {
                    scores[outside[f][i]] = predicted[i];
                }
            }
        }
        return scores;
    }

    /** Class of the largest score plus its frequency, which centring took away. */
    private static int largest(double[] scores, int[] labels, int classes) {
        double[] frequency = new double[classes];
        for (int label : labels) {
            frequency[label] += 1.0 / labels.length;
        }
        int best = 0;
        for (int k = 1; k < classes; k++) {
            if (scores[k] + frequency[k] > scores[best] + frequency[best]) {
                best = k;
            }
        }
        return best;
    }

    private static org.hipparchus.linear.DecompositionSolver inverse(RealMatrix x) {
        RealMatrix gram = x.transpose().multiply(x);
        for (int i = 0; i < gram.getRowDimension(); i++) {
            gram.addToEntry(i, i, x.getRowDimension());
        }
        return new CholeskyDecomposition(gram, 1e-6, 1e-12).getSolver();
    }

    private static RealMatrix rows(double[][] all, int[] indices) {
        double[][] some = new double[indices.length][];
        for (int i = 0; i < indices.length; i++) {
            some[i] = all[indices[i]];
        }
        return MatrixUtils.createRealMatrix(some);
    }

    private static double[][] indicators(int[] labels, int classes) {
        double[][] y = new double[labels.length][classes];
        for (int i = 0; i < labels.length; i++) {
            y[i][labels[i]] = 1;
        }
        return y;
    }

    private static double[][] centred(double[][] y) {
        for (int column = 0; column < y[0].length; column++) {
            double sum = 0;
            for (double[] row : y) {
                sum += row[column];
            }
            for (double[] row : y) {
                row[column] -= sum / y.length;
            }
        }
        return y;
    }

    private static void standard(double[][] features, double[] mean, double[] deviation) {
        for (int column = 0; column < mean.length; column++) {
            double sum = 0;
            for (double[] row : features) {
                sum += row[column];
            }
            mean[column] = sum / features.length;
            double squares = 0;
            for (double[] row : features) {
                squares += (row[column] - mean[column]) * (row[column] - mean[column]);
            }
            double spread = Math.sqrt(squares / features.length);
            deviation[column] = spread > 1e-9 ? spread : 1;
        }
    }

    private static double[][] standardised(double[][] features, double[] mean, double[] deviation) {
        double[][] result = new double[features.length][mean.length];
        for (int row = 0; row < features.length; row++) {
            for (int column = 0; column < mean.length; column++) {
                result[row][column] = (features[row][column] - mean[column]) / deviation[column];
            }
        }
        return result;
    }

    static int[] shuffled(int size, Random random) {
        int[] order = IntStream.range(0, size).toArray();
        for (int i = size - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }
}
