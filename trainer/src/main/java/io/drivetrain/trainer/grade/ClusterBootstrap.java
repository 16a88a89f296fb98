package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.hipparchus.random.RandomDataGenerator;

/**
 * 95 % intervals for error rates and their differences, with the drive as the unit of chance: frames of a drive are
 * near-copies of each other and would make intervals too narrow.
 *
 * <p>Shape and scale come from two sources.
 *
 * <ol>
 *   <li>The shape is the posterior of a beta-binomial model ({@link RatePosterior}), which knows that a rate near zero can
 *       hardly be lower and may well be higher, and that no error among few drives is no certainty. A bootstrap alone
 *       knows neither: every resample of a faultless split is faultless. Its place is that of the rate that was seen.
 *   <li>The scale is that of a cluster bootstrap, wherever it is larger: within each split, independently of the others,
 *       drives are drawn with replacement, and where the spread of the resampled rates, times {@code √(n/(n−1))} for n
 *       drives, exceeds that of the posterior, log-odds are stretched away from the estimate by as much. So drives that
 *       differ in ways the model does not have (some wholly wrong, the rest wholly right; hard drives that are longer)
 *       widen the interval.
 * </ol>
 *
 * <p>Differences of two splits take both posteriors as independent. What the intervals hold, and in how many simulated
 * worlds, is in docs/adr/0017, {@code IntervalCoverageTest} and {@code MetricCoverageTest}.
 */
public final class ClusterBootstrap {
    private static final double CONFIDENCE_TAIL = 0.025;

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

    /**
     * What is known of the error rate of one split: rates, ascending, with their probabilities.
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Known(double rate, double[] logOdds, double[] weights) {
        Interval interval() {
            // Nothing can be below zero errors or above errors alone.
            double low = rate == 0 ? 0 : RatePosterior.rate(RatePosterior.quantile(logOdds, weights, CONFIDENCE_TAIL));
            double high =
                    rate == 1 ? 1 : RatePosterior.rate(RatePosterior.quantile(logOdds, weights, 1 - CONFIDENCE_TAIL));
            return new Interval(Math.min(rate, low), Math.max(rate, high));
        }

        /** Of this rate minus the other. */
        Interval intervalOver(Known other) {
            double[] mine = Arrays.stream(logOdds).map(RatePosterior::rate).toArray();
            double[] theirs =
                    Arrays.stream(other.logOdds).map(RatePosterior::rate).toArray();
            int pairs = mine.length * theirs.length;
            double[] differences = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                differences[i] = mine[i / theirs.length] - theirs[i % theirs.length];
            }
            Integer[] order = new Integer[pairs];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingDouble(i -> differences[i]));
            double low = differences[order[0]];
            double high = differences[order[pairs - 1]];
            double below = 0;
            for (int i = 0; i < pairs; i++) {
                double weight = weights[order[i] / theirs.length] * other.weights[order[i] % theirs.length];
                if (below < CONFIDENCE_TAIL && below + weight >= CONFIDENCE_TAIL) {
                    low = differences[order[i]];
                }
                if (below < 1 - CONFIDENCE_TAIL && below + weight >= 1 - CONFIDENCE_TAIL) {
                    high = differences[order[i]];
                }
                below += weight;
            }
            double difference = rate - other.rate;
            return new Interval(Math.min(difference, low), Math.max(difference, high)).clippedTo(-1, 1);
        }
    }

    /**
     * Computes the intervals.
     *
     * @param splits by drive; drives in a fixed order, because it decides which is drawn
     * @param irreducible the error rate that the bias is counted from, 0..1
     */
    public static Intervals intervals(Map<Split, SplitErrors> splits, double irreducible, Settings settings) {
        return intervals(splits, posteriors(splits, settings), irreducible, settings);
    }

    /** The posteriors of the splits that have enough drives for an interval. */
    static Map<Split, RatePosterior> posteriors(Map<Split, SplitErrors> splits, Settings settings) {
        List<Split> enough = Arrays.stream(Split.values())
                .filter(split ->
                        splits.get(split) != null && splits.get(split).drives() >= Math.max(2, settings.minDrives()))
                .toList();
        List<RatePosterior> posteriors =
                RatePosterior.of(enough.stream().map(splits::get).toList());
        Map<Split, RatePosterior> bySplit = new EnumMap<>(Split.class);
        for (int i = 0; i < enough.size(); i++) {
            bySplit.put(enough.get(i), posteriors.get(i));
        }
        return bySplit;
    }

    /** The intervals that follow from the posteriors of these counts. */
    static Intervals intervals(
            Map<Split, SplitErrors> splits,
            Map<Split, RatePosterior> posteriors,
            double irreducible,
            Settings settings) {
        Map<Split, Known> known = new EnumMap<>(Split.class);
        posteriors.forEach(
                (split, posterior) -> known.put(split, known(splits.get(split), posterior, settings, split)));
        Map<Split, Optional<Interval>> rates = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            rates.put(split, Optional.ofNullable(known.get(split)).map(Known::interval));
        }
        Map<Term, Optional<Interval>> terms = new EnumMap<>(Term.class);
        for (Term term : Term.values()) {
            Optional<Known> upper = Optional.ofNullable(known.get(term.upper()));
            terms.put(
                    term,
                    term.lower().isEmpty()
                            ? upper.map(u -> u.interval().minus(irreducible))
                            : upper.flatMap(u -> Optional.ofNullable(
                                            known.get(term.lower().get()))
                                    .map(u::intervalOver)));
        }
        return new Intervals(rates, terms);
    }

    /**
     * Draws of what the error rates of parts of one split may be: a part that was seen little is thought to be like the
     * others, by and large.
     *
     * @param parts by drive, at least one with a drive
     * @param ofEach whether for figures of each part, rather than for a sum over them
     * @return by draw, then part: 0..1
     */
    public static double[][] possibleRates(List<SplitErrors> parts, boolean ofEach, int draws, long seed) {
        RatePosterior ofAll =
                RatePosterior.of(List.of(ClassPosterior.together(parts))).get(0);
        return Arrays.stream(ClassPosterior.rates(
                        parts,
                        ofAll,
                        ofEach ? ClassPosterior.OneMore.EVERYBODY : ClassPosterior.OneMore.NOBODY,
                        draws,
                        new RandomDataGenerator(seed)))
                .map(ClassPosterior.Draw::byPart)
                .toArray(double[][]::new);
    }

    private static Known known(SplitErrors split, RatePosterior posterior, Settings settings, Split which) {
        double rate = split.rate();
        double[] logOdds = posterior.logOdds();
        if (rate == 0 || rate == 1 || split.drives() == 1) {
            return new Known(rate, logOdds, posterior.weights());
        }
        double stretch = Math.max(1, spreadOfResamples(split, settings, which) / spread(posterior));
        double centre = RatePosterior.logOdds(rate);
        return new Known(
                rate,
                Arrays.stream(logOdds).map(z -> centre + stretch * (z - centre)).toArray(),
                posterior.weights());
    }

    /** Standard deviation of the rate over resamples of drives, as of independent drives of unknown mean. */
    private static double spreadOfResamples(SplitErrors split, Settings settings, Split which) {
        int drives = split.drives();
        // A stream of its own for each split, so that more drives in one split leave the others' resamples as they are.
        SplittableRandom random =
                new SplittableRandom(settings.seed() * 31 + Splits.label(which).hashCode());
        double rate = split.rate();
        double squares = 0;
        for (int i = 0; i < settings.replicates(); i++) {
            long errors = 0;
            long samples = 0;
            for (int draw = 0; draw < drives; draw++) {
                int drive = random.nextInt(drives);
                errors += split.errors()[drive];
                samples += split.samples()[drive];
            }
            squares += Math.pow(errors / (double) samples - rate, 2);
        }
        return Math.sqrt(squares / settings.replicates() * drives / (drives - 1.0));
    }

    private static double spread(RatePosterior posterior) {
        double[] rates = posterior.rates();
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < rates.length; i++) {
            mean += posterior.weights()[i] * rates[i];
            squares += posterior.weights()[i] * rates[i] * rates[i];
        }
        return Math.sqrt(squares - mean * mean);
    }
}
