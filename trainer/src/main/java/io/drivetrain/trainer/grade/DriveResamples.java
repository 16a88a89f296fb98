package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * The one engine of resampling: drives of a split are drawn with replacement, as many as there are, and what is known of
 * each, being sums over its samples, is added. Any figure that is a function of such sums, such as an error rate, macro F1
 * or the mean loss, is then computed from the sums of a resample; all figures share the draws.
 *
 * <p>Resamples of few drives vary too little, and their tails are those of a normal distribution. Deviations from the
 * estimate are therefore stretched by {@code √(n/(n−1))} for n drives, times the ratio of Student's quantile with n − 1
 * degrees of freedom to the normal one (Hesterberg 2015, <i>What Teachers Should Know about the Bootstrap</i>, who widens
 * the percentiles to the same effect).
 */
final class DriveResamples {
    static final double CONFIDENCE_TAIL = 0.025;

    private static final double NORMAL_QUANTILE =
            new NormalDistribution().inverseCumulativeProbability(1 - CONFIDENCE_TAIL);

    private DriveResamples() {}

    /**
     * Draws and adds.
     *
     * @param byDrive sums over the samples of each drive; all drives have as many sums
     * @param replicates number of resamples
     * @param random decides which drives are drawn
     * @return by resample, the sums over the drives drawn
     */
    static double[][] sums(double[][] byDrive, int replicates, SplittableRandom random) {
        int drives = byDrive.length;
        int width = drives == 0 ? 0 : byDrive[0].length;
        double[][] sums = new double[replicates][width];
        int[] times = new int[drives];
        for (double[] sum : sums) {
            Arrays.fill(times, 0);
            for (int draw = 0; draw < drives; draw++) {
                times[random.nextInt(drives)]++;
            }
            for (int drive = 0; drive < drives; drive++) {
                if (times[drive] > 0) {
                    double[] added = byDrive[drive];
                    for (int i = 0; i < width; i++) {
                        sum[i] += times[drive] * added[i];
                    }
                }
            }
        }
        return sums;
    }

    /** Added over all drives, which is what the estimate is computed from. */
    static double[] total(double[][] byDrive) {
        double[] total = new double[byDrive.length == 0 ? 0 : byDrive[0].length];
        for (double[] drive : byDrive) {
            for (int i = 0; i < total.length; i++) {
                total[i] += drive[i];
            }
        }
        return total;
    }

    /** The factor by which deviations of resamples from the estimate are stretched, for at least two drives. */
    static double stretch(int drives) {
        double student = new TDistribution(drives - 1.0).inverseCumulativeProbability(1 - CONFIDENCE_TAIL);
        return Math.sqrt(drives / (drives - 1.0)) * student / NORMAL_QUANTILE;
    }

    /** The 95 % percentile interval of values, which are sorted by it. */
    static Interval percentiles(double[] values) {
        Arrays.sort(values);
        return Interval.ofDraws(values);
    }
}
