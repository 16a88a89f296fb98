package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Grades a model by its predictions on the four splits. */
public final class Grader {
    private Grader() {}

    /**
     * Grades a model by its error rate alone.
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
        List<String> classNames =
                IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        return grade(predictions, classNames, irreducible, List.of(), settings);
    }

    /**
     * Grades a model.
     *
     * @param predictions by split, of one model in evaluation mode; a split may be missing; with probabilities, metrics and
     *     quality are complete
     * @param classNames in the order of class indices
     * @param irreducible human-level or target error rate, 0..1
     * @param metrics that the test error is decomposed by, beside the error rate
     */
    public static Grade grade(
            Map<Split, SplitPredictions> predictions,
            List<String> classNames,
            double irreducible,
            List<Metric> metrics,
            ClusterBootstrap.Settings settings) {
        int classes = classNames.size();
        Map<Split, SplitErrors> errors = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitPredictions predicted = predictions.get(split);
            errors.put(split, predicted == null ? new SplitErrors(new long[0], new long[0]) : predicted.errors());
        }
        Map<Split, RatePosterior> posteriors = ClusterBootstrap.posteriors(errors, settings);
        ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(errors, posteriors, irreducible, settings);
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
                    counts.isEmpty() ? null : Estimates.of(counts.rate(), intervals.of(split)),
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
        Map<Split, SplitPredictions> filled = new EnumMap<>(Split.class);
        Map<Split, SplitResamples> resamples = new EnumMap<>(Split.class);
        predictions.forEach((split, predicted) -> {
            boolean asked = !metrics.isEmpty() || predicted.probabilities() != null;
            if (asked && !errors.get(split).isEmpty()) {
                filled.put(split, predicted);
                resamples.put(
                        split,
                        SplitResamples.of(
                                split,
                                SplitStatistics.of(predicted, classes),
                                Optional.ofNullable(posteriors.get(split)),
                                settings));
            }
        });
        List<MetricDecomposition> byMetric = MetricDecompositions.of(
                resamples,
                complete ? averaged(filled, resamples, classes, metrics, posteriors, settings) : resamples,
                metrics,
                irreducible,
                intervals);
        MetricDecompositions.leftOut(resamples, metrics, classNames).ifPresent(notEnoughData::add);
        List<SplitQuality> quality = SplitQualities.of(filled, resamples, classNames, settings);
        if (!complete) {
            return new Grade(
                    results,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    notEnoughData,
                    Verdict.incomplete(errors),
                    byMetric,
                    quality);
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
                Optional.of(Estimates.decomposition(decomposition, intervals)),
                dominant,
                distinguishable,
                notEnoughData,
                Verdict.of(decomposition, intervals, errors, dominant, distinguishable),
                byMetric,
                quality);
    }

    /** The splits as averages over classes see them: with the classes alone that all of them have. */
    private static Map<Split, SplitResamples> averaged(
            Map<Split, SplitPredictions> predictions,
            Map<Split, SplitResamples> resamples,
            int classes,
            List<Metric> metrics,
            Map<Split, RatePosterior> posteriors,
            ClusterBootstrap.Settings settings) {
        boolean[] common = MetricDecompositions.common(resamples, classes);
        long kept = IntStream.range(0, classes).filter(i -> common[i]).count();
        if (kept == classes || metrics.stream().noneMatch(Metric::averagesClasses)) {
            return resamples;
        }
        Map<Split, SplitResamples> averaged = new EnumMap<>(Split.class);
        if (kept > 0) {
            predictions.forEach((split, predicted) -> averaged.put(
                    split,
                    SplitResamples.of(
                                    split,
                                    SplitStatistics.of(predicted.ofClasses(common), classes),
                                    Optional.ofNullable(posteriors.get(split)),
                                    settings)
                            .only(common)));
        }
        return averaged;
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

    private static List<List<Long>> lists(long[][] counts) {
        return Arrays.stream(counts)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
    }
}
