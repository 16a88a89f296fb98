package io.drivetrain.infra.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NextRunTest {
    private static final Map<String, String> KEYS =
            Map.of("training.network", "resnet18", "training.threads", "2", "improve.augment", "", "split.salt", "x");

    private static TrainingReport proposing(String modelId, boolean trainable) {
        return TestReports.report(modelId, KEYS)
                .setNextSteps(
                        trainable
                                ? List.of(
                                        TestReports.step("collect", Map.of(), null),
                                        TestReports.step("synthesise", Map.of("improve.augment", "night"), null),
                                        TestReports.step("tuning", Map.of("training.learning-rate", "0.001"), null))
                                : List.of(TestReports.step("collect", Map.of(), null)))
                .build();
    }

    @Test
    void theFirstStepThatATrainingCanTryKeepsAllOtherKeysOfTheRun() {
        NextRun next = NextRun.of(List.of(proposing("old", false), proposing("new", true)));
        assertThat(next).isInstanceOfSatisfying(NextRun.Ready.class, ready -> {
            assertThat(ready.report().getModelId()).isEqualTo("new");
            assertThat(ready.step().getStep()).isEqualTo("synthesise");
            assertThat(ready.overrides())
                    .containsOnly(Map.entry("training.network", "resnet18"), Map.entry("improve.augment", "night"));
        });
    }

    @Test
    void whatAnEarlierStepHadMeasuredIsNotMeasuredAgain() {
        TrainingReport measured = TestReports.report(
                        "new", Map.of("training.network", "lenet", "analysis.learning-curve-points", "5"))
                .setNextSteps(List.of(TestReports.step("augmentation", Map.of("improve.augment", "flip"), null)))
                .build();
        TrainingReport toMeasure = TestReports.report("new", KEYS)
                .setNextSteps(
                        List.of(TestReports.step("more-data", Map.of("analysis.learning-curve-points", "5"), null)))
                .build();

        assertThat(((NextRun.Ready) NextRun.of(List.of(measured))).overrides())
                .isEqualTo(Map.of("training.network", "lenet", "improve.augment", "flip"));
        assertThat(((NextRun.Ready) NextRun.of(List.of(toMeasure))).overrides())
                .containsEntry("analysis.learning-curve-points", "5");
    }

    @Test
    void aReproductionProposesNothingSoTheReportBeforeItCounts() {
        TrainingReport again = TestReports.report("new", KEYS)
                .setChanges(TestReports.changes("new", "reproduce", Map.of()))
                .build();
        assertThat(NextRun.of(List.of(proposing("new", true), again))).isInstanceOf(NextRun.Ready.class);
    }

    @Test
    void whereNoTrainingHelpsTheReasonNamesWhatDoes() {
        assertThat(NextRun.of(List.of(proposing("old", true), proposing("new", false))))
                .isInstanceOfSatisfying(
                        NextRun.Nothing.class,
                        nothing ->
                                assertThat(nothing.reason()).contains("collect").contains("./drivetrain ingest PATH"));
    }

    @Test
    void withoutAReportThereIsNothingToTry() {
        assertThat(NextRun.of(List.of()))
                .isInstanceOfSatisfying(
                        NextRun.Nothing.class,
                        nothing -> assertThat(nothing.reason()).contains("./drivetrain train"));
    }

    @Test
    void betterRankedStepsThatNoTrainingDoesAreNamedWithTheirCommands() {
        assertThat(NextRun.of(List.of(proposing("new", true))))
                .isInstanceOfSatisfying(
                        NextRun.Ready.class,
                        ready -> assertThat(ready.reasons())
                                .containsExactly(
                                        "Passed over: collect, which no training does but you (./drivetrain ingest PATH)"));
    }

    @Test
    void aStepIsTakenByItsName() {
        assertThat(NextRun.of(List.of(proposing("new", true)), Optional.of("tuning")))
                .isInstanceOfSatisfying(NextRun.Ready.class, ready -> {
                    assertThat(ready.step().getStep()).isEqualTo("tuning");
                    assertThat(ready.overrides())
                            .containsEntry("training.learning-rate", "0.001")
                            .containsEntry("improve.augment", "");
                    assertThat(ready.reasons()).hasSize(2);
                });
    }

    @Test
    void aNameThatIsNotProposedIsAnsweredWithThoseThatAre() {
        assertThat(NextRun.of(List.of(proposing("new", true)), Optional.of("dropout")))
                .isInstanceOfSatisfying(
                        NextRun.Nothing.class,
                        nothing -> assertThat(nothing.reason())
                                .contains("does not propose 'dropout'")
                                .contains("synthesise, tuning"));
    }

    @Test
    void aStepThatNoTrainingDoesIsAnsweredWithItsCommand() {
        assertThat(NextRun.of(List.of(proposing("new", true)), Optional.of("collect")))
                .isInstanceOfSatisfying(
                        NextRun.Nothing.class,
                        nothing -> assertThat(nothing.reason())
                                .contains("not done by a training")
                                .contains("./drivetrain ingest PATH"));
    }
}
