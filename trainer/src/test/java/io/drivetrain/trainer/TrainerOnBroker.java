package io.drivetrain.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.Samples;
import io.drivetrain.trainer.check.BackendStatus;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.schedule.FitLearner;
import io.drivetrain.trainer.schedule.Learner;
import io.drivetrain.trainer.schedule.TrainerException;
import io.drivetrain.trainer.schedule.TrainerService;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A trainer, a real broker whose topics are empty before each test, and a small world to train on. */
abstract class TrainerOnBroker {
    static final int SIZE = 16;

    @TempDir
    static Path brokerDirectory;

    static TestBroker broker;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = TestBroker.start(brokerDirectory);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void emptyTopics() throws Exception {
        broker.resetTopics();
    }

    DrivetrainConfig config(String... keysAndValues) {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("kafka.bootstrap", broker.bootstrap());
        overrides.put("classes", "bright,dark");
        overrides.put("image.width", "" + SIZE);
        overrides.put("image.height", "" + SIZE);
        overrides.put("training.directory", directory.toString());
        overrides.put("training.max-epochs", "3");
        overrides.put("training.batch-size", "32");
        overrides.put("training.bootstrap-replicates", "200");
        overrides.put("retraining.min-new-source-drives", "3");
        overrides.put("retraining.settle", "PT1S");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            overrides.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return ConfigReader.read(Optional.empty(), Map.of(), overrides);
    }

    static TrainerService start(DrivetrainConfig config, Learner learner) throws TrainerException {
        return TrainerService.start(config, learner, Map.of("drivetrain", "test"), Clock.systemUTC());
    }

    static List<CuratedSample> drives(Split split, String prefix, int drives, int frames) {
        List<CuratedSample> samples = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            for (int frame = 0; frame < frames; frame++) {
                samples.add(Samples.sample(split, prefix + drive, frame));
            }
        }
        return samples;
    }

    static List<CuratedSample> world() {
        List<CuratedSample> samples = drives(Split.TRAIN, "a", 12, 20);
        samples.addAll(drives(Split.TRAIN_DEV, "b", 6, 10));
        samples.addAll(drives(Split.TEST_DEV, "c", 6, 10));
        samples.addAll(drives(Split.TEST, "d", 6, 10));
        return samples;
    }

    static RetrainingRequest.Builder request(String id, RetrainingReason reason) {
        return RetrainingRequest.newBuilder()
                .setRequestId(id)
                .setReason(reason)
                .setRequestedAt(Instant.ofEpochSecond(1_700_000_000L));
    }

    static TrainingReport awaitReport(String requestId) throws Exception {
        return broker
                .await(Topic.TRAINING_REPORT, TrainingReport.class, r -> requestId.equals(r.getRequestId()))
                .stream()
                .filter(r -> requestId.equals(r.getRequestId()))
                .findFirst()
                .orElseThrow();
    }

    static List<TrainingProgress> awaitPhase(String requestId, TrainingPhase phase) throws Exception {
        return broker.await(
                Topic.TRAINING_PROGRESS,
                TrainingProgress.class,
                p -> requestId.equals(p.getRequestId()) && p.getPhase() == phase);
    }

    static void awaitSamples(TrainerService service, int trainSamples) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (service.samples(Split.TRAIN) < trainSamples) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    FitLearner network(DrivetrainConfig config) throws Exception {
        BackendStatus backend = NativeBackend.start(config.training().threads());
        return new FitLearner(TrainerService.CHANNELS, backend);
    }
}
