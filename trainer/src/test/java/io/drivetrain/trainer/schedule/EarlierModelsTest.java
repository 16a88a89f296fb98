package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.Samples;
import io.drivetrain.trainer.assemble.Selection;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.check.BackendStatus;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.grade.MostProbable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierModelsTest {
    private static final List<String> CLASSES = List.of(Samples.BRIGHT, Samples.DARK);
    private static final int SIZE = 16;

    @TempDir
    Path directory;

    private static DrivetrainConfig config(String telemetry) {
        return ConfigReader.read(
                Optional.empty(),
                Map.of(),
                Map.of(
                        "classes",
                        String.join(",", CLASSES),
                        "image.width",
                        "" + SIZE,
                        "image.height",
                        "" + SIZE,
                        "training.network",
                        "multi-input",
                        "training.telemetry",
                        telemetry,
                        "training.max-epochs",
                        "1",
                        "training.batch-size",
                        "16"));
    }

    /** The class shows in the speed alone; the yaw rate says the contrary. */
    private static CuratedSample sample(Split split, String drive, int frame) {
        CuratedSample sample = Samples.sample(split, drive, frame, CLASSES.get(frame % 2), SIZE);
        double speed = frame % 2 == 0 ? 30 + frame : frame;
        sample.setTelemetry(Map.of("speed", speed, "yaw-rate", 40 - speed));
        return sample;
    }

    @Test
    void aModelOfOtherTelemetryIsAskedWithItsOwnNumbersInItsOwnOrder() throws Exception {
        BackendStatus backend = NativeBackend.start(1);
        Learner learner = new FitLearner(3, backend);
        try (ShardStore store = ShardStore.open(directory.resolve("shards"), new PixelShape(3, SIZE, SIZE))) {
            Map<Offsets.Partition, Long> next = new TreeMap<>();
            for (Split split : Split.values()) {
                for (int i = 0; i < 40; i++) {
                    store.append(split, sample(split, split + "-" + i / 10, i), 0, i);
                }
                next.put(new Offsets.Partition(Topic.of(split).topicName(), 0), 40L);
            }
            store.commit(Offsets.of(next));
            DrivetrainConfig before = config("speed,yaw-rate");
            Assembly theirs = assembly(store, before);
            Learner.Outcome outcome = learner.learn(
                    new LearnRequest(
                            theirs.view(Split.TRAIN),
                            theirs.view(Split.TRAIN_DEV),
                            before,
                            Optional.empty(),
                            Optional.empty()),
                    (EpochProgress epoch) -> {});
            try (Learner.Model model = ((Learner.Outcome.Learned) outcome).model()) {
                model.save(directory.resolve("model"));
                int[] expected = MostProbable.of(model.probabilities(theirs.view(Split.TEST_DEV), judged -> {}));
                for (String now : List.of("yaw-rate,speed", "yaw-rate", "speed,yaw-rate")) {
                    DrivetrainConfig config = config(now);
                    EarlierModels.Answer answer = new EarlierModels(learner)
                            .ask(published(), run(config, assembly(store, config), model), List.of(Split.TEST_DEV));

                    assertThat(((EarlierModels.Answer.Predicted) answer)
                                    .classes()
                                    .get(Split.TEST_DEV))
                            .as("a run that reads %s", now)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static Assembly assembly(ShardStore store, DrivetrainConfig config) throws Exception {
        return Assembly.of(
                store,
                store.position(),
                new Selection(CLASSES, 0, Optional.empty(), config.training().telemetry()));
    }

    private ModelPublished published() {
        return ModelPublished.newBuilder()
                .setModelId("multi-input-1")
                .setRunId("run-1")
                .setNetwork("multi-input")
                .setUri(directory.resolve("model").toUri().toString())
                .setClasses(CLASSES)
                .setChannels(3)
                .setHeight(SIZE)
                .setWidth(SIZE)
                .setChannelMean(List.of())
                .setChannelStandardDeviation(List.of())
                .setSha256("")
                .setWeightsSha256("")
                .setProvenance(new Provenance(List.of(), null, "", Map.of(), 1L, 1, Map.of()))
                .setPublishedAt(Instant.EPOCH)
                .build();
    }

    private GradedRun run(DrivetrainConfig config, Assembly assembly, Learner.Model model) {
        PendingRequest request = PendingRequest.plain("r", RetrainingReason.MANUAL, Optional.empty(), Instant.EPOCH);
        return new GradedRun(
                request,
                "multi-input-2",
                config,
                assembly,
                model,
                Map.of(),
                directory,
                new ArrayList<>(),
                new RunProgress(
                        new Progress(said -> {}, () -> Instant.EPOCH), request, assembly.sizes(), () -> Instant.EPOCH));
    }
}
