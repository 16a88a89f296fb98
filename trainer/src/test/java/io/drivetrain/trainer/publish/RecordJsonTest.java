package io.drivetrain.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.trainer.assemble.Samples;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordJsonTest {
    @Test
    void recordsAreWrittenPlainly() {
        TrainingProgress progress = TrainingProgress.newBuilder()
                .setRunId("run-1")
                .setPhase(TrainingPhase.FITTING)
                .setMessage("Epoch 1")
                .setEpoch(1)
                .setTrainLoss(0.1)
                .setSamples(Map.of("train", 7L, "test", 3L))
                .setAt(Instant.parse("2026-11-23T12:00:00Z"))
                .build();
        assertThat(RecordJson.of(progress))
                .hasToString(
                        "{\"runId\":\"run-1\",\"requestId\":null,\"phase\":\"FITTING\",\"message\":\"Epoch 1\",\"epoch\":1,"
                                + "\"epochs\":0,\"trainLoss\":0.1,\"trainError\":null,\"trainDevError\":null,\"trainDevLoss\":null,"
                                + "\"imagesPerSecond\":null,\"stage\":\"UNKNOWN\",\"batch\":0,\"batches\":0,\"step\":0,\"steps\":0,"
                                + "\"secondsLeft\":null,\"samples\":{\"test\":3,\"train\":7},\"refused\":false,\"withdrawn\":false,\"skipped\":false,\"joined\":null,\"at\":\"2026-11-23T12:00:00Z\"}");
    }

    @Test
    void bytesAreWrittenByTheirNumber() {
        assertThat(RecordJson.of(Samples.sample(Split.TRAIN, "drive", 0))
                        .at("/pixels/data")
                        .asText())
                .isEqualTo("768 bytes");
    }
}
