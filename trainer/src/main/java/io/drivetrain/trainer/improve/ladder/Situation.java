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
 * @param epochs that were run
 * @param bestEpoch whose weights were kept, from 1
 * @param slices of the error analysis, most worth fixing first
 * @param labelNoise if it was estimated
 * @param learningCurve if it was measured
 * @param history earlier reports, oldest first
 */
public record Situation(
        Optional<Decomposition> decomposition,
        List<String> distinguishable,
        Map<String, String> config,
        int epochs,
        int bestEpoch,
        List<SliceAnalysis> slices,
        Optional<LabelNoise> labelNoise,
        Optional<LearningCurve> learningCurve,
        List<TrainingReport> history) {
    public Situation {
        distinguishable = List.copyOf(distinguishable);
        config = Map.copyOf(config);
        slices = List.copyOf(slices);
        history = List.copyOf(history);
    }

    /** The value of a key of the run; empty text where there is none. */
    String key(String path) {
        return config.getOrDefault(path, "");
    }

    double number(String path) {
        String text = key(path);
        return text.isEmpty() ? 0 : Double.parseDouble(text);
    }
}
