package io.drivetrain.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.publish.Outgoing;
import io.drivetrain.trainer.schedule.PendingRequest;
import io.drivetrain.trainer.schedule.TrainerException;
import io.drivetrain.trainer.schedule.TrainerService;
import io.drivetrain.trainer.schedule.TrainerState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A trainer that ended, lost its folder or has been replaced, against a real broker. */
class TrainerRestartIT extends TrainerOnBroker {
    @Test
    void anInterruptedRunIsRepeatedAfterTheRestartOnTheSameDataAndPublishedOnce() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("slow", RetrainingReason.MANUAL).build());
        PixelRule blocked = new PixelRule();
        blocked.block();
        long stopBegan;
        try (TrainerService service = start(config(), blocked)) {
            blocked.awaitBlocked();
            broker.sendSamples(drives(Split.TRAIN, "later", 2, 5));
            stopBegan = System.nanoTime();
            assertThat(service.end()).isNotDone();
        }
        assertThat((System.nanoTime() - stopBegan) / 1e9).isLessThan(5);
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).isEmpty();

        try (TrainerService service = start(config(), new PixelRule())) {
            assertThat(awaitReport("slow").getSplits().get(0).getSamples()).isEqualTo(240);
            assertThat(service.end()).isNotDone();
        }
        // A third start, and the request sent again, publish nothing more.
        broker.sendRequest(request("slow", RetrainingReason.MANUAL).build());
        broker.sendRequest(request("last", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("last");
            assertThat(service.samples(Split.TRAIN)).isEqualTo(250);
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("slow", "last");
    }

    @Test
    void aTrainerThatLostItsFolderDoesNotAnswerOldRequestsAgain() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("old", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("old");
            assertThat(service.end()).isNotDone();
        }
        broker.sendRequest(request("new", RetrainingReason.MANUAL).build());
        try (TrainerService service =
                start(config("training.directory", directory.resolve("fresh").toString()), new PixelRule())) {
            awaitReport("new");
            assertThat(service.end()).isNotDone();
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("old", "new");
    }

    @Test
    void twoTrainersInOneFolderAreRefused() throws Exception {
        DrivetrainConfig config = config();
        try (TrainerService service = start(config, new PixelRule())) {
            assertThatThrownBy(() -> start(config, new PixelRule()))
                    .isInstanceOf(TrainerException.class)
                    .hasMessage("Another trainer works in %s; stop it, or give this one another training.directory"
                            .formatted(directory));
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aTrainerThatAnotherOneReplacesPublishesNoMore() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("contested", RetrainingReason.MANUAL).build());
        PixelRule blocked = new PixelRule();
        blocked.block();
        try (TrainerService first =
                start(config("training.directory", directory.resolve("first").toString()), blocked)) {
            blocked.awaitBlocked();
            try (TrainerService second = start(
                    config("training.directory", directory.resolve("second").toString()), new PixelRule("another"))) {
                awaitReport("contested");
                blocked.release();
                assertThatThrownBy(() -> first.end().get(30, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(TrainerException.class)
                        .hasMessageContaining("Another trainer has begun to serve the Kafka cluster at");
                assertThat(second.end()).isNotDone();
            }
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).hasSize(1);
    }

    @Test
    void aResultThatWasReadyWhenTheTrainerDiedIsPublishedOnceWithoutTrainingAgain() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("first", RetrainingReason.MANUAL).build());
        TrainingReport report;
        try (TrainerService service = start(config(), new PixelRule())) {
            report = awaitReport("first");
            assertThat(service.end()).isNotDone();
        }
        report.setRequestId("ready");
        report.setRunId("run-ready");
        for (int start = 0; start < 2; start++) {
            TrainerState state = TrainerState.load(stateFile(), Instant.EPOCH);
            state.add(PendingRequest.plain(
                    "ready", RetrainingReason.MANUAL, Optional.of(state.lastModelUpTo()), Instant.EPOCH));
            state.fillOutbox(new TrainerState.Outbox(
                    "ready",
                    report.getModelId(),
                    List.of(Outgoing.of(Topic.TRAINING_REPORT, report.getRunId(), report))));
            state.save();
            PixelRule unused = new PixelRule();
            unused.throwOnce(new AssertionError("trained again"));
            try (TrainerService service = start(config(), unused)) {
                assertThat(awaitReport("ready")).isEqualTo(report);
                assertThat(service.end()).isNotDone();
            }
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRunId)
                .containsExactly("run-first", "run-ready");
    }

    @Test
    void aRequestThatWasWithdrawnWhenTheTrainerDiedIsNotTakenUpAgain() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("slow", RetrainingReason.MANUAL).build());
        PixelRule blocked = new PixelRule();
        blocked.block();
        try (TrainerService service = start(config(), blocked)) {
            blocked.awaitBlocked();
            assertThat(service.end()).isNotDone();
        }
        TrainerState state = TrainerState.load(stateFile(), Instant.EPOCH);
        state.replace(state.pending("slow").orElseThrow().asWithdrawn());
        state.save();
        Path checkpoint = Files.createDirectories(directory.resolve("checkpoints/id-run-slow"));
        broker.sendRequest(request("last", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("last");
            assertThat(service.end()).isNotDone();
        }
        assertThat(checkpoint).doesNotExist();
        assertThat(broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class))
                .filteredOn(TrainingProgress::getWithdrawn)
                .extracting(TrainingProgress::getRequestId)
                .containsExactly("slow");
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("last");
    }

    private Path stateFile() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().startsWith("state-"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
