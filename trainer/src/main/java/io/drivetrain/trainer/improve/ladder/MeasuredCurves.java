package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Learning curves of earlier runs: one costs several trainings, and is the same as long as samples and recipe are. */
public final class MeasuredCurves {
    private static final String POINTS = ConfigKey.ANALYSIS_LEARNING_CURVE_POINTS.path();

    private MeasuredCurves() {}

    /**
     * The newest report with the curve that a run is asked for and would measure again to the last digit.
     *
     * @param reports oldest first
     * @param run what it learned from, and how
     */
    public static Optional<TrainingReport> asked(List<TrainingReport> reports, Provenance run) {
        return newest(
                reports,
                report -> sameRecipe(report.getProvenance(), run)
                        && report.getProvenance()
                                .getConfig()
                                .getOrDefault(POINTS, "")
                                .equals(run.getConfig().get(POINTS)));
    }

    /** The newest report with a curve of the same recipe on the same samples, with however many points. */
    static Optional<TrainingReport> ofSameRecipe(List<TrainingReport> reports, Provenance run) {
        return newest(reports, report -> sameRecipe(report.getProvenance(), run));
    }

    /** The newest report with a curve of any recipe on the same samples. */
    static Optional<TrainingReport> ofSameSamples(List<TrainingReport> reports, Provenance run) {
        return newest(reports, report -> sameSamples(report.getProvenance(), run));
    }

    private static Optional<TrainingReport> newest(List<TrainingReport> reports, Predicate<TrainingReport> fits) {
        return reports.stream()
                .filter(report -> report.getLearningCurve() != null
                        && !report.getLearningCurve().getPoints().isEmpty())
                .filter(fits)
                .reduce((earlier, later) -> later);
    }

    private static boolean sameSamples(Provenance one, Provenance other) {
        return one.getDataFingerprint().equals(other.getDataFingerprint());
    }

    private static boolean sameRecipe(Provenance one, Provenance other) {
        return sameSamples(one, other)
                && one.getThreads() == other.getThreads()
                && one.getVersions().equals(other.getVersions())
                && recipe(one.getConfig()).equals(recipe(other.getConfig()));
    }

    /** The keys that decide the weights. */
    private static Map<String, String> recipe(Map<String, String> keys) {
        Map<String, String> recipe = new TreeMap<>(keys);
        recipe.keySet().removeIf(key -> !RequestKeys.decidesWeights(key));
        return recipe;
    }
}
