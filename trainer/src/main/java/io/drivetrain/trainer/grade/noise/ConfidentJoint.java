package io.drivetrain.trainer.grade.noise;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Counts of samples by given class (rows) and confidently true class (columns), Northcutt et al. 2021, equation 1.
 *
 * <p>A sample is confidently of a class when its probability of it reaches the class's threshold: the mean of that
 * probability over the samples labelled so. Among several such classes the most probable one counts. Thresholds of
 * their own make a class of which the model is never sure as countable as the others.
 */
public final class ConfidentJoint {
    /** No probability reaches it: what no label names, no sample can be confidently. */
    private static final double UNREACHABLE = 2;

    private static final double LEAST_THRESHOLD = 2 * NoisyLabels.EQUAL;

    private static final int BLOCK = 128;
    private static final int LANES = 8;

    /** Of a sample that is confidently of no class. */
    static final int UNSURE = -1;

    private final NoisyLabels data;
    private final double[] thresholds;
    private final int[] confident;
    private final int[][] counts;

    private ConfidentJoint(NoisyLabels data, double[] thresholds, int[] confident, int[][] counts) {
        this.data = data;
        this.thresholds = thresholds;
        this.confident = confident;
        this.counts = counts;
    }

    /** Counts; probabilities that are not a number are confident of nothing. */
    public static ConfidentJoint of(NoisyLabels data) {
        double[] thresholds = thresholds(data);
        int[] confident = new int[data.size()];
        int[][] counts = new int[data.classes()][data.classes()];
        for (int i = 0; i < confident.length; i++) {
            confident[i] = confidentClass(data, i, thresholds);
            if (confident[i] != UNSURE) {
                counts[data.labels()[i]][confident[i]]++;
            }
        }
        for (int k = 0; k < counts.length; k++) {
            // Every class has one right label at least, so that no row is without a share.
            counts[k][k] = Math.max(1, counts[k][k]);
        }
        return new ConfidentJoint(data, thresholds, confident, counts);
    }

    private static double[] thresholds(NoisyLabels data) {
        double[] sums = new double[data.classes()];
        for (int i = 0; i < data.size(); i++) {
            sums[data.labels()[i]] += data.ofGiven(i);
        }
        int[] samples = data.counts();
        double[] thresholds = new double[sums.length];
        for (int k = 0; k < sums.length; k++) {
            thresholds[k] = samples[k] == 0 ? UNREACHABLE : Math.max(LEAST_THRESHOLD, sums[k] / samples[k]);
        }
        return thresholds;
    }

    private static int confidentClass(NoisyLabels data, int sample, double[] thresholds) {
        int found = UNSURE;
        for (int k = 0; k < thresholds.length; k++) {
            if (data.probabilities()[sample][k] >= thresholds[k] - NoisyLabels.EQUAL) {
                if (found != UNSURE) {
                    return data.mostProbable(sample);
                }
                found = k;
            }
        }
        return found;
    }

    /** By class: the probability from which a sample is confidently of it; 2 for a class that no label names. */
    public double[] thresholds() {
        return thresholds.clone();
    }

    /** {@code classes × classes}, at least 1 on the diagonal. */
    public int[][] counts() {
        return copy(counts);
    }

    /** Confidently true class of a sample, or {@link #UNSURE}. */
    int confident(int sample) {
        return confident[sample];
    }

    /** Samples that are confidently of another class than the given one, ascending. */
    public int[] offDiagonal() {
        return IntStream.range(0, confident.length)
                .filter(i -> confident[i] != UNSURE && confident[i] != data.labels()[i])
                .toArray();
    }

    /** The counts, scaled so that each row has as many samples as are labelled so; whole numbers. */
    public int[][] calibrated() {
        int[] samples = data.counts();
        int classes = samples.length;
        double[][] scaled = new double[classes][classes];
        for (int given = 0; given < classes; given++) {
            int row = Arrays.stream(counts[given]).sum();
            for (int real = 0; real < classes; real++) {
                scaled[given][real] = counts[given][real] / (double) row * samples[given];
            }
        }
        double[] all = Arrays.stream(scaled).flatMapToDouble(Arrays::stream).toArray();
        double total = sum(all, 0, all.length);
        int[][] rounded = new int[classes][];
        for (int given = 0; given < classes; given++) {
            for (int real = 0; real < classes; real++) {
                scaled[given][real] = scaled[given][real] / total * data.size();
            }
            rounded[given] = roundedKeepingSum(scaled[given]);
        }
        return rounded;
    }

    /** Share of all samples by given and true class; sums to 1. */
    public double[][] joint() {
        int[][] calibrated = calibrated();
        int total = Arrays.stream(calibrated).flatMapToInt(Arrays::stream).sum();
        double[][] joint = new double[calibrated.length][calibrated.length];
        for (int given = 0; given < joint.length; given++) {
            for (int real = 0; real < joint.length; real++) {
                joint[given][real] = calibrated[given][real] / (double) total;
            }
        }
        return joint;
    }

    /**
     * Number of wrong labels: samples confidently of another class that is also more probable than the given one. A
     * lower figure than {@link #calibratedIssues()}, which also counts among the samples of which nothing is sure.
     */
    public int issues() {
        return (int) Arrays.stream(offDiagonal()).filter(i -> !data.agrees(i)).count();
    }

    /** Number of wrong labels, as the calibrated counts have them off the diagonal. */
    public int calibratedIssues() {
        double[][] joint = joint();
        double right = 0;
        for (int k = 0; k < joint.length; k++) {
            right += joint[k][k];
        }
        return (int) Math.rint((1 - right) * data.size());
    }

    /** In pairs, as numpy does, because the last bit of the sum decides which halves are rounded up. */
    private static double sum(double[] values, int from, int count) {
        if (count > BLOCK) {
            int half = count / 2 - count / 2 % LANES;
            return sum(values, from, half) + sum(values, from + half, count - half);
        }
        if (count < LANES) {
            double sum = 0;
            for (int i = from; i < from + count; i++) {
                sum += values[i];
            }
            return sum;
        }
        double[] lanes = Arrays.copyOfRange(values, from, from + LANES);
        int whole = count - count % LANES;
        for (int i = LANES; i < whole; i++) {
            lanes[i % LANES] += values[from + i];
        }
        double sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        for (int i = whole; i < count; i++) {
            sum += values[from + i];
        }
        return sum;
    }

    /** Rounds half to even, then moves those nearest to the next whole number until the sum is kept. */
    static int[] roundedKeepingSum(double[] values) {
        int[] rounded = new int[values.length];
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (int) Math.rint(values[i]);
            sum += values[i];
        }
        int missing = (int) Math.rint(sum) - Arrays.stream(rounded).sum();
        while (missing != 0) {
            int step = Integer.signum(missing);
            int changes = Math.min(Math.abs(missing), values.length);
            int[] before = rounded.clone();
            Integer[] order = new Integer[values.length];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingDouble(i -> values[i] - before[i]));
            for (int i = 0; i < changes; i++) {
                rounded[order[step > 0 ? order.length - 1 - i : i]] += step;
            }
            missing -= step * changes;
        }
        return rounded;
    }

    private static int[][] copy(int[][] matrix) {
        return Arrays.stream(matrix).map(int[]::clone).toArray(int[][]::new);
    }
}
