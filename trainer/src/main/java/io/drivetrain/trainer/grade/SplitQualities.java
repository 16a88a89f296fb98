package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Bounds;
import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * Calibration and the figures of each class, by split. Recall, precision and F1 of a class all follow from error rates: of
 * the samples that are of it, that were taken for it, and that are either; so their intervals are those of error rates
 * ({@link ClusterBootstrap}).
 */
final class SplitQualities {
    /** The intervals of a class take only the spread of their resamples from these, which so many tell well enough. */
    private static final int REPLICATES_OF_A_CLASS = 200;

    private SplitQualities() {}

    /**
     * The quality of each split whose probabilities are known, in the order of the splits.
     *
     * @param predictions of the splits that are not empty
     * @param resamples of the same splits
     */
    static List<SplitQuality> of(
            Map<Split, SplitPredictions> predictions,
            Map<Split, SplitResamples> resamples,
            List<String> classNames,
            ClusterBootstrap.Settings settings) {
        Map<Split, SplitPredictions> withProbabilities = new EnumMap<>(Split.class);
        predictions.forEach((split, predicted) -> {
            if (predicted.probabilities() != null) {
                withProbabilities.put(split, predicted);
            }
        });
        List<SplitQuality> qualities = new ArrayList<>();
        byClass(withProbabilities, classNames, settings).forEach((split, byClass) -> {
            SplitResamples resampled = resamples.get(split);
            qualities.add(new SplitQuality(
                    split,
                    Estimates.of(resampled.calibrationError(), resampled.calibrationInterval()),
                    Estimates.of(resampled.brier(), resampled.brierInterval()),
                    Estimates.of(resampled.value(Metric.LOG_LOSS), resampled.interval(Metric.LOG_LOSS)),
                    byClass));
        });
        return qualities;
    }

    private static Map<Split, List<ClassQuality>> byClass(
            Map<Split, SplitPredictions> predictions, List<String> classNames, ClusterBootstrap.Settings settings) {
        ClusterBootstrap.Settings ofAClass = new ClusterBootstrap.Settings(
                Math.min(REPLICATES_OF_A_CLASS, settings.replicates()), settings.minDrives(), settings.seed());
        Map<Split, ClassificationFigures> figures = new EnumMap<>(Split.class);
        Map<Split, List<ClassQuality>> qualities = new EnumMap<>(Split.class);
        predictions.forEach((split, predicted) -> {
            figures.put(split, new ClassificationFigures(predicted.confusion(classNames.size())));
            qualities.put(split, new ArrayList<>());
        });
        for (int index = 0; index < classNames.size(); index++) {
            int wanted = index;
            Errors missed = Errors.of(predictions, of -> of.errorsOfClass(wanted), ofAClass);
            Errors mistaken = Errors.of(predictions, of -> of.errorsOfPredicted(wanted), ofAClass);
            Errors around = Errors.of(predictions, of -> of.errorsAround(wanted), ofAClass);
            figures.forEach((split, of) -> qualities
                    .get(split)
                    .add(new ClassQuality(
                            classNames.get(wanted),
                            of.given(wanted),
                            missed.drives(split),
                            orNull(of.precision(wanted)),
                            of.given(wanted) == 0
                                    ? null
                                    : Estimates.of(of.recall(wanted), falling(missed.interval(split), e -> 1 - e)),
                            orNull(of.f1(wanted)),
                            bounds(falling(mistaken.interval(split), e -> 1 - e)),
                            bounds(falling(around.interval(split), SplitQualities::f1)),
                            of.predicted(wanted),
                            mistaken.drives(split))));
        }
        return qualities;
    }

    /**
     * Errors among some of the samples, by split. The splits are judged together, because they lend each other what they
     * say about how drives agree.
     */
    private record Errors(Map<Split, SplitErrors> counts, ClusterBootstrap.Intervals intervals) {
        static Errors of(
                Map<Split, SplitPredictions> predictions,
                Function<SplitPredictions, SplitErrors> counted,
                ClusterBootstrap.Settings settings) {
            Map<Split, SplitErrors> counts = new EnumMap<>(Split.class);
            predictions.forEach((split, predicted) -> counts.put(split, counted.apply(predicted)));
            return new Errors(counts, ClusterBootstrap.intervals(counts, 0, settings));
        }

        Optional<Interval> interval(Split split) {
            return intervals.of(split);
        }

        long drives(Split split) {
            return counts.get(split).drives();
        }
    }

    /**
     * F1 of a class, from the share of errors among the samples that are of it or were taken for it: those that are not are
     * its hits, and F1 is {@code 2J/(1+J)} of their share J, Jaccard's index.
     */
    private static double f1(double errorsAround) {
        return 2 * (1 - errorsAround) / (2 - errorsAround);
    }

    /** The interval of a figure that is the lower, the higher the error rate. */
    private static Optional<Interval> falling(Optional<Interval> errors, DoubleUnaryOperator figure) {
        return errors.map(of -> new Interval(figure.applyAsDouble(of.high()), figure.applyAsDouble(of.low())));
    }

    private static Bounds bounds(Optional<Interval> interval) {
        return interval.map(of -> new Bounds(of.low(), of.high())).orElse(null);
    }

    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
