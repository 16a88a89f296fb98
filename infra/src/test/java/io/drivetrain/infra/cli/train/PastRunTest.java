package io.drivetrain.infra.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PastRunTest {
    private static final Estimate PREDICTED = new Estimate(-0.03, -0.05, -0.01);

    private static final TrainingReport FIRST = TestReports.report("first", Map.of())
            .setNextSteps(List.of(TestReports.step("synthesise", Map.of("improve.augment", "night"), PREDICTED)))
            .build();

    private static PastRun second(String step, Map<String, Estimate> outcome) {
        TrainingReport second = TestReports.report("second", Map.of())
                .setChanges(TestReports.changes("first", step, outcome))
                .build();
        return PastRun.of(List.of(FIRST, second)).get(1);
    }

    @Test
    void predictionAndOutcomeAreOfTheTermThatTheStepShouldLower() {
        Estimate outcome = new Estimate(-0.02, -0.03, -0.01);
        PastRun run = second("synthesise", Map.of("shift", outcome, "test-dev", new Estimate(-0.01, null, null)));
        assertThat(run.term()).contains("shift");
        assertThat(run.predicted()).contains(PREDICTED);
        assertThat(run.outcome()).contains(outcome);
        assertThat(run.held()).contains(true);
    }

    @Test
    void anOutcomeOutsideTheIntervalMissesThePrediction() {
        assertThat(second("synthesise", Map.of("shift", new Estimate(0.01, null, null)))
                        .held())
                .contains(false);
    }

    @Test
    void aChangeThatNoReportProposedIsJudgedByTestDevAndWasNotPredicted() {
        PastRun run = second("", Map.of("test-dev", new Estimate(-0.01, null, null)));
        assertThat(run.step()).isEmpty();
        assertThat(run.term()).isEmpty();
        assertThat(run.predicted()).isEmpty();
        assertThat(run.outcome()).contains(new Estimate(-0.01, null, null));
        assertThat(run.held()).isEmpty();
    }

    @Test
    void theFirstRunIsComparedWithNothing() {
        PastRun run = PastRun.of(List.of(FIRST)).get(0);
        assertThat(run.comparedWith()).isEmpty();
        assertThat(run.outcome()).isEmpty();
        assertThat(run.testDev()).contains(new Estimate(0.2, 0.0, 0.3));
    }

    @Test
    void aStepOfARunThatMadeThingsWorseIsShownThoughTheOneBeforeItIsComparedWith() {
        TrainingReport worse = TestReports.report("worse", Map.of())
                .setNextSteps(List.of(TestReports.step("tuning", Map.of("a", "b"), PREDICTED)))
                .build();
        Estimate outcome = new Estimate(-0.02, -0.03, -0.01);
        TrainingReport third = TestReports.report("third", Map.of())
                .setChanges(TestReports.changes("first", "tuning", Map.of("shift", outcome)))
                .build();

        PastRun run = PastRun.of(List.of(FIRST, worse, third)).get(2);
        assertThat(run.term()).contains("shift");
        assertThat(run.predicted()).contains(PREDICTED);
        assertThat(run.outcome()).contains(outcome);
    }
}
