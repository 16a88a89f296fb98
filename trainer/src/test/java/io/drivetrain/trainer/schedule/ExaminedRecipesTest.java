package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.trainer.check.doctor.Examination;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExaminedRecipesTest {
    private static final DoctorFinding LOSS = new DoctorFinding("softmax-twice", "", 1.0, false, "It is not.", "");
    private static final DoctorFinding LEAKAGE =
            new DoctorFinding("split-leakage", "train, test", 0.2, true, "8 of 10 are copies.", "Split by drive.");

    private final ExaminedRecipes recipes = new ExaminedRecipes();

    private static DrivetrainConfig config(String... keysAndValues) {
        Map<String, String> keys = new HashMap<>(Map.of("classes", "a,b"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            keys.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return ConfigReader.read(Optional.empty(), Map.of(), keys);
    }

    @Test
    void aHealthyRecipeIsKnownAgainWithOtherSamplesAndOtherAnalyses() {
        recipes.note(config(), "run-1", new Examination(List.of(LOSS), List.of(LOSS), List.of()));
        recipes.note(config(), "run-2", new Examination(List.of(LOSS), List.of(LOSS), List.of()));

        ExaminedRecipes.Examined known = recipes.find(
                        config("training.limit", "100", "analysis.learning-curve-points", "5", "split.salt", "x"))
                .orElseThrow();
        assertThat(known.runId()).isEqualTo("run-1");
        assertThat(known.findings())
                .extracting(DoctorFinding::getEvidence)
                .containsExactly("It is not. Found before run-1, which had the same recipe.");
    }

    @Test
    void anotherNetworkLearningRateClassListOrFirstWeightsIsAnotherRecipe() {
        recipes.note(config(), "run-1", new Examination(List.of(LOSS), List.of(LOSS), List.of()));

        assertThat(recipes.find(config("training.network", "dense"))).isEmpty();
        assertThat(recipes.find(config("training.learning-rate", "0.1"))).isEmpty();
        assertThat(recipes.find(config("classes", "a,b,c"))).isEmpty();
        assertThat(recipes.find(config("image.width", "8"))).isEmpty();
        assertThat(recipes.find(config("improve.warm-start", "lenet-1"))).isEmpty();
    }

    @Test
    void whatWasFoundWrongOrNotLookedAtIsLookedAtAgain() {
        recipes.note(config(), "run-1", new Examination(List.of(LEAKAGE, LOSS), List.of(LOSS), List.of()));
        recipes.note(config(), "run-2", new Examination(List.of(), List.of()));

        assertThat(recipes.find(config())).isEmpty();
    }
}
