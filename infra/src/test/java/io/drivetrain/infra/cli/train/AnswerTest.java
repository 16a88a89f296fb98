package io.drivetrain.infra.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private final Answer answer = new Answer("mine");

    private static TrainingProgress.Builder step(String requestId, String message) {
        return TrainingProgress.newBuilder()
                .setRunId("run-" + requestId)
                .setRequestId(requestId)
                .setPhase(TrainingPhase.WAITING_FOR_DATA)
                .setMessage(message)
                .setAt(Instant.EPOCH);
    }

    private static TrainingReport report(String requestId) {
        return TestReports.report("lenet-" + requestId, Map.of())
                .setRunId("run-" + requestId)
                .setRequestId(requestId)
                .build();
    }

    @Test
    void whatOtherRunsSayIsNotTheAnswer() {
        assertThat(answer.hear(step("other", "training").build())).isFalse();
        answer.hear(report("other"));

        assertThat(answer.steps()).isEmpty();
        assertThat(answer.report()).isEmpty();
        assertThat(answer.reportOf("run-other")).contains(report("other"));
    }

    @Test
    void theOwnReportIsTheAnswer() {
        assertThat(answer.hear(step("mine", "training").build())).isTrue();
        answer.hear(report("mine"));

        assertThat(answer.report()).contains(report("mine"));
    }

    @Test
    void aRequestThatJoinedAnotherIsAnsweredByThatOnesRun() {
        answer.hear(step("mine", "Joined request other").setJoined("other").build());

        assertThat(answer.hear(step("other", "training").build())).isTrue();
        assertThat(answer.steps()).hasSize(2);
        assertThat(answer.report()).isEmpty();
        answer.hear(report("other"));
        assertThat(answer.report()).contains(report("other"));
    }

    @Test
    void theReportMayBeReadBeforeTheSentenceThatSaysWhoseItIs() {
        answer.hear(report("other"));
        answer.hear(step("mine", "Joined request other").setJoined("other").build());

        assertThat(answer.report()).contains(report("other"));
    }
}
