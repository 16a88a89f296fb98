package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.trainer.grade.SplitStatistics.Sums;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Draws of what a split might have been, from which every figure of it takes its interval.
 *
 * <p>As for the error rate ({@link ClusterBootstrap}), an interval of a metric has the shape of a posterior ({@link
 * ClassPosterior}), which knows that a class of few drives or without any error is not a sure one, and the scale of a
 * bootstrap over drives wherever that is wider: rates are stretched by their log-odds, losses by their logarithms. Brier's
 * score and the calibration error take their interval from the bootstrap alone: percentiles with the small-sample correction
 * of {@link DriveResamples}.
 */
final class SplitResamples {
    private final SplitStatistics statistics;
    private final Sums total;
    private final Sums[] resamples;
    private final Sums[] posterior;

    private SplitResamples(SplitStatistics statistics, Sums total, Sums[] resamples, Sums[] posterior) {
        this.statistics = statistics;
        this.total = total;
        this.resamples = resamples;
        this.posterior = posterior;
    }

    /**
     * Draws.
     *
     * @param statistics of the split, which is not empty
     * @param posterior of its error rate; empty where it has too few drives for intervals
     */
    static SplitResamples of(
            Split split,
            SplitStatistics statistics,
            Optional<RatePosterior> posterior,
            ClusterBootstrap.Settings settings) {
        if (posterior.isEmpty() || statistics.drives() < Math.max(2, settings.minDrives())) {
            return new SplitResamples(statistics, statistics.total(), new Sums[0], new Sums[0]);
        }
        // A stream of its own for each split, so that more drives in one leave the others' resamples as they are.
        long seed = settings.seed() * 31 + Splits.label(split).hashCode();
        Sums[] resamples = Arrays.stream(
                        DriveResamples.sums(statistics.byDrive(), settings.replicates(), new SplittableRandom(seed)))
                .map(values -> new Sums(statistics.classes(), values))
                .toArray(Sums[]::new);
        return new SplitResamples(
                statistics,
                statistics.total(),
                resamples,
                ClassPosterior.draw(statistics, posterior.get(), resamples, seed + 1));
    }

    SplitStatistics statistics() {
        return statistics;
    }

    /** The same resamples with averages over these classes alone. */
    SplitResamples only(boolean[] classes) {
        return new SplitResamples(statistics, total.only(classes), only(resamples, classes), only(posterior, classes));
    }

    private static Sums[] only(Sums[] sums, boolean[] classes) {
        return Arrays.stream(sums).map(of -> of.only(classes)).toArray(Sums[]::new);
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

    /** What the metric may be, by draw; for splits that have intervals. */
    double[] possible(Metric metric) {
        double value = value(metric);
        double[] drawn = Arrays.stream(posterior).mapToDouble(metric::of).toArray();
        if (value == 0 || value == metric.highest()) {
            return drawn;
        }
        double stretch = Math.max(1, spreadOfResamples(metric, value) / spread(drawn));
        boolean rate = metric.highest() == 1;
        double centre = rate ? RatePosterior.logOdds(value) : Math.log(value);
        return Arrays.stream(drawn)
                .map(d -> centre + stretch * ((rate ? RatePosterior.logOdds(d) : Math.log(d)) - centre))
                .map(d -> rate ? RatePosterior.rate(d) : Math.exp(d))
                .toArray();
    }

    Optional<Interval> interval(Metric metric) {
        if (!hasIntervals()) {
            return Optional.empty();
        }
        double value = value(metric);
        Interval interval = around(value, DriveResamples.percentiles(possible(metric)), metric.highest());
        // Nothing can be below no error.
        return Optional.of(value == 0 ? new Interval(0, interval.high()) : interval);
    }

    /** Standard deviation over resamples of drives, as of independent drives of unknown mean. */
    private double spreadOfResamples(Metric metric, double value) {
        double squares = Arrays.stream(resamples)
                .mapToDouble(metric::of)
                // A resample without any of the classes says nothing else than the split itself does.
                .map(drawn -> Double.isNaN(drawn) ? 0 : (drawn - value) * (drawn - value))
                .sum();
        double drives = statistics.drives();
        return Math.sqrt(squares / resamples.length * drives / (drives - 1));
    }

    private static double spread(double[] drawn) {
        double mean = Arrays.stream(drawn).average().orElseThrow();
        return Math.sqrt(
                Arrays.stream(drawn).map(d -> (d - mean) * (d - mean)).average().orElseThrow());
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
