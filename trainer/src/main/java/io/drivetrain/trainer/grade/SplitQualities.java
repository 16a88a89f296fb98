package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Calibration and the figures of each class, by split. */
final class SplitQualities {
    /** The interval of a recall takes only the spread of its resamples from them, which these tell well enough. */
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
            // The splits together, because they lend each other what they say about how drives agree.
            Map<Split, SplitErrors> errors = new EnumMap<>(Split.class);
            predictions.forEach((split, predicted) -> errors.put(split, predicted.errorsOfClass(wanted)));
            ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(errors, 0, ofAClass);
            figures.forEach((split, of) -> qualities
                    .get(split)
                    .add(new ClassQuality(
                            classNames.get(wanted),
                            of.given(wanted),
                            (long) errors.get(split).drives(),
                            orNull(of.precision(wanted)),
                            of.given(wanted) == 0
                                    ? null
                                    : Estimates.of(of.recall(wanted), ofRecall(intervals.of(split))),
                            orNull(of.f1(wanted)))));
        }
        return qualities;
    }

    /** What is not missed is found. */
    private static Optional<Interval> ofRecall(Optional<Interval> missed) {
        return missed.map(interval -> new Interval(1 - interval.high(), 1 - interval.low()));
    }

    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
