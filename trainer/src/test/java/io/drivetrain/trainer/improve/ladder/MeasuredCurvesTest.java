package io.drivetrain.trainer.improve.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.LearningCurvePoint;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.TrainingReport;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuredCurvesTest {
    private static final String POINTS = "analysis.learning-curve-points";

    static Provenance provenance(String data, String... keysAndValues) {
        Map<String, String> keys = new HashMap<>(Map.of("training.network", "lenet", POINTS, "0"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            keys.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Provenance(List.of(), null, data, keys, 1L, 2, Map.of("dl4j", "1"));
    }

    static TrainingReport measured(String modelId, Provenance provenance) {
        return TrainingReport.newBuilder()
                .setRunId("run-" + modelId)
                .setModelId(modelId)
                .setNetwork("lenet")
                .setClasses(List.of())
                .setSplits(List.of())
                .setVerdict("")
                .setLearningCurve(LearningCurve.newBuilder()
                        .setPoints(List.of(new LearningCurvePoint(10L, 2L, 0.0, new Estimate(0.3, null, null))))
                        .setSentence("Twice the data would lower variance by 1.3 pp.")
                        .build())
                .setProvenance(provenance)
                .setPublishedAt(Instant.EPOCH)
                .build();
    }

    @Test
    void aCurveOfTheSameSamplesAndKeysIsNotMeasuredAgain() {
        TrainingReport report = measured("a", provenance("d", POINTS, "5"));

        assertThat(MeasuredCurves.asked(List.of(report), provenance("d", POINTS, "5", "analysis.slices", "weather")))
                .contains(report);
        assertThat(MeasuredCurves.asked(List.of(report), provenance("d", POINTS, "4")))
                .isEmpty();
    }

    @Test
    void otherSamplesOrAnotherRecipeMakeAnotherCurve() {
        List<TrainingReport> reports = List.of(measured("a", provenance("d", POINTS, "5")));

        assertThat(MeasuredCurves.asked(reports, provenance("e", POINTS, "5"))).isEmpty();
        assertThat(MeasuredCurves.asked(reports, provenance("d", POINTS, "5", "training.seed", "2")))
                .isEmpty();
        Provenance threads = provenance("d", POINTS, "5");
        threads.setThreads(1);
        assertThat(MeasuredCurves.asked(reports, threads)).isEmpty();
        Provenance versions = provenance("d", POINTS, "5");
        versions.setVersions(Map.of("dl4j", "2"));
        assertThat(MeasuredCurves.asked(reports, versions)).isEmpty();
    }

    @Test
    void forDecidingTheCurveOfTheSameRecipeCountsAlsoWhereNoneWasAskedFor() {
        TrainingReport report = measured("a", provenance("d", POINTS, "5"));

        assertThat(MeasuredCurves.ofSameRecipe(List.of(report), provenance("d")))
                .contains(report);
        assertThat(MeasuredCurves.ofSameRecipe(List.of(report), provenance("d", "improve.augment", "flip")))
                .isEmpty();
        assertThat(MeasuredCurves.ofSameSamples(List.of(report), provenance("d", "improve.augment", "flip")))
                .contains(report);
    }
}
