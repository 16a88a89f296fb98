package io.drivetrain.trainer.grade.slice;

import io.drivetrain.trainer.grade.Interval;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * Draws of the drives of a split with replacement (cluster bootstrap), and the intervals of what was computed from them.
 * Frames of a drive are near-copies of each other, so the drive is the unit of chance.
 */
final class DriveResamples {
    private static final double TAIL = 0.025;
    private static final NormalDistribution NORMAL = new NormalDistribution();

    private final int drives;
    private final SplittableRandom random;
    private final int[] times;

    DriveResamples(int drives, long seed) {
        this.drives = drives;
        this.random = new SplittableRandom(seed);
        this.times = new int[drives];
    }

    /** How often each drive is drawn in the next resample; the array is used again. */
    int[] next() {
        Arrays.fill(times, 0);
        for (int draw = 0; draw < drives; draw++) {
            times[random.nextInt(drives)]++;
        }
        return times;
    }

    /**
     * A 95 % interval from the quantiles of resampled values. Quantiles of few clusters are too narrow, so they are moved
     * away from the value by {@code √(n/(n−1))} and by the ratio of Student's t of n−1 degrees to the normal quantile.
     *
     * @param value computed from the drives as they are
     * @param resampled the same from each resample; NaN where it is not defined, which is left out
     * @param clusters n, the drives that the value rests on
     * @param tried how many values this one was picked from: the interval has the level {@code 1 − 0.05/tried}, so that it
     *     holds the truth of the one picked, whichever that is (Bonferroni)
     * @return empty if a resample in ten is not defined, or n is below 2
     */
    static Optional<Interval> interval(double value, double[] resampled, int clusters, int tried) {
        double[] sorted =
                Arrays.stream(resampled).filter(v -> !Double.isNaN(v)).sorted().toArray();
        if (clusters < 2 || sorted.length < 0.9 * resampled.length || sorted.length == 0) {
            return Optional.empty();
        }
        double wider = widening(clusters, tried);
        Interval drawn = Interval.ofDraws(sorted);
        return Optional.of(new Interval(
                value - wider * Math.max(0, value - drawn.low()), value + wider * Math.max(0, drawn.high() - value)));
    }

    /** The 95 % interval of values that need no correction; empty if one in ten is not defined. */
    static Optional<Interval> quantiles(double[] values) {
        double[] sorted =
                Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
        return sorted.length < 0.9 * values.length || sorted.length == 0
                ? Optional.empty()
                : Optional.of(Interval.ofDraws(sorted));
    }

    /** How much wider an interval at level {@code 1 − 0.05/tried} is than one at 95 %. */
    static double widening(int tried) {
        return NORMAL.inverseCumulativeProbability(1 - TAIL / tried) / NORMAL.inverseCumulativeProbability(1 - TAIL);
    }

    /** The same for an interval of few clusters. */
    static double widening(int clusters, int tried) {
        double student = new TDistribution(clusters - 1).inverseCumulativeProbability(1 - TAIL);
        return widening(tried)
                * student
                / NORMAL.inverseCumulativeProbability(1 - TAIL)
                * Math.sqrt(clusters / (clusters - 1.0));
    }
}
