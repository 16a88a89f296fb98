package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Grades a model by its predictions on the four splits. */
public final class Grader {
    private Grader() {}

    /**
     * Grades a model.
     *
     * @param predictions by split, of one model in evaluation mode; a split may be missing
     * @param classes number of classes
     * @param irreducible human-level or target error rate, 0..1
     */
    public static Grade grade(
            Map<Split, SplitPredictions> predictions,
            int classes,
            double irreducible,
            ClusterBootstrap.Settings settings) {
        Map<Split, SplitErrors> errors = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitPredictions predicted = predictions.get(split);
            errors.put(split, predicted == null ? new SplitErrors(new long[0], new long[0]) : predicted.errors());
        }
        ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(errors, irreducible, settings);
        List<SplitResult> results = new ArrayList<>();
        List<String> notEnoughData = new ArrayList<>();
        boolean complete = true;
        for (Split split : Split.values()) {
            SplitErrors counts = errors.get(split);
            results.add(new SplitResult(
                    split,
                    counts.sampleCount(),
                    (long) counts.drives(),
                    counts.errorCount(),
                    counts.isEmpty() ? null : estimate(counts.rate(), intervals.of(split)),
                    counts.isEmpty() ? List.of() : lists(predictions.get(split).confusion(classes))));
            if (counts.isEmpty()) {
                complete = false;
                notEnoughData.add("Not enough data: %s is empty; send %s drives until it has %d or more"
                        .formatted(Splits.label(split), Splits.domain(split), settings.minDrives()));
            } else if (intervals.of(split).isEmpty()) {
                notEnoughData.add(
                        "Not enough data: %s has %d of the %d drives that an interval needs; send more %s drives"
                                .formatted(
                                        Splits.label(split),
                                        counts.drives(),
                                        settings.minDrives(),
                                        Splits.domain(split)));
            }
        }
        if (!complete) {
            return new Grade(
                    results, Optional.empty(), Optional.empty(), List.of(), notEnoughData, Verdict.incomplete(errors));
        }
        ErrorDecomposition decomposition = new ErrorDecomposition(
                irreducible,
                errors.get(Split.TRAIN).rate(),
                errors.get(Split.TRAIN_DEV).rate(),
                errors.get(Split.TEST_DEV).rate(),
                errors.get(Split.TEST).rate());
        List<Term> distinguishable = Arrays.stream(Term.values())
                .filter(term -> intervals.of(term).map(Interval::excludesZero).orElse(false))
                .toList();
        Optional<Term> dominant = dominant(decomposition, distinguishable);
        for (Term term : Term.values()) {
            Verdict.unsettled(term, decomposition.of(term), intervals.of(term), errors)
                    .ifPresent(notEnoughData::add);
        }
        return new Grade(
                results,
                Optional.of(record(decomposition, intervals)),
                dominant,
                distinguishable,
                notEnoughData,
                Verdict.of(decomposition, intervals, errors, dominant, distinguishable));
    }

    /** The largest positive of the distinguishable terms; the first of equals. */
    static Optional<Term> dominant(ErrorDecomposition decomposition, List<Term> distinguishable) {
        Term largest = null;
        for (Term term : distinguishable) {
            double value = decomposition.of(term);
            if (value > 0 && (largest == null || value > decomposition.of(largest))) {
                largest = term;
            }
        }
        return Optional.ofNullable(largest);
    }

    private static Decomposition record(ErrorDecomposition decomposition, ClusterBootstrap.Intervals intervals) {
        return new Decomposition(
                estimate(decomposition.test(), intervals.of(Split.TEST)),
                estimate(decomposition.irreducible(), Optional.empty()),
                estimate(decomposition.bias(), intervals.of(Term.BIAS)),
                estimate(decomposition.variance(), intervals.of(Term.VARIANCE)),
                estimate(decomposition.shift(), intervals.of(Term.SHIFT)),
                estimate(decomposition.validationOverfitting(), intervals.of(Term.VALIDATION_OVERFITTING)));
    }

    private static Estimate estimate(double value, Optional<Interval> interval) {
        return new Estimate(
                value,
                interval.map(Interval::low).orElse(null),
                interval.map(Interval::high).orElse(null));
    }

    private static List<List<Long>> lists(long[][] counts) {
        return Arrays.stream(counts)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
    }
}
