package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.hipparchus.linear.CholeskyDecomposition;
import org.hipparchus.linear.MatrixUtils;

/**
 * Ridge regression of class indicators on standardised features: the linear baseline, and the means by which images and
 * labels are seen to belong together. The penalty equals the number of samples, so that directions with less than one
 * feature's variance count little.
 */
final class LinearModel {
    private static final int FOLDS = 5;

    private final double[] mean;
    private final double[] deviation;
    private final double[][] weights;

    private LinearModel(double[] mean, double[] deviation, double[][] weights) {
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
        double[][] x = standardised(features, mean, deviation);
        double[][] y = centred(indicators(labels, classes));
        double[][] target = new double[mean.length][classes];
        for (int row = 0; row < x.length; row++) {
            addOuter(target, x[row], y[row]);
        }
        return new LinearModel(mean, deviation, solve(gram(x), x.length, target));
    }

    /** A score for each class, a row for each sample. */
    double[][] scores(double[][] features) {
        return product(standardised(features, mean, deviation), weights);
    }

    /** Scores of each sample by a model of the other folds. */
    static double[][] outOfFold(double[][] features, int[] labels, int classes, int[] fold)
            throws InterruptedException {
        double[][] scores = new double[labels.length][classes];
        Parallel.each(FOLDS, here -> {
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
        });
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

    /** Standardised features, a row for each sample, and their products: what cross-validations over other folds share. */
    // Arrays, because they are multiplied, and nobody compares them.
    @SuppressWarnings("ArrayRecordComponent")
    record Design(double[][] rows, double[][] gram) {
        static Design of(double[][] features) {
            double[] mean = new double[features[0].length];
            double[] deviation = new double[mean.length];
            standard(features, mean, deviation);
            double[][] rows = standardised(features, mean, deviation);
            return new Design(rows, LinearModel.gram(rows));
        }
    }

    /**
     * Cross-validates over folds and compares with permuted labels.
     *
     * @param fold of each sample, from 0
     * @param permutations 0 for the error alone
     */
    static Association associate(Design design, int[] labels, int classes, int[] fold, int permutations, long seed)
            throws InterruptedException {
        return associate(design, labels, classes, fold, permutations, seed, random -> shuffled(labels.length, random));
    }

    /**
     * The same over folds by drive, against drives that carry the labels of one another.
     *
     * @param drives of the samples, from 0
     */
    static Association associateByDrive(
            Design design, int[] labels, int classes, int[] drives, int permutations, long seed)
            throws InterruptedException {
        int[][] members = new int[Arrays.stream(drives).max().orElse(0) + 1][];
        for (int drive = 0; drive < members.length; drive++) {
            int here = drive;
            members[drive] = IntStream.range(0, drives.length)
                    .filter(i -> drives[i] == here)
                    .toArray();
        }
        return associate(design, labels, classes, foldsByDrive(drives, seed), permutations, seed, random -> {
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
            Design design,
            int[] labels,
            int classes,
            int[] fold,
            int permutations,
            long seed,
            Function<Random, int[]> permuting)
            throws InterruptedException {
        double[][] all = design.rows();
        int n = all.length;
        int[][] inside = new int[FOLDS][];
        int[][] outside = new int[FOLDS][];
        float[][][] smoothers = new float[FOLDS][][];
        for (int f = 0; f < FOLDS; f++) {
            Interruption.check();
            int here = f;
            inside[f] = IntStream.range(0, n).filter(i -> fold[i] != here).toArray();
            outside[f] = IntStream.range(0, n).filter(i -> fold[i] == here).toArray();
            if (inside[f].length > 0 && outside[f].length > 0) {
                smoothers[f] = smoother(design, inside[f], outside[f]);
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
                result[label][score] = correlation(scores, labels, label, score);
            }
        }
        return result;
    }

    private static double strength(double[][] scores, int[] labels, int classes) {
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            sum += correlation(scores, labels, k, k);
        }
        return sum;
    }

    private static double correlation(double[][] scores, int[] labels, int label, int score) {
        Affine.Sums sums = new Affine.Sums();
        for (int i = 0; i < labels.length; i++) {
            sums.add(labels[i] == label ? 1 : 0, scores[i][score]);
        }
        Affine line = sums.line();
        return Double.isNaN(line.determination()) ? 0 : Math.signum(line.slope()) * Math.sqrt(line.determination());
    }

    /**
     * What the label of each sample inside adds to the score of each outside, a row for each inside; in floats, since it is
     * summed up hundreds of times, and permuted labels differ by far more than these round.
     */
    private static float[][] smoother(Design design, int[] inside, int[] outside) {
        double[][] all = design.rows();
        double[][] gram = Arrays.stream(design.gram()).map(double[]::clone).toArray(double[][]::new);
        double[][] asked = new double[gram.length][outside.length];
        for (int i = 0; i < outside.length; i++) {
            addSquare(gram, all[outside[i]], -1);
            for (int feature = 0; feature < asked.length; feature++) {
                asked[feature][i] = all[outside[i]][feature];
            }
        }
        double[][] known = Arrays.stream(inside).mapToObj(i -> all[i]).toArray(double[][]::new);
        return floats(product(known, solve(mirrored(gram), inside.length, asked)));
    }

    private static double[][] scores(
            float[][][] smoothers, int[][] inside, int[][] outside, int[] labels, int classes) {
        double[][] scores = new double[labels.length][classes];
        for (int f = 0; f < smoothers.length; f++) {
            if (smoothers[f] == null) {
                continue;
            }
            // An indicator is 1 or 0, so that each sample's share is added to its own class alone; that of all is
            // taken off by frequency, since indicators are centred.
            float[][] ofClass = new float[classes][outside[f].length];
            double[] frequency = new double[classes];
            for (int i = 0; i < inside[f].length; i++) {
                int label = labels[inside[f][i]];
                addTo(ofClass[label], smoothers[f][i]);
                frequency[label] += 1.0 / inside[f].length;
            }
            for (int i = 0; i < outside[f].length; i++) {
                double sum = 0;
                for (float[] one : ofClass) {
                    sum += one[i];
                }
                for (int k = 0; k < classes; k++) {
                    scores[outside[f][i]][k] = ofClass[k][i] - frequency[k] * sum;
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

    /** Solves with the penalty on the diagonal. */
    private static double[][] solve(double[][] gram, double penalty, double[][] right) {
        for (int i = 0; i < gram.length; i++) {
            gram[i][i] += penalty;
        }
        double[][] upper = new CholeskyDecomposition(MatrixUtils.createRealMatrix(gram), 1e-6, 1e-12)
                .getLT()
                .getData();
        // By rows of all right sides, which the library's own solver takes column by column.
        double[][] x = Arrays.stream(right).map(double[]::clone).toArray(double[][]::new);
        for (int j = 0; j < x.length; j++) {
            divide(x[j], upper[j][j]);
            for (int i = j + 1; i < x.length; i++) {
                addTo(x[i], x[j], -upper[j][i]);
            }
        }
        for (int j = x.length - 1; j >= 0; j--) {
            divide(x[j], upper[j][j]);
            for (int i = 0; i < j; i++) {
                addTo(x[i], x[j], -upper[i][j]);
            }
        }
        return x;
    }

    private static void divide(double[] values, double divisor) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= divisor;
        }
    }

    /** By columns, since loops over all rows are long, and those over the rest of a row too short for the processor's vectors. */
    private static double[][] gram(double[][] x) {
        double[][] columns = new double[x[0].length][x.length];
        for (int row = 0; row < x.length; row++) {
            for (int column = 0; column < columns.length; column++) {
                columns[column][row] = x[row][column];
            }
        }
        double[][] gram = new double[columns.length][columns.length];
        for (int i = 0; i < gram.length; i++) {
            for (int j = i; j < gram.length; j++) {
                gram[i][j] = product(columns[i], columns[j]);
            }
        }
        return mirrored(gram);
    }

    /** Four sums side by side, none of which waits for another. */
    private static double product(double[] one, double[] two) {
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        int i = 0;
        for (; i + 3 < one.length; i += 4) {
            first += one[i] * two[i];
            second += one[i + 1] * two[i + 1];
            third += one[i + 2] * two[i + 2];
            fourth += one[i + 3] * two[i + 3];
        }
        for (; i < one.length; i++) {
            first += one[i] * two[i];
        }
        return first + second + (third + fourth);
    }

    /** Adds to the upper half alone. */
    private static void addSquare(double[][] sum, double[] one, double sign) {
        for (int i = 0; i < one.length; i++) {
            double times = sign * one[i];
            double[] row = sum[i];
            for (int j = i; j < one.length; j++) {
                row[j] += times * one[j];
            }
        }
    }

    /** The lower half from the upper. */
    private static double[][] mirrored(double[][] square) {
        for (int i = 0; i < square.length; i++) {
            for (int j = 0; j < i; j++) {
                square[i][j] = square[j][i];
            }
        }
        return square;
    }

    private static double[][] product(double[][] one, double[][] two) {
        double[][] product = new double[one.length][two[0].length];
        for (int row = 0; row < one.length; row++) {
            int k = 0;
            for (; k + 3 < two.length; k += 4) {
                addTo(product[row], two, k, one[row]);
            }
            for (; k < two.length; k++) {
                addTo(product[row], two[k], one[row][k]);
            }
        }
        return product;
    }

    private static void addOuter(double[][] sum, double[] one, double[] two) {
        for (int i = 0; i < one.length; i++) {
            addTo(sum[i], two, one[i]);
        }
    }

    /** Four rows at a time, so that the sum is fetched and stored a quarter as often. */
    private static void addTo(double[] sum, double[][] rows, int from, double[] times) {
        double[] first = rows[from];
        double[] second = rows[from + 1];
        double[] third = rows[from + 2];
        double[] fourth = rows[from + 3];
        double byFirst = times[from];
        double bySecond = times[from + 1];
        double byThird = times[from + 2];
        double byFourth = times[from + 3];
        for (int i = 0; i < sum.length; i++) {
            sum[i] += byFirst * first[i] + bySecond * second[i] + (byThird * third[i] + byFourth * fourth[i]);
        }
    }

    /** A loop that becomes one of vectors. */
    private static void addTo(float[] sum, float[] values) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += values[i];
        }
    }

    private static float[][] floats(double[][] rows) {
        float[][] floats = new float[rows.length][rows[0].length];
        for (int row = 0; row < rows.length; row++) {
            for (int i = 0; i < floats[row].length; i++) {
                floats[row][i] = (float) rows[row][i];
            }
        }
        return floats;
    }

    /** A loop that becomes one of vectors. */
    private static void addTo(double[] sum, double[] values, double times) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += times * values[i];
        }
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
