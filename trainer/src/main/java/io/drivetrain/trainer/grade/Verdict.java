package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Puts a decomposition into two or three sentences for a person: what dominates, how surely, what to do next. */
final class Verdict {
    /** Beyond this many times the drives, more data is no answer. */
    private static final double REASONABLE_GROWTH = 20;

    private Verdict() {}

    static String incomplete(Map<Split, SplitErrors> errors) {
        List<String> empty = new ArrayList<>();
        List<String> rates = new ArrayList<>();
        errors.forEach((split, counts) -> {
            if (counts.isEmpty()) {
                empty.add(Splits.label(split));
            } else {
                rates.add("%s on %s".formatted(percent(counts.rate()), Splits.label(split)));
            }
        });
        return ("The error cannot be decomposed, because %s %s empty; the error rate is %s."
                        + " Next: send drives of the missing domain, then train again.")
                .formatted(
                        String.join(" and ", empty),
                        empty.size() == 1 ? "is" : "are",
                        rates.isEmpty() ? "unknown" : String.join(", ", rates));
    }

    static String of(
            ErrorDecomposition decomposition,
            ClusterBootstrap.Intervals intervals,
            Map<Split, SplitErrors> errors,
            Optional<Term> dominant,
            List<Term> distinguishable) {
        List<String> sentences = new ArrayList<>();
        if (dominant.isPresent()) {
            Term term = dominant.get();
            sentences.add("%s dominates: %s of the %s test error%s%s."
                    .formatted(
                            term.title(),
                            points(decomposition.of(term)),
                            percent(decomposition.test()),
                            intervals.of(term).map(Verdict::interval).orElse(""),
                            runnerUp(decomposition, term, distinguishable)));
            sentences.add("Next: %s.".formatted(term.remedy()));
        } else {
            Term largest = largestPositive(decomposition);
            if (largest == null) {
                sentences.add("No term is above zero: the test error of %s is at or below the irreducible error of %s."
                        .formatted(percent(decomposition.test()), percent(decomposition.irreducible())));
                sentences.add("Next: give a stricter training.irreducible-error, or stop here.");
            } else {
                sentences.add(
                        "No positive term is distinguishable from zero; the largest is %s with %s of the %s test error%s."
                                .formatted(
                                        largest.title().toLowerCase(Locale.ROOT),
                                        points(decomposition.of(largest)),
                                        percent(decomposition.test()),
                                        intervals
                                                .of(largest)
                                                .map(Verdict::interval)
                                                .orElse(", without an interval")));
                sentences.add(moreDrives(largest, decomposition.of(largest), intervals.of(largest), errors));
            }
        }
        distinguishable.stream()
                .filter(term -> decomposition.of(term) < 0)
                .findFirst()
                .ifPresent(term -> sentences.add(negative(term, decomposition.of(term))));
        return String.join(" ", sentences);
    }

    /** A term that is nearly as large is a cause too, and not to be passed over. */
    private static String runnerUp(ErrorDecomposition decomposition, Term dominant, List<Term> distinguishable) {
        List<Term> others = distinguishable.stream()
                .filter(term -> term != dominant && 2 * decomposition.of(term) >= decomposition.of(dominant))
                .toList();
        return Grader.dominant(decomposition, others)
                .map(term -> "; %s follows with %s"
                        .formatted(term.title().toLowerCase(Locale.ROOT), points(decomposition.of(term))))
                .orElse("");
    }

    private static Term largestPositive(ErrorDecomposition decomposition) {
        Term largest = null;
        for (Term term : Term.values()) {
            double value = decomposition.of(term);
            if (value > 0 && (largest == null || value > decomposition.of(largest))) {
                largest = term;
            }
        }
        return largest;
    }

    /** A sentence for a positive term that a reasonable number of drives would tell from zero; empty for others. */
    static Optional<String> unsettled(
            Term term, double value, Optional<Interval> interval, Map<Split, SplitErrors> errors) {
        if (value <= 0 || interval.isEmpty() || interval.get().excludesZero()) {
            return Optional.empty();
        }
        return drivesMissing(term, growth(value, interval.get()), errors)
                .map(missing -> "Not enough data: %s of %s%s is not distinguishable from zero; %s would settle it"
                        .formatted(
                                term.title().toLowerCase(Locale.ROOT),
                                points(value),
                                interval(interval.get()),
                                missing));
    }

    /** An interval shrinks with the root of its variance: how many times smaller a variance would exclude zero. */
    private static double growth(double value, Interval interval) {
        return Math.pow((value - interval.low()) / value, 2);
    }

    /**
     * Which drives make the variance of a term so many times smaller. The split that adds more of the variance comes first,
     * and alone as long as it still adds the more; only then both grow.
     *
     * @return empty where a split would need more than a reasonable multiple of its drives
     */
    private static Optional<String> drivesMissing(Term term, double growth, Map<Split, SplitErrors> errors) {
        if (term.lower().isEmpty()) {
            return missing(term.upper(), growth, errors).map(upper -> "about " + upper);
        }
        Split lower = term.lower().get();
        double ofUpper = variance(errors.get(term.upper()));
        double ofLower = variance(errors.get(lower));
        double allowed = (ofUpper + ofLower) / growth;
        Split large = ofUpper >= ofLower ? term.upper() : lower;
        double more = Math.max(ofUpper, ofLower);
        double less = Math.min(ofUpper, ofLower);
        if (allowed >= 2 * less) {
            return missing(large, more / (allowed - less), errors).map(alone -> "about " + alone);
        }
        return missing(term.upper(), 2 * ofUpper / allowed, errors)
                .flatMap(upper ->
                        missing(lower, 2 * ofLower / allowed, errors).map(other -> "about " + upper + " and " + other));
    }

    private static Optional<String> missing(Split split, double growth, Map<Split, SplitErrors> errors) {
        return growth > REASONABLE_GROWTH
                ? Optional.empty()
                : Optional.of("%d more drives in %s"
                        .formatted(
                                (int) Math.max(1, Math.ceil(errors.get(split).drives() * (growth - 1))),
                                Splits.label(split)));
    }

    /**
     * Variance of a split's error rate over draws of its drives; at least that of independent samples with half an error
     * more, because a split without errors is not a sure one.
     */
    private static double variance(SplitErrors counts) {
        double samples = counts.sampleCount();
        double rate = counts.rate();
        double squares = 0;
        for (int drive = 0; drive < counts.drives(); drive++) {
            squares += Math.pow(counts.errors()[drive] - rate * counts.samples()[drive], 2);
        }
        double smoothed = (counts.errorCount() + 0.5) / (samples + 1);
        double ofDrives = squares / (samples * samples) * counts.drives() / Math.max(1, counts.drives() - 1);
        return Math.max(ofDrives, smoothed * (1 - smoothed) / samples);
    }

    private static String moreDrives(
            Term term, double value, Optional<Interval> interval, Map<Split, SplitErrors> errors) {
        if (interval.isEmpty()) {
            return "Next: send more drives, so that %s have enough for an interval."
                    .formatted(term.lower()
                            .map(lower -> Splits.label(term.upper()) + " and " + Splits.label(lower))
                            .orElse(Splits.label(term.upper())));
        }
        return drivesMissing(term, growth(value, interval.get()), errors)
                .map("Next: send more drives; %s would settle it."::formatted)
                .orElse(
                        "Next: take a harder test or accept the model, because no reasonable number of drives would settle it.");
    }

    private static String negative(Term term, double value) {
        String size = points(-value);
        return switch (term) {
            case BIAS ->
                "The train error is %s below the irreducible error: give a stricter training.irreducible-error."
                        .formatted(size);
            case VARIANCE ->
                "Train-dev is %s easier than train: check that drives are dealt at random and train labels are right."
                        .formatted(size);
            case SHIFT -> "The target is %s easier than the source: no shift to repair.".formatted(size);
            case VALIDATION_OVERFITTING ->
                "Test is %s easier than test-dev: the two are not alike; resample them from the same drives."
                        .formatted(size);
        };
    }

    private static String interval(Interval interval) {
        return String.format(
                Locale.ROOT, " (95 %% interval %.1f to %.1f points)", 100 * interval.low(), 100 * interval.high());
    }

    private static String percent(double rate) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * rate);
    }

    private static String points(double rate) {
        return String.format(Locale.ROOT, "%.1f points", 100 * rate);
    }
}
