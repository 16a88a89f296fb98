package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the decision about the next step rests on.
 *
 * @param decomposition of the newest model; empty when a split is empty
 * @param distinguishable names of the terms whose interval excludes zero
 * @param config keys of the run, as text
 * @param convergence whether training had anything left to learn
 * @param slices of the error analysis, most worth fixing first
 * @param labelNoise if it was estimated
 * @param learningCurve if it was measured, by this run or by an earlier one of the same recipe on the same samples
 * @param history earlier reports, oldest first
 * @param surroundings what limits the choice beside the keys
 * @param setback the newer run that is built around, if there is one
 * @param earlierCurve the newest report with a learning curve of another recipe on the same samples
 */
public record Situation(
        Optional<Decomposition> decomposition,
        List<String> distinguishable,
        Map<String, String> config,
        Convergence convergence,
        List<SliceAnalysis> slices,
        Optional<LabelNoise> labelNoise,
        Optional<LearningCurve> learningCurve,
        List<TrainingReport> history,
        Surroundings surroundings,
        Optional<Setback> setback,
        Optional<TrainingReport> earlierCurve) {
    static final String MAX_EPOCHS = "training.max-epochs";
    static final String PATIENCE = "training.patience";

    public Situation {
        distinguishable = List.copyOf(distinguishable);
        config = Map.copyOf(config);
        slices = List.copyOf(slices);
        history = List.copyOf(history);
    }

    /** With nothing known beside the report. */
    public Situation(
            Optional<Decomposition> decomposition,
            List<String> distinguishable,
            Map<String, String> config,
            Convergence convergence,
            List<SliceAnalysis> slices,
            Optional<LabelNoise> labelNoise,
            Optional<LearningCurve> learningCurve,
            List<TrainingReport> history) {
        this(
                decomposition,
                distinguishable,
                config,
                convergence,
                slices,
                labelNoise,
                learningCurve,
                history,
                Surroundings.UNKNOWN,
                Optional.empty(),
                Optional.empty());
    }

    /**
     * As a report tells it.
     *
     * @param report that is built on
     * @param history all reports, oldest first
     */
    public static Situation of(
            TrainingReport report, List<TrainingReport> history, Surroundings surroundings, Optional<Setback> setback) {
        return new Situation(
                Optional.ofNullable(report.getDecomposition()),
                report.getDistinguishable(),
                report.getProvenance().getConfig(),
                Convergence.of(
                        report.getEpochs(),
                        report.getBestEpoch(),
                        new Convergence.Limits(
                                number(report.getProvenance().getConfig(), MAX_EPOCHS),
                                number(report.getProvenance().getConfig(), PATIENCE))),
                report.getSlices(),
                Optional.ofNullable(report.getLabelNoise()),
                Optional.ofNullable(report.getLearningCurve())
                        .or(() -> MeasuredCurves.ofSameRecipe(history, report.getProvenance())
                                .map(TrainingReport::getLearningCurve)),
                history,
                surroundings,
                setback,
                MeasuredCurves.ofSameSamples(history, report.getProvenance()));
    }

    /** The value of a key of the run; empty text where there is none. */
    String key(String path) {
        return config.getOrDefault(path, "");
    }

    double number(String path) {
        return number(config, path);
    }

    private static double number(Map<String, String> config, String path) {
        String text = config.getOrDefault(path, "");
        return text.isEmpty() ? 0 : Double.parseDouble(text);
    }
}
