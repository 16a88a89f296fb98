package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.publish.Outgoing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerStateTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Offsets OFFSETS = Offsets.of(Map.of(new Offsets.Partition("samples.train", 3), 17L));

    @TempDir
    Path directory;

    @Test
    void everythingIsThereAfterARestart() throws Exception {
        Path file = directory.resolve("state.json");
        TrainerState state = TrainerState.load(file, NOON);
        PendingRequest bound = new PendingRequest(
                "b",
                RetrainingReason.MANUAL,
                Optional.of(OFFSETS),
                Map.of("training.seed", "7"),
                "bigger-model",
                Optional.of("lenet-1"),
                NOON,
                2,
                true);
        PendingRequest open = PendingRequest.plain("a", RetrainingReason.ALERT, Optional.empty(), NOON);
        state.add(bound);
        state.add(open);
        state.finish("done");
        state.requestsTakenUpTo(OFFSETS);
        state.modelMade("lenet-1", OFFSETS);
        state.scheduleChecked(NOON.plusSeconds(5));
        state.fillOutbox(new TrainerState.Outbox(
                "b", "lenet-2", List.of(new Outgoing("training.report", "run-b", new byte[] {1, -2, 3}))));
        state.save();

        TrainerState again = TrainerState.load(file, Instant.EPOCH);
        assertThat(again.pending()).containsExactly(bound, open);
        assertThat(again.knows("done")).isTrue();
        assertThat(again.knows("a")).isTrue();
        assertThat(again.knows("c")).isFalse();
        assertThat(again.requestOffsets()).isEqualTo(OFFSETS);
        assertThat(again.lastModelId()).contains("lenet-1");
        assertThat(again.lastModelUpTo()).isEqualTo(OFFSETS);
        assertThat(again.scheduleCheckedAt()).isEqualTo(NOON.plusSeconds(5));
        assertThat(again.outbox().orElseThrow().records().get(0).value()).containsExactly(1, -2, 3);
    }

    @Test
    void aFinishedRequestIsNoLongerPendingAndStaysKnown() throws Exception {
        TrainerState state = TrainerState.load(directory.resolve("state.json"), NOON);
        state.add(PendingRequest.plain("a", RetrainingReason.ALERT, Optional.empty(), NOON));
        state.finish("a");
        assertThat(state.pending()).isEmpty();
        assertThat(state.knows("a")).isTrue();
    }

    @Test
    void aFileThatCannotBeReadIsOneSentence() throws Exception {
        Path file = Files.writeString(directory.resolve("state.json"), "{\"pending\": [");
        assertThatThrownBy(() -> TrainerState.load(file, NOON))
                .isInstanceOf(TrainerException.class)
                .hasMessageStartingWith("Cannot read the trainer's state " + file + "; move it away");
    }
}
