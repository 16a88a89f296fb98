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
 * bootstrap over drives wherever that is wider: rates are stretched by their log-odds, losses by their logarithms.
 */
final class SplitResamples {
    private static final double HIGHEST_BRIER = 2;

    private final SplitStatistics statistics;
    private final Sums total;
    private final Sums[] resamples;
    private final Sums[] posterior;

    /** By draw, what the error rate may be, 0..1. */
    private final double[] rates;

    private SplitResamples(SplitStatistics statistics, Sums total, Sums[] resamples, Sums[] posterior, double[] rates) {
        this.statistics = statistics;
        this.total = total;
        this.resamples = resamples;
        this.posterior = posterior;
        this.rates = rates;
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
            return new SplitResamples(statistics, statistics.total(), new Sums[0], new Sums[0], new double[0]);
        }
        // A stream of its own for each split, so that more drives in one leave the others' resamples as they are.
        long seed = settings.seed() * 31 + Splits.label(split).hashCode();
        Sums[] resamples = Arrays.stream(
                        DriveResamples.sums(statistics.byDrive(), settings.replicates(), new SplittableRandom(seed)))
                .map(values -> new Sums(statistics.classes(), values))
                .toArray(Sums[]::new);
        SplittableRandom ofRates = new SplittableRandom(seed + 2);
        return new SplitResamples(
                statistics,
                statistics.total(),
                resamples,
                ClassPosterior.draw(statistics, posterior.get(), resamples, seed + 1),
                Arrays.stream(resamples)
                        .mapToDouble(
                                resample -> RatePosterior.rate(posterior.get().logOddsAt(ofRates.nextDouble())))
                        .toArray());
    }

    SplitStatistics statistics() {
        return statistics;
    }

    /** The same resamples with averages over these classes alone. */
    SplitResamples only(boolean[] classes) {
        return new SplitResamples(
                statistics, total.only(classes), only(resamples, classes), only(posterior, classes), rates);
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
        return possible(metric::of, metric.highest());
    }

    private double[] possible(ToDoubleFunction<Sums> figure, double highest) {
        return possible(
                figure, highest, Arrays.stream(posterior).mapToDouble(figure).toArray());
    }

    /** Draws of a figure, stretched to the spread of the bootstrap where that is wider. */
    private double[] possible(ToDoubleFunction<Sums> figure, double highest, double[] drawn) {
        double value = figure.applyAsDouble(total);
        if (value == 0 || value == highest) {
            return drawn;
        }
        double stretch = Math.max(1, spreadOfResamples(figure, value) / spread(drawn));
        boolean rate = highest == 1;
        double centre = rate ? RatePosterior.logOdds(value) : Math.log(value);
        return Arrays.stream(drawn)
                .map(d -> centre + stretch * ((rate ? RatePosterior.logOdds(d) : Math.log(d)) - centre))
                .map(d -> rate ? RatePosterior.rate(d) : Math.exp(d))
                .toArray();
    }

    Optional<Interval> interval(Metric metric) {
        return interval(metric::of, metric.highest());
    }

    private Optional<Interval> interval(ToDoubleFunction<Sums> figure, double highest) {
        if (!hasIntervals()) {
            return Optional.empty();
        }
        double value = figure.applyAsDouble(total);
        Interval interval = DriveResamples.percentiles(possible(figure, highest));
        return Optional.of(
                new Interval(value == 0 ? 0 : Math.min(value, interval.low()), Math.max(value, interval.high()))
                        .clippedTo(0, highest));
    }

    /** Standard deviation over resamples of drives, as of independent drives of unknown mean. */
    private double spreadOfResamples(ToDoubleFunction<Sums> figure, double value) {
        double squares = Arrays.stream(resamples)
                .mapToDouble(figure)
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
     * Of the calibration error: those values of which the measured one is neither too high nor too low by chance (test
     * inversion: Carpenter 1999, <i>Test Inversion Bootstrap Confidence Intervals</i>). A sum of distances is raised by
     * chance, the more the nearer the model is to calibration, so that percentiles of resamples would miss the truth. The
     * bins' distances are taken to have the proportions that were measured, and at the upper end also those that they would
     * have with an error rate at an end of its interval: where few errors were seen, a model that looks unsure may be too
     * sure. The error rate is that of the split and not put together from those of the classes, which know too well how
     * many samples of each class there are: a class that is always wrong would leave the rate no chance.
     */
    Optional<Interval> calibrationInterval() {
        if (!hasIntervals()) {
            return Optional.empty();
        }
        double value = calibrationError();
        double[] gaps = total.calibrationGaps();
        double[] errors = total.errorsByBin();
        double rate = value(Metric.ERROR_RATE);
        double[] possible = possible(Metric.ERROR_RATE::of, Metric.ERROR_RATE.highest(), rates);
        double[][] chance = chanceOfGaps(gaps, errors, possible);
        double high = Math.max(value, measuredAs(value, gaps, chance, DriveResamples.CONFIDENCE_TAIL));
        Interval ofRate = DriveResamples.percentiles(possible.clone());
        for (double end : new double[] {ofRate.low(), ofRate.high()}) {
            double[] there = new double[gaps.length];
            Arrays.setAll(there, bin -> gaps[bin] + (end - rate) * errors[bin]);
            high = Math.max(high, Arrays.stream(there).map(Math::abs).sum());
        }
        double low = Math.max(
                measuredAs(value, gaps, chance, 1 - DriveResamples.CONFIDENCE_TAIL), leastDistance(gaps, chance));
        return Optional.of(new Interval(Math.min(value, low), high).clippedTo(0, 1));
    }

    /** The least distance between confidence and hits over all bins together, which the calibration error is not below. */
    private static double leastDistance(double[] gaps, double[][] chance) {
        double all = Arrays.stream(gaps).sum();
        Interval truth = DriveResamples.percentiles(Arrays.stream(chance)
                .mapToDouble(deviations -> all - Arrays.stream(deviations).sum())
                .toArray());
        return Math.max(0, Math.max(truth.low(), -truth.high()));
    }

    /**
     * By resample and bin, by how much the measured gap may exceed the true one by chance: errors as the error rate's interval
     * has them, all else as the bootstrap.
     */
    private double[][] chanceOfGaps(double[] gaps, double[] errors, double[] possible) {
        double stretch = DriveResamples.stretch(statistics.drives());
        double rate = value(Metric.ERROR_RATE);
        double[][] chance = new double[resamples.length][];
        for (int i = 0; i < chance.length; i++) {
            chance[i] = resamples[i].calibrationGaps();
            double more = resamples[i].errorRate() - rate;
            for (int bin = 0; bin < gaps.length; bin++) {
                chance[i][bin] = stretch * (chance[i][bin] - gaps[bin] - more * errors[bin])
                        - (possible[i] - rate) * errors[bin];
            }
        }
        return chance;
    }

    /** The calibration error of which the measured one is a quantile; 0 where it is below it even then. */
    private static double measuredAs(double value, double[] gaps, double[][] chance, double quantile) {
        double low = 0;
        double high = 2;
        if (quantileAt(0, value, gaps, chance, quantile) >= value) {
            return 0;
        }
        for (int halving = 0; halving < 30; halving++) {
            double middle = (low + high) / 2;
            if (quantileAt(middle, value, gaps, chance, quantile) < value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double quantileAt(double truth, double value, double[] gaps, double[][] chance, double quantile) {
        double scale = value > 0 ? truth / value : 0;
        double[] measured = Arrays.stream(chance)
                .mapToDouble(deviations -> {
                    double sum = 0;
                    for (int bin = 0; bin < gaps.length; bin++) {
                        sum += Math.abs(scale * gaps[bin] + deviations[bin]);
                    }
                    return sum;
                })
                .toArray();
        Interval tails = DriveResamples.percentiles(measured);
        return quantile > 0.5 ? tails.high() : tails.low();
    }

    double brier() {
        return total.brier();
    }

    Optional<Interval> brierInterval() {
        return interval(Sums::brier, HIGHEST_BRIER);
    }
}
