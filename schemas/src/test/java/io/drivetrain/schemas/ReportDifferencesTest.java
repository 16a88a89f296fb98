package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ReportDifferencesTest {
    private static TrainingReport report(Consumer<TrainingReport.Builder> change) {
        TrainingReport.Builder report = TrainingReport.newBuilder()
                .setRunId("run-1")
                .setModelId("lenet-1")
                .setNetwork("lenet")
                .setClasses(List.of("car", "pedestrian"))
                .setSplits(List.of(SplitResult.newBuilder()
                        .setSplit(Split.TRAIN)
                        .setSamples(100)
                        .setDrives(10)
                        .setErrors(12)
                        .setError(new Estimate(0.12, 0.1, 0.14))
                        .build()))
                .setVerdict("")
                .setLearningCurve(new LearningCurve(
                        List.of(
                                new LearningCurvePoint(50L, 5L, 0.1, new Estimate(0.3, null, null)),
                                new LearningCurvePoint(100L, 10L, 0.1, new Estimate(0.2, null, null))),
                        null,
                        null,
                        null,
                        ""))
                .setLabelNoise(new LabelNoise(
                        new Estimate(0.08, 0.05, 0.11), 1000L, 50L, 5, 80L, Map.of("car", 0.1), null, Map.of()))
                .setProvenance(new Provenance(List.of(), null, "", Map.of(), 1L, 1, Map.of()))
                .setPublishedAt(Instant.EPOCH);
        change.accept(report);
        return report.build();
    }

    private static final TrainingReport BEFORE = report(report -> {});

    @Test
    void whenWhereAndAfterWhichRunsAReportWasMadeDoesNotMatter() {
        assertThat(ReportDifferences.of(
                        BEFORE,
                        report(report -> report.setRunId("run-2")
                                .setRequestId("again")
                                .setTestReads(7)
                                .setTrainingSeconds(99)
                                .setVerdict("Reproduced.")
                                .setPublishedAt(Instant.ofEpochSecond(9)))))
                .isEmpty();
    }

    @Test
    void everyFigureThatDiffersIsNamedWithBothValues() {
        TrainingReport now = report(report -> {
            report.getSplits().get(0).setErrors(13);
            report.getLearningCurve().getPoints().get(1).setTrainError(0.25);
            report.getLabelNoise().setByClass(Map.of("pedestrian", 0.1));
            report.setBestEpoch(3);
        });
        assertThat(ReportDifferences.of(BEFORE, now))
                .containsExactly(
                        "splits[0].errors (12, now 13)",
                        "bestEpoch (0, now 3)",
                        "labelNoise.byClass.car (0.1, now nothing)",
                        "labelNoise.byClass.pedestrian (nothing, now 0.1)",
                        "learningCurve.points[1].trainError (0.1, now 0.25)");
    }

    @Test
    void aPartThatIsMissingOrLongerIsNamedOnce() {
        TrainingReport now = report(report -> {
            report.setLabelNoise(null);
            report.getLearningCurve().setPoints(List.of());
        });
        assertThat(ReportDifferences.of(BEFORE, now))
                .containsExactly(
                        "labelNoise (something, now nothing)", "learningCurve.points (2 entries, now 0 entries)");
    }
}
