package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.trainer.check.doctor.Examination;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Recipes that the doctor found healthy before a training of this process, so that a retraining with the same one waits
 * for the checks of its samples alone. They are not kept beyond the process, since the next one may run other code. Used by
 * the thread that trains alone.
 */
final class ExaminedRecipes {
    private static final int MOST = 32;

    /** Keys that choose samples or say what to do with findings: the recipe is the same with others. */
    private static final Set<String> NOT_OF_RECIPE =
            Set.of(ConfigKey.TRAINING_LIMIT.path(), ConfigKey.TRAINING_DOCTOR.path());

    private final Map<Map<String, String>, Examined> byRecipe = new LinkedHashMap<>();

    /**
     * What was found about a recipe.
     *
     * @param runId before which it was examined
     */
    record Examined(String runId, List<DoctorFinding> findings) {}

    /** What was found about the recipe of a configuration; empty if it was not examined, or something was wrong. */
    Optional<Examined> find(DrivetrainConfig config) {
        return Optional.ofNullable(byRecipe.get(recipe(config)));
    }

    /** Remembers a healthy recipe. */
    void note(DrivetrainConfig config, String runId, Examination examination) {
        if (!examination.healthy()
                || examination.ofRecipe().isEmpty()
                || find(config).isPresent()) {
            return;
        }
        byRecipe.put(
                recipe(config),
                new Examined(
                        runId,
                        examination.ofRecipe().stream()
                                .map(finding -> DoctorFinding.newBuilder(finding)
                                        .setEvidence("%s Found before %s, which had the same recipe."
                                                .formatted(finding.getEvidence(), runId))
                                        .build())
                                .toList()));
        if (byRecipe.size() > MOST) {
            byRecipe.remove(byRecipe.keySet().iterator().next());
        }
    }

    private static Map<String, String> recipe(DrivetrainConfig config) {
        Map<String, String> recipe = new TreeMap<>(config.asText());
        recipe.keySet().removeIf(key -> !RequestKeys.decidesWeights(key) || NOT_OF_RECIPE.contains(key));
        return recipe;
    }
}
