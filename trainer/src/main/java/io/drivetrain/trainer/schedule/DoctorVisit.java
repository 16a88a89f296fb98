package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.TopicAssembler;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.publish.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doctor's look at what has come, beside a trainer or without one: from the samples that the trainer has committed,
 * which it only reads; where those are not all, from the topics, into a folder that is deleted afterwards.
 */
public final class DoctorVisit {
    private static final Logger LOG = LoggerFactory.getLogger(DoctorVisit.class);
    private static final Duration POLL = Duration.ofMillis(200);
    /** A trainer commits once a second. */
    private static final Duration TRAINER_PATIENCE = Duration.ofSeconds(3);

    private static final List<Topic> TOPICS =
            List.of(Topic.SAMPLES_TRAIN, Topic.SAMPLES_TRAIN_DEV, Topic.SAMPLES_TEST_DEV, Topic.SAMPLES_TEST);

    private final DrivetrainConfig config;
    private final Learner learner;
    private final InstantSource clock;
    private final Consumer<String> tell;

    /** How a visit ended. */
    public sealed interface Outcome {
        record Examined(Examination examination) implements Outcome {}

        /** There is nothing that could be examined; the reason is a sentence. */
        record NotExamined(String reason) implements Outcome {}
    }

    private DoctorVisit(DrivetrainConfig config, Learner learner, InstantSource clock, Consumer<String> tell) {
        this.config = config;
        this.learner = learner;
        this.clock = clock;
        this.tell = tell;
    }

    /**
     * Examines on the calling thread.
     *
     * @param tell takes sentences for a person
     * @throws TrainerException with one sentence, if folder, broker or topics are not usable
     * @throws InterruptedException soon after the thread was interrupted
     */
    public static Outcome pay(DrivetrainConfig config, Learner learner, InstantSource clock, Consumer<String> tell)
            throws TrainerException, InterruptedException {
        DoctorVisit visit = new DoctorVisit(config, learner, clock, tell);
        try {
            return visit.pay();
        } catch (ShardException e) {
            throw new TrainerException(e.getMessage(), e);
        } catch (IOException e) {
            throw new TrainerException(
                    "Cannot keep samples in the folder for temporary files (%s); free some space there, or choose another with -Djava.io.tmpdir"
                            .formatted(e.getMessage()),
                    e);
        } catch (KafkaException e) {
            throw new TrainerException(
                    "Cannot read from Kafka at %s (%s); check the broker, kafka.bootstrap and kafka.properties"
                            .formatted(config.kafka().bootstrap(), e.getMessage()),
                    e);
        }
    }

    private Outcome pay() throws TrainerException, ShardException, IOException, InterruptedException {
        String cluster = Broker.await(config.kafka(), TOPICS, Broker.ASKED);
        PixelShape shape = new PixelShape(
                TrainerService.CHANNELS, config.image().height(), config.image().width());
        Path directory = Path.of(config.training().directory()).toAbsolutePath();
        Path shards = TrainerService.shards(directory, cluster, shape);
        Path own = Files.createTempDirectory("drivetrain-doctor-");
        try (ShardStore copy = ShardStore.open(own, shape);
                TopicAssembler assembler = new TopicAssembler(config.kafka(), copy, clock)) {
            Offsets end = assembler.end();
            if (upToDate(shards, end)) {
                Optional<ShardStore> committed = ShardStore.openReadOnly(shards, shape);
                if (committed.isPresent()) {
                    try (ShardStore store = committed.get()) {
                        return examine(store);
                    }
                }
            }
            tell.accept("No trainer has read all samples into %s; they are read from Kafka".formatted(shards));
            assembler.run(end);
            return examine(copy);
        } finally {
            delete(own);
        }
    }

    /** Whether a trainer has read all that had come, or is at it. */
    private boolean upToDate(Path shards, Offsets end) throws ShardException, InterruptedException {
        Optional<Offsets> first = ShardStore.committed(shards);
        Optional<Offsets> now = first;
        long deadline = System.nanoTime() + TRAINER_PATIENCE.toNanos();
        while (now.isPresent() && !now.get().behind(end).isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            now = ShardStore.committed(shards);
        }
        if (now.isEmpty()) {
            return false;
        }
        boolean all = now.get().behind(end).isEmpty();
        boolean reading = !now.equals(first);
        if (!all && reading) {
            tell.accept("The trainer is still reading samples; those that it has are examined");
        }
        return all || reading;
    }

    private Outcome examine(ShardStore store) throws ShardException, InterruptedException {
        DrivetrainConfig fresh = withoutWarmStart();
        RunData data = RunData.select(store, store.position(), fresh);
        if (data instanceof RunData.Unusable unusable) {
            return new Outcome.NotExamined(unusable.reason());
        }
        RunData.Usable usable = (RunData.Usable) data;
        usable.leftOut().ifPresent(tell);
        Learner.Preparation preparation = learner.prepare(usable.assembly(), fresh, Optional.empty(), Optional.empty());
        if (preparation instanceof Learner.Preparation.Impossible impossible) {
            return new Outcome.NotExamined(impossible.reason());
        }
        try (Learner.Preparation.Ready ready = (Learner.Preparation.Ready) preparation) {
            return new Outcome.Examined(ready.examine(List.of()));
        }
    }

    /** Which model a name stands for is the trainer's to know, and it looks at its weights before it trains. */
    private DrivetrainConfig withoutWarmStart() {
        if (config.improve().warmStart().isEmpty()) {
            return config;
        }
        tell.accept("The doctor looks at fresh weights; those of improve.warm-start are looked at before the training");
        RunConfig changed = RunConfig.of(config, Map.of("improve.warm-start", "", "improve.freeze", "0"));
        return changed instanceof RunConfig.Accepted accepted ? accepted.config() : config;
    }

    private static void delete(Path folder) {
        try {
            ModelFolder.delete(folder);
        } catch (IOException e) {
            LOG.warn("The folder {} stays: {}", folder, e.getMessage());
        }
    }
}
