package io.drivetrain.trainer.grade;

import io.drivetrain.trainer.grade.PromotionDecision.KeepChallenger;
import io.drivetrain.trainer.grade.PromotionDecision.Promote;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * Decides whether a candidate takes the champion's place: only if it is not worse on the same test-dev samples, as a whole
 * and in every slice.
 *
 * <ol>
 *   <li>Worse as a whole: the 95 % interval of the paired cluster bootstrap lies above zero.
 *   <li>Worse in a slice: the paired difference there is significant after Holm's correction for all slices compared, at
 *       5 % in all (Holm 1979, <i>A Simple Sequentially Rejective Multiple Test Procedure</i>).
 *   <li>Unknown: more errors than the champion, and so few or so unlike drives that there is no interval, or that it
 *       reaches beyond half of the champion's error rate or {@value #MOST_UNSEEN_LOSS}, whichever is less. Lack of data is
 *       no proof of being as good: this is a test of non-inferiority, and that its margin.
 * </ol>
 *
 * <p>McNemar's test is reported beside these, but frames of a drive are not independent, and it is not decided by.
 */
public final class PromotionRule {
    static final double SIGNIFICANCE = 0.05;

    /** A candidate with more errors is promoted only where a loss of more than this, as a rate, is excluded. */
    static final double MOST_UNSEEN_LOSS = 0.05;

    /** The same as a share of the champion's error rate, because 5 points are nothing to one and ruin to another. */
    static final double MOST_UNSEEN_SHARE = 0.5;

    private PromotionRule() {}

    /**
     * What both models said about the same samples.
     *
     * @param labels given class index of each sample
     * @param candidate class index that the candidate gave, as many
     * @param champion class index that the champion gave, as many
     * @param driveOf drive of each sample, from 0 to {@code drives − 1}, in the order of the drives' ids
     * @param drives number of drives
     * @param attributes of each sample, as many; slices are their values
     */
    // Arrays, because there may be millions of samples, and nobody compares them.
    @SuppressWarnings("ArrayRecordComponent")
    public record Contest(
            int[] labels,
            int[] candidate,
            int[] champion,
            int[] driveOf,
            int drives,
            List<Map<String, String>> attributes) {
        public Contest {
            if (candidate.length != labels.length
                    || champion.length != labels.length
                    || driveOf.length != labels.length
                    || attributes.size() != labels.length) {
                throw new IllegalArgumentException(
                        "%d labels, %d and %d predictions, %d drives of samples, %d attributes; they must be as many"
                                .formatted(
                                        labels.length,
                                        candidate.length,
                                        champion.length,
                                        driveOf.length,
                                        attributes.size()));
            }
        }

        /** The most that the candidate's error rate may be above the champion's, 0..1. */
        private double margin() {
            int errors = 0;
            for (int i = 0; i < labels.length; i++) {
                errors += champion[i] == labels[i] ? 0 : 1;
            }
            return Math.min(MOST_UNSEEN_LOSS, MOST_UNSEEN_SHARE * errors / labels.length);
        }

        private PairedErrors count(IntPredicate which) {
            return PairedErrors.count(labels, candidate, champion, driveOf, drives, which);
        }
    }

    /** A slice before Holm's correction. */
    private record Tested(String slice, PairedErrors errors, PairedBootstrap.Difference difference) {
        double pValue() {
            return difference.pValue().orElseThrow();
        }
    }

    /** Decides; settings say how many drives an interval needs, a slice as well as the whole. */
    public static PromotionDecision decide(Contest contest, ClusterBootstrap.Settings settings) {
        PairedErrors whole = contest.count(i -> true);
        if (whole.isEmpty()) {
            return new KeepChallenger(
                    new Comparison(Double.NaN, Optional.empty(), OptionalDouble.empty(), List.of()),
                    "Not enough data: test-dev has no sample on which the two models can be compared.");
        }
        PairedBootstrap.Difference difference = PairedBootstrap.difference(whole, settings);
        Comparison comparison = new Comparison(
                difference.value(),
                difference.interval(),
                OptionalDouble.of(ErrorRateTests.McNemar.of(whole).exactPValue()),
                slices(contest, settings));
        return decide(comparison, whole, contest.margin(), settings);
    }

    private static PromotionDecision decide(
            Comparison comparison, PairedErrors whole, double margin, ClusterBootstrap.Settings settings) {
        String figures = figures(comparison, whole);
        boolean moreErrors = comparison.difference() > 0;
        // Without an interval equal figures say as little as better ones.
        if (comparison.interval().isEmpty()) {
            return new KeepChallenger(
                    comparison,
                    "Not enough data: %s; %d or more drives would give an interval."
                            .formatted(figures, settings.minDrives()));
        }
        if (comparison.interval().map(interval -> interval.low() > 0).orElse(false)) {
            return new KeepChallenger(comparison, "Worse than the champion: %s.".formatted(figures));
        }
        Optional<SliceDifference> worst = comparison.slices().stream()
                .filter(SliceDifference::significantlyWorse)
                .max(Comparator.comparingDouble(SliceDifference::difference));
        if (worst.isPresent()) {
            return new KeepChallenger(
                    comparison,
                    "Worse than the champion where %s: %s there on %d samples of %d drives (p = %s after Holm's correction for %d slices). As a whole: %s."
                            .formatted(
                                    worst.get().slice(),
                                    points(worst.get().difference()),
                                    worst.get().samples(),
                                    worst.get().drives(),
                                    probability(worst.get().pValue().orElseThrow()),
                                    comparison.slices().size(),
                                    figures));
        }
        if (moreErrors && comparison.interval().orElseThrow().high() > margin) {
            return new KeepChallenger(
                    comparison,
                    String.format(
                            Locale.ROOT,
                            "Not enough data to say that it is as good: %s, and a loss of more than %.1f points is not excluded.",
                            figures,
                            100 * margin));
        }
        return new Promote(
                comparison,
                "Not worse than the champion: %s; none of %d slices is significantly worse."
                        .formatted(figures, comparison.slices().size()));
    }

    /** All values of attributes that have enough drives and are not the whole, by name. */
    private static List<SliceDifference> slices(Contest contest, ClusterBootstrap.Settings settings) {
        Map<String, BitSet> members = new TreeMap<>();
        for (int i = 0; i < contest.labels().length; i++) {
            for (Map.Entry<String, String> attribute :
                    contest.attributes().get(i).entrySet()) {
                members.computeIfAbsent(attribute.getKey() + "=" + attribute.getValue(), unused -> new BitSet())
                        .set(i);
            }
        }
        List<Tested> tested = new ArrayList<>();
        members.forEach((slice, samples) -> {
            if (samples.cardinality() < contest.labels().length) {
                PairedErrors errors = contest.count(samples::get);
                PairedBootstrap.Difference difference = PairedBootstrap.difference(errors, settings);
                if (difference.pValue().isPresent()) {
                    tested.add(new Tested(slice, errors, difference));
                }
            }
        });
        double[] corrected =
                ErrorRateTests.holm(tested.stream().mapToDouble(Tested::pValue).toArray());
        List<SliceDifference> slices = new ArrayList<>();
        for (int i = 0; i < corrected.length; i++) {
            Tested slice = tested.get(i);
            slices.add(new SliceDifference(
                    slice.slice(),
                    slice.errors().sampleCount(),
                    slice.errors().drives(),
                    slice.difference().value(),
                    slice.difference().interval(),
                    OptionalDouble.of(corrected[i])));
        }
        return slices;
    }

    private static String figures(Comparison comparison, PairedErrors whole) {
        return "the error on test-dev differs by %s%s on %d samples of %d drives"
                .formatted(
                        points(comparison.difference()),
                        comparison
                                .interval()
                                .map(i -> " (95 %% interval %s to %s)".formatted(number(i.low()), number(i.high())))
                                .orElse(""),
                        whole.sampleCount(),
                        whole.drives());
    }

    private static String points(double rate) {
        return number(rate) + " points";
    }

    private static String number(double rate) {
        return String.format(Locale.ROOT, "%+.1f", 100 * rate);
    }

    private static String probability(double p) {
        return p < 0.001 ? "below 0.001" : String.format(Locale.ROOT, "%.3f", p);
    }
}
