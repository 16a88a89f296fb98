package io.drivetrain.infra.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenTrainingsTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    private static TrainingProgress.Builder said(String run, TrainingPhase phase, int secondsAgo) {
        return TrainingProgress.newBuilder()
                .setRunId(run)
                .setPhase(phase)
                .setMessage(phase.name())
                .setAt(NOW.minusSeconds(secondsAgo));
    }

    @Test
    void whatRunsComesFirstThenWhatWaitsInItsOrder() {
        List<TrainingProgress> open = OpenTrainings.of(
                List.of(
                        said("alert", TrainingPhase.WAITING_FOR_DATA, 60).build(),
                        said("first", TrainingPhase.WAITING_FOR_DATA, 50).build(),
                        said("second", TrainingPhase.WAITING_FOR_DATA, 40).build(),
                        said("first", TrainingPhase.FITTING, 2).build(),
                        said("alert", TrainingPhase.WAITING_FOR_DATA, 1).build()),
                NOW);

        assertThat(open).extracting(TrainingProgress::getRunId).containsExactly("first", "alert", "second");
        assertThat(open.get(0).getPhase()).isEqualTo(TrainingPhase.FITTING);
    }

    @Test
    void whatHasEndedOrJoinedAnotherOrWasNotHeardOfForLongIsNotListed() {
        assertThat(OpenTrainings.of(
                        List.of(
                                said("published", TrainingPhase.FITTING, 9).build(),
                                said("published", TrainingPhase.PUBLISHED, 8).build(),
                                said("failed", TrainingPhase.FAILED, 7).build(),
                                said("joined", TrainingPhase.WAITING_FOR_DATA, 6)
                                        .setJoined("published")
                                        .build(),
                                said("skipped", TrainingPhase.WAITING_FOR_DATA, 6)
                                        .setSkipped(true)
                                        .build(),
                                said("killed", TrainingPhase.FITTING, 91).build()),
                        NOW))
                .isEmpty();
    }

    @Test
    void whatEndedWithoutAModelLatelyIsListedTheNewestFirst() {
        int day = 24 * 60 * 60;
        assertThat(OpenTrainings.ended(
                        List.of(
                                said("long-ago", TrainingPhase.FAILED, day + 1).build(),
                                said("fourth", TrainingPhase.FAILED, day).build(),
                                said("third", TrainingPhase.FAILED, 90).build(),
                                said("published", TrainingPhase.PUBLISHED, 80).build(),
                                said("second", TrainingPhase.FITTING, 70).build(),
                                said("second", TrainingPhase.FAILED, 60).build(),
                                said("first", TrainingPhase.FAILED, 1).build()),
                        NOW))
                .extracting(TrainingProgress::getRunId)
                .containsExactly("first", "second", "third");
    }

    private static RetrainingRequest request(String id, int secondsAgo) {
        return RetrainingRequest.newBuilder()
                .setRequestId(id)
                .setReason(RetrainingReason.MANUAL)
                .setRequestedAt(NOW.minusSeconds(secondsAgo))
                .build();
    }

    @Test
    void aRequestOfWhichTheTrainerHasSaidNothingIsNotForgotten() {
        RetrainingRequest withdrawal = request("withdrawal", 4);
        withdrawal.setWithdraws("taken");
        List<RetrainingRequest> requests =
                List.of(request("before-all-that-is-known", 90), request("taken", 50), withdrawal, request("new", 3));
        List<TrainingProgress> progress = List.of(said("run-taken", TrainingPhase.FITTING, 60)
                .setRequestId("taken")
                .build());

        assertThat(OpenTrainings.notTaken(requests, progress, NOW))
                .extracting(RetrainingRequest::getRequestId)
                .containsExactly("new");
        assertThat(OpenTrainings.notTaken(requests, List.of(), NOW)).hasSize(3);
    }
}
