package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.trainer.grade.SplitStatistics.Sums;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * The resamples of one split, from which every figure of it takes its interval: percentiles with the small-sample
 * correction of {@link DriveResamples}.
 *
 * <p>A split without any error has resamples without any, which would be an interval of no width. For metrics that are
 * averages of errors over classes its upper end is as if all the errors that the interval of the error rate ({@link
 * ClusterBootstrap}) allows were in the rarest class: no error seen says least about that one. In the differences of two
 * splits its resamples are then those of an exponential distribution whose 97.5 % quantile is that end.
 */
final class SplitResamples {
    private final SplitStatistics statistics;
    private final Sums total;
    private final Optional<Interval> errorRate;
    private final Sums[] resamples;
    private final long seed;

    private SplitResamples(
            SplitStatistics statistics, Sums total, Optional<Interval> errorRate, Sums[] resamples, long seed) {
        this.statistics = statistics;
        this.total = total;
        this.errorRate = errorRate;
        this.resamples = resamples;
        this.seed = seed;
    }

    /**
     * Draws.
     *
     * @param statistics of the split, which is not empty
     * @param errorRate the interval of its error rate; empty where it has too few drives
     */
    static SplitResamples of(
            Split split, SplitStatistics statistics, Optional<Interval> errorRate, ClusterBootstrap.Settings settings) {
        boolean enough = statistics.drives() >= Math.max(2, settings.minDrives());
        // A stream of its own for each split, so that more drives in one leave the others' resamples as they are.
        long seed = settings.seed() * 31 + Splits.label(split).hashCode();
        double[][] drawn = enough
                ? DriveResamples.sums(statistics.byDrive(), settings.replicates(), new SplittableRandom(seed))
                : new double[0][];
        return new SplitResamples(
                statistics,
                statistics.total(),
                errorRate,
                Arrays.stream(drawn)
                        .map(values -> new Sums(statistics.classes(), values))
                        .toArray(Sums[]::new),
                seed);
    }

    SplitStatistics statistics() {
        return statistics;
    }

    /** The same resamples with averages over these classes alone. */
    SplitResamples only(boolean[] classes) {
        return new SplitResamples(
                statistics,
                total.only(classes),
                errorRate,
                Arrays.stream(resamples).map(sums -> sums.only(classes)).toArray(Sums[]::new),
                seed);
    }

    /** Whether the split has a sample of the class. */
    boolean gives(int classIndex) {
        return total.given(classIndex) > 0;
    }

    /** Whether the split has a sample of the class, or one that was taken for it. */
    boolean knows(int classIndex) {
        return total.given(classIndex) + total.predicted(classIndex) > 0;
    }

    boolean hasIntervals() {
        return resamples.length > 0;
    }

    double value(Metric metric) {
        return metric.of(total);
    }

    /** What the metric may be, by resample, stretched; for splits that have intervals. */
    double[] possible(Metric metric) {
        double value = value(metric);
        if (value == 0 && metric.highest() == 1) {
            return faultless();
        }
        double stretch = DriveResamples.stretch(statistics.drives());
        return Arrays.stream(resamples)
                .mapToDouble(metric::of)
                // A resample without any of the classes says nothing else than the split itself does.
                .map(drawn -> Double.isNaN(drawn) ? value : value + stretch * (drawn - value))
                .toArray();
    }

    Optional<Interval> interval(Metric metric) {
        if (!hasIntervals()) {
            return Optional.empty();
        }
        double value = value(metric);
        if (value == 0 && metric.highest() == 1) {
            return Optional.of(new Interval(0, faultlessEnd()));
        }
        return Optional.of(around(value, DriveResamples.percentiles(possible(metric)), metric.highest()));
    }

    private double[] faultless() {
        SplittableRandom random = new SplittableRandom(seed + 1);
        double scale = faultlessEnd() / -Math.log(DriveResamples.CONFIDENCE_TAIL);
        return Arrays.stream(resamples)
                .mapToDouble(unused -> -scale * Math.log(1 - random.nextDouble()))
                .toArray();
    }

    private double faultlessEnd() {
        double rate = errorRate.map(Interval::high).orElse(1.0);
        return Math.min(1, rate / (total.classesGiven() * total.rarestShare()));
    }

    double calibrationError() {
        return total.calibrationError();
    }

    /**
     * Of the calibration error, whose resamples are too high, as the estimate itself is, because bins of fewer distinct
     * samples lie further from the line by chance; so they are reflected at the estimate (the basic bootstrap interval).
     */
    Optional<Interval> calibrationInterval() {
        double value = calibrationError();
        return interval(value, sums -> 2 * value - sums.calibrationError(), 1);
    }

    double brier() {
        return total.brier();
    }

    Optional<Interval> brierInterval() {
        return interval(brier(), Sums::brier, 2);
    }

    private Optional<Interval> interval(double value, ToDoubleFunction<Sums> figure, double highest) {
        if (!hasIntervals()) {
            return Optional.empty();
        }
        double stretch = DriveResamples.stretch(statistics.drives());
        return Optional.of(around(
                value,
                DriveResamples.percentiles(Arrays.stream(resamples)
                        .mapToDouble(sums -> value + stretch * (figure.applyAsDouble(sums) - value))
                        .toArray()),
                highest));
    }

    private static Interval around(double value, Interval interval, double highest) {
        return new Interval(Math.min(value, interval.low()), Math.max(value, interval.high())).clippedTo(0, highest);
    }
}
