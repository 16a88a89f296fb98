package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * 95 % intervals for error rates and their differences, with the drive as the unit of chance: frames of a drive are
 * near-copies of each other and would make intervals too narrow.
 *
 * <p>Each interval is the hull of two.
 *
 * <ol>
 *   <li>The percentile interval of a cluster bootstrap: within each split, independently of the others, drives are drawn
 *       with replacement, and one set of resamples serves all rates and terms. Percentile intervals of few units are too
 *       narrow; the deviations from the estimate are therefore stretched by {@code t/z · √(n/(n−1))} with the quantiles
 *       of Student's t with n−1 degrees of freedom and of the normal distribution (Hesterberg 2015, <i>What Teachers
 *       Should Know About the Bootstrap</i>, on narrowness bias), n being the split's drives.
 *   <li>A Wilson score interval at the effective number of samples, {@code samples / (1 + (m−1)ρ) · (z/t)²} with m the
 *       size-weighted mean number of samples of a drive (Korn and Graubard 1998; Kish's design effect); differences of
 *       two rates combine the two intervals after Newcombe 1998 (method 10). This is the floor: where a split has no or
 *       hardly any errors, every resample looks alike and the bootstrap alone would claim certainty.
 * </ol>
 *
 * <p>The correlation ρ of errors within a drive is the analysis-of-variance estimate, pooled over the splits in
 * proportion to their drives with errors, and drawn towards 1 with the weight of one such drive. So with no error
 * anywhere a drive counts as one observation, and the upper limit is near the rule of three over drives.
 */
public final class ClusterBootstrap {
    private static final double CONFIDENCE_TAIL = 0.025;
    private static final double Z = new NormalDistribution(0, 1).inverseCumulativeProbability(1 - CONFIDENCE_TAIL);

    private ClusterBootstrap() {}

    /**
     * How the intervals are made.
     *
     * @param replicates resamples of each split, at least 1
     * @param minDrives a split with fewer drives has no interval, and no term that it is in has one; at least 2
     * @param seed same seed and counts, same intervals
     */
    public record Settings(int replicates, int minDrives, long seed) {}

    /**
     * The intervals of the four error rates, in 0..1, and of the four terms, in −1..1; empty where a split has too few
     * drives.
     */
    public record Intervals(Map<Split, Optional<Interval>> rates, Map<Term, Optional<Interval>> terms) {
        public Optional<Interval> of(Split split) {
            return rates.get(split);
        }

        public Optional<Interval> of(Term term) {
            return terms.get(term);
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Resampled(double rate, double[] replicates, Interval floor) {
        Interval interval() {
            return percentiles(replicates).hull(floor).clippedTo(0, 1);
        }

        /** Of this rate minus the other. */
        Interval intervalOver(Resampled other) {
            double[] differences = new double[replicates.length];
            for (int i = 0; i < differences.length; i++) {
                differences[i] = replicates[i] - other.replicates[i];
            }
            double difference = rate - other.rate;
            Interval newcombe = new Interval(
                    difference - Math.hypot(rate - floor.low(), other.floor.high() - other.rate),
                    difference + Math.hypot(floor.high() - rate, other.rate - other.floor.low()));
            return percentiles(differences).hull(newcombe).clippedTo(-1, 1);
        }
    }

    /**
     * Computes the intervals.
     *
     * @param splits by drive; drives in a fixed order, because it decides which is drawn
     * @param irreducible the error rate that the bias is counted from, 0..1
     */
    public static Intervals intervals(Map<Split, SplitErrors> splits, double irreducible, Settings settings) {
        double correlation = correlationWithinDrives(splits);
        Map<Split, Optional<Resampled>> resampled = new EnumMap<>(Split.class);
        Map<Split, Optional<Interval>> rates = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitErrors errors = splits.get(split);
            Optional<Resampled> one = errors == null || errors.drives() < Math.max(2, settings.minDrives())
                    ? Optional.empty()
                    : Optional.of(resample(errors, correlation, settings, split));
            resampled.put(split, one);
            rates.put(split, one.map(Resampled::interval));
        }
        Map<Term, Optional<Interval>> terms = new EnumMap<>(Term.class);
        for (Term term : Term.values()) {
            Optional<Resampled> upper = resampled.get(term.upper());
            terms.put(
                    term,
                    term.lower().isEmpty()
                            ? upper.map(u -> u.interval().minus(irreducible))
                            : upper.flatMap(
                                    u -> resampled.get(term.lower().get()).map(u::intervalOver)));
        }
        return new Intervals(rates, terms);
    }

    private static Resampled resample(SplitErrors split, double correlation, Settings settings, Split which) {
        int drives = split.drives();
        double t = new TDistribution(drives - 1).inverseCumulativeProbability(1 - CONFIDENCE_TAIL);
        double stretch = t / Z * Math.sqrt(drives / (drives - 1.0));
        // A stream of its own for each split, so that more drives in one split leave the others' resamples as they are.
        SplittableRandom random =
                new SplittableRandom(settings.seed() * 31 + Splits.label(which).hashCode());
        double rate = split.rate();
        double[] replicates = new double[settings.replicates()];
        for (int i = 0; i < replicates.length; i++) {
            long errors = 0;
            long samples = 0;
            for (int draw = 0; draw < drives; draw++) {
                int drive = random.nextInt(drives);
                errors += split.errors()[drive];
                samples += split.samples()[drive];
            }
            replicates[i] = rate + stretch * (errors / (double) samples - rate);
        }
        double total = split.sampleCount();
        double squares =
                Arrays.stream(split.samples()).mapToDouble(m -> (double) m * m).sum();
        double designEffect = 1 + (squares / total - 1) * correlation;
        double effective = total / designEffect * (Z / t) * (Z / t);
        return new Resampled(rate, replicates, wilson(rate, effective));
    }

    /** The Wilson score interval of a rate seen in {@code n} independent observations, n need not be whole. */
    static Interval wilson(double rate, double n) {
        double z2 = Z * Z / n;
        double centre = (rate + z2 / 2) / (1 + z2);
        double half = Z / (1 + z2) * Math.sqrt(rate * (1 - rate) / n + z2 / (4 * n));
        // Rounding must not put a rate of 0 or 1 outside of its own interval.
        return new Interval(Math.min(rate, centre - half), Math.max(rate, centre + half)).clippedTo(0, 1);
    }

    /** Pooled correlation of errors within drives, 0..1; 1 when there is no error to estimate it from. */
    static double correlationWithinDrives(Map<Split, SplitErrors> splits) {
        double weighted = 1;
        double weights = 1;
        for (SplitErrors split : splits.values()) {
            long samples = split.sampleCount();
            int drives = split.drives();
            long errors = split.errorCount();
            if (drives < 2 || samples == drives || errors == 0 || errors == samples) {
                continue;
            }
            int weight = split.drivesWithErrors();
            weighted += weight * correlation(split, drives, samples);
            weights += weight;
        }
        return weighted / weights;
    }

    private static double correlation(SplitErrors split, int drives, long samples) {
        double rate = split.rate();
        double between = 0;
        double within = 0;
        double squares = 0;
        for (int drive = 0; drive < drives; drive++) {
            double m = split.samples()[drive];
            double p = split.errors()[drive] / m;
            between += m * (p - rate) * (p - rate);
            within += m * p * (1 - p);
            squares += m * m;
        }
        between /= drives - 1;
        within /= samples - drives;
        double size = (samples - squares / samples) / (drives - 1);
        double denominator = between + (size - 1) * within;
        return denominator <= 0 ? 0 : Math.max(0, Math.min(1, (between - within) / denominator));
    }

    private static Interval percentiles(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Interval(quantile(sorted, CONFIDENCE_TAIL), quantile(sorted, 1 - CONFIDENCE_TAIL));
    }

    /** Linear interpolation between order statistics (Hyndman and Fan's type 7). */
    static double quantile(double[] sorted, double probability) {
        double position = probability * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
