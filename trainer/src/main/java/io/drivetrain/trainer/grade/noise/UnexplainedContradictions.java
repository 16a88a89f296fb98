package io.drivetrain.trainer.grade.noise;

import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Interval;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * How many labels are contradicted that the models' own doubt does not explain: contradictions that do not get rarer as the
 * models get surer.
 *
 * <p>Where a model is wrong, it is less sure; of a wrong label it knows nothing, so that it contradicts one however sure it
 * is. The share of contradicted labels at log-odds s of the most probable class is therefore taken to be {@code ε + (1 − ε)
 * · 1/(1 + exp(b·s − a))}, a psychometric function whose lapse rate ε is the share of wrong labels (Wichmann and Hill 2001,
 * <i>The psychometric function: I</i>). Slope and place are fitted, so that over- and underconfident models are judged
 * alike; a calibrated model has {@code a = 0, b = 1}, and one that is more than four times too sure is not thought of.
 * Log-odds are counted from the median of the samples that were given the same class, because a model that has learned from
 * wrong labels is less sure of the classes that have more of them.
 *
 * <p>The 95 % interval of ε is the wider, at each end, of that of the likelihood ratio and that of a bootstrap over drives.
 */
final class UnexplainedContradictions {
    private static final int BINS = 24;
    private static final int MOST_REPLICATES = 100;
    private static final double TAIL = 0.025;

    /** Half the 95 % quantile of chi-squared with one degree of freedom. */
    private static final double LIKELIHOOD_RATIO = 1.92;

    private static final double MOST_SURE = 1e-7;

    private static final double[] SHARES = shares();
    private static final double[] SLOPES = {0.25, 0.4, 0.6, 1, 1.6, 2.5, 5};
    private static final double[] PLACES =
            IntStream.rangeClosed(-6, 8).mapToDouble(i -> i / 1.5).toArray();

    /**
     * What was found.
     *
     * @param share the most likely ε, 0..1
     * @param interval 95 %; empty where there are too few drives
     */
    record Found(double share, Optional<Interval> interval) {}

    /** Logarithms of the probability that a label is contradicted, and that it is not, by share and curve, then by bin. */
    private final double[][] contradicted;

    private final double[][] agreed;

    private UnexplainedContradictions(double[] sureness) {
        int curves = SLOPES.length * PLACES.length;
        contradicted = new double[SHARES.length * curves][sureness.length];
        agreed = new double[SHARES.length * curves][sureness.length];
        for (int row = 0; row < contradicted.length; row++) {
            double share = SHARES[row / curves];
            double slope = SLOPES[row % curves / PLACES.length];
            double place = PLACES[row % PLACES.length];
            for (int bin = 0; bin < sureness.length; bin++) {
                double doubt = 1 / (1 + Math.exp(slope * sureness[bin] - place));
                double probability = Math.min(1 - MOST_SURE, Math.max(MOST_SURE, share + (1 - share) * doubt));
                contradicted[row][bin] = Math.log(probability);
                agreed[row][bin] = Math.log(1 - probability);
            }
        }
    }

    /** From 0 in equal steps of the root, which is about how surely shares are told apart. */
    private static double[] shares() {
        return IntStream.range(0, 46).mapToDouble(i -> Math.pow(i / 60.0, 2)).toArray();
    }

    /**
     * Fits.
     *
     * @param drives by sample, from 0
     */
    static Found of(NoisyLabels data, int[] driveOf, ClusterBootstrap.Settings settings) {
        int size = data.size();
        double[] sure = sureness(data);
        double[] sorted = sure.clone();
        Arrays.sort(sorted);
        double[] sums = new double[BINS];
        int[] counts = new int[BINS];
        int drives = Arrays.stream(driveOf).max().orElse(-1) + 1;
        double[][] byDrive = new double[drives][2 * BINS];
        for (int i = 0; i < size; i++) {
            int at = Arrays.binarySearch(sorted, sure[i]);
            // Equal values share the bin of the first of them.
            while (at > 0 && sorted[at - 1] == sure[i]) {
                at--;
            }
            int bin = (int) ((long) at * BINS / size);
            sums[bin] += sure[i];
            counts[bin]++;
            byDrive[driveOf[i]][2 * bin]++;
            byDrive[driveOf[i]][2 * bin + 1] += data.mostProbable(i) == data.labels()[i] ? 0 : 1;
        }
        byDrive = Arrays.stream(byDrive)
                .filter(drive -> Arrays.stream(drive).sum() > 0)
                .toArray(double[][]::new);
        UnexplainedContradictions fit = new UnexplainedContradictions(IntStream.range(0, BINS)
                .mapToDouble(bin -> counts[bin] == 0 ? 0 : sums[bin] / counts[bin])
                .toArray());
        double[] profile = fit.profile(total(byDrive));
        int best = highest(profile);
        double share = SHARES[best];
        if (byDrive.length < Math.max(2, settings.minDrives())) {
            return new Found(share, Optional.empty());
        }
        int low = best;
        while (low > 0 && profile[low - 1] >= profile[best] - LIKELIHOOD_RATIO) {
            low--;
        }
        int high = best;
        while (high < SHARES.length - 1 && profile[high + 1] >= profile[best] - LIKELIHOOD_RATIO) {
            high++;
        }
        Interval ofDrives = fit.bootstrap(byDrive, share, settings);
        return new Found(
                share,
                Optional.of(new Interval(
                        Math.min(low == 0 ? 0 : SHARES[low - 1], ofDrives.low()),
                        Math.max(SHARES[Math.min(high + 1, SHARES.length - 1)], ofDrives.high()))));
    }

    /** Log-odds of the most probable class, from the median of those that were given the same class. */
    private static double[] sureness(NoisyLabels data) {
        double[] sure = new double[data.size()];
        int[] named = new int[data.size()];
        for (int i = 0; i < sure.length; i++) {
            named[i] = data.mostProbable(i);
            double held = Math.min(1 - MOST_SURE, Math.max(MOST_SURE, data.probabilities()[i][named[i]]));
            sure[i] = Math.log(held / (1 - held));
        }
        double everywhere = median(sure);
        double[] shift = new double[data.classes()];
        for (int k = 0; k < shift.length; k++) {
            int of = k;
            double[] ofClass = IntStream.range(0, sure.length)
                    .filter(i -> named[i] == of)
                    .mapToDouble(i -> sure[i])
                    .toArray();
            shift[k] = ofClass.length == 0 ? 0 : everywhere - median(ofClass);
        }
        for (int i = 0; i < sure.length; i++) {
            sure[i] += shift[named[i]];
        }
        return sure;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private Interval bootstrap(double[][] byDrive, double share, ClusterBootstrap.Settings settings) {
        SplittableRandom random = new SplittableRandom(settings.seed());
        double[] roots = new double[Math.min(MOST_REPLICATES, settings.replicates())];
        int n = byDrive.length;
        for (int replicate = 0; replicate < roots.length; replicate++) {
            double[][] drawn = new double[n][];
            for (int i = 0; i < n; i++) {
                drawn[i] = byDrive[random.nextInt(n)];
            }
            roots[replicate] = Math.sqrt(SHARES[highest(profile(total(drawn)))]);
        }
        Arrays.sort(roots);
        double stretch =
                Math.sqrt(n / (n - 1.0)) * new TDistribution(n - 1.0).inverseCumulativeProbability(1 - TAIL) / 1.96;
        double root = Math.sqrt(share);
        double low = root + stretch * Math.min(0, roots[(int) Math.round(TAIL * (roots.length - 1))] - root);
        double high = root + stretch * Math.max(0, roots[(int) Math.round((1 - TAIL) * (roots.length - 1))] - root);
        return new Interval(Math.pow(Math.max(0, low), 2), Math.min(1, high * high));
    }

    /** By share, the highest logarithm of the likelihood over slopes and places. */
    private double[] profile(double[] counts) {
        double[] profile = new double[SHARES.length];
        Arrays.fill(profile, Double.NEGATIVE_INFINITY);
        int curves = SLOPES.length * PLACES.length;
        for (int row = 0; row < contradicted.length; row++) {
            double log = 0;
            for (int bin = 0; bin < BINS; bin++) {
                log += counts[2 * bin + 1] * contradicted[row][bin]
                        + (counts[2 * bin] - counts[2 * bin + 1]) * agreed[row][bin];
            }
            profile[row / curves] = Math.max(profile[row / curves], log);
        }
        return profile;
    }

    private static double[] total(double[][] byDrive) {
        double[] total = new double[2 * BINS];
        for (double[] drive : byDrive) {
            for (int i = 0; i < total.length; i++) {
                total[i] += drive[i];
            }
        }
        return total;
    }

    private static int highest(double[] values) {
        int highest = 0;
        for (int i = 1; i < values.length; i++) {
            highest = values[i] > values[highest] ? i : highest;
        }
        return highest;
    }
}
