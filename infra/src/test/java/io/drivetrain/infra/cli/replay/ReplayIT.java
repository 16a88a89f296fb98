package io.drivetrain.infra.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A class is missing in the configuration; its samples are rejected, the class is added, and they are sent again. */
class ReplayIT {
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final int FRAMES = 6;
    private static final int DRIVES = 4;
    private static final RejectionFilter ALL = new RejectionFilter(
            Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    private static final RejectionFilter UNKNOWN = new RejectionFilter(
            Set.of("unknown-class"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @TempDir
    private Path folder;

    @Test
    void whatWasRejectedForAClassPassesOnceWhenTheClassIsKnown() throws Exception {
        long rejected;
        try (LocalStack stack = launch("pedestrian,no-pedestrian")) {
            rejected = send(stack.config());
            assertThat(rejected).isPositive();
            await(stack.config(), rejected, List.of(Topic.SAMPLES_REJECTED));
        }
        try (LocalStack stack = launch("pedestrian,no-pedestrian,cyclist")) {
            Replayer replayer = new Replayer(stack.config());
            try (KafkaProducer<byte[], byte[]> running = killedInTheMiddle(stack.config())) {
                Replayer.Sent planned = replayer.send(UNKNOWN, false, true, count -> {});
                assertThat(planned.before()).hasSize((int) rejected);
                assertThat(planned.tooLarge()).isEmpty();
                assertThat(Replayer.replayed(stack.config())).isEmpty();
                // Who only counts does not end the replay that is running, which Kafka would say here.
                assertThatCode(running::abortTransaction).doesNotThrowAnyException();
            }
            String usual = limitRecords(stack.config(), "1000");
            Replayer.Sent limited = replayer.send(UNKNOWN, false, false, count -> {});
            assertThat(limited.before()).isEmpty();
            assertThat(limited.tooLarge()).hasSize((int) rejected).allMatch(place -> place.startsWith("samples.raw-"));
            limitRecords(stack.config(), usual);

            KafkaProducer<byte[], byte[]> killed = killedInTheMiddle(stack.config());
            Replayer.Sent sent = replayer.send(UNKNOWN, false, false, count -> {});
            killed.close(Duration.ZERO);
            Map<String, Replayer.Outcome> outcomes = replayer.await(sent, DEADLINE, decided -> {});
            assertThat(outcomes).hasSize((int) rejected);
            assertThat(outcomes.values()).allSatisfy(outcome -> {
                assertThat(outcome.before()).containsExactly("unknown-class");
                assertThat(outcome.after()).isEmpty();
                assertThat(outcome.split()).isPresent();
            });

            Replayer.Sent twice = replayer.send(ALL, false, false, count -> {});
            assertThat(twice.before()).isEmpty();
            assertThat(twice.skipped()).isEqualTo(rejected);
            long[] raw = new long[1];
            TopicFollower.readAll(stack.config(), List.of(Topic.SAMPLES_RAW), (topic, record) -> raw[0]++);
            assertThat(raw[0]).isEqualTo(DRIVES * FRAMES + rejected);
            Map<String, Integer> cyclists = cyclists(stack.config());
            assertThat(cyclists).hasSize((int) rejected);
            assertThat(cyclists.values()).allMatch(count -> count == 1);
        }
    }

    /** Sets what the broker takes as a record of samples.raw, and returns what it was before. */
    private static String limitRecords(DrivetrainConfig config, String bytes) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topic.SAMPLES_RAW.topicName());
        try (Admin admin = Admin.create(KafkaClients.admin(config))) {
            String before = admin.describeConfigs(List.of(topic))
                    .all()
                    .get()
                    .get(topic)
                    .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                    .value();
            admin.incrementalAlterConfigs(Map.of(
                            topic,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, bytes),
                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            return before;
        }
    }

    /** Leaves a transaction open with a record in it, as a replay does that is killed. */
    private static KafkaProducer<byte[], byte[]> killedInTheMiddle(DrivetrainConfig config) throws Exception {
        KafkaProducer<byte[], byte[]> killed = KafkaClients.transactional(config, "drivetrain-replay");
        killed.initTransactions();
        killed.beginTransaction();
        killed.send(new ProducerRecord<>(Topic.SAMPLES_RAW.topicName(), new byte[] {1}, new byte[] {2}))
                .get();
        killed.flush();
        return killed;
    }

    private LocalStack launch(String classes) throws Exception {
        StackSettings settings = new StackSettings(
                folder.resolve("stack"),
                Optional.empty(),
                Map.of("flink.checkpoint-interval", "PT1S", "flink.parallelism", "1", "classes", classes),
                Optional.empty(),
                Optional.empty(),
                0);
        LocalStack stack = LocalStack.launch(settings, EnumSet.of(Role.BROKER, Role.FLINK), StackListener.ofTrouble());
        stack.await(Role.BROKER);
        stack.await(Role.FLINK);
        return stack;
    }

    /** Sends drives, in each of which every third frame shows a cyclist; returns how many do. */
    private static long send(DrivetrainConfig config) throws Exception {
        StreamPlan plan = StreamPlan.first(5, DRIVES / 2, DRIVES / 2)
                .withFramesPerDrive(FRAMES)
                .withSize(160, 90)
                .withFaults(FaultShares.NONE);
        List<Collected> samples = new ArrayList<>();
        long cyclists = 0;
        try (SampleSource source = SyntheticScenes.source(plan, 1)) {
            for (Collected collected : source) {
                LabeledSample sample = ((Collected.Sample) collected).sample();
                boolean cyclist = sample.getFrameIndex() % 3 == 1;
                cyclists += cyclist ? 1 : 0;
                samples.add(
                        cyclist
                                ? new Collected.Sample(LabeledSample.newBuilder(sample)
                                        .setLabel("cyclist")
                                        .build())
                                : collected);
            }
        }
        Transfer.all(new Listed(samples), () -> config, sent -> {});
        return cyclists;
    }

    private record Listed(List<Collected> samples) implements SampleSource {
        @Override
        public OptionalLong expectedCount() {
            return OptionalLong.of(samples.size());
        }

        @Override
        public Iterator<Collected> iterator() {
            return samples.iterator();
        }

        @Override
        public void close() {}
    }

    private static void await(DrivetrainConfig config, long count, List<Topic> topics) throws InterruptedException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            long[] seen = new long[1];
            TopicFollower.readAll(config, topics, (topic, record) -> seen[0]++);
            if (seen[0] >= count) {
                return;
            }
            assertThat(System.nanoTime()).as("%d of %d", seen[0], count).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static Map<String, Integer> cyclists(DrivetrainConfig config) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        List<Topic> splits = Stream.of(Split.values()).map(Topic::of).toList();
        TopicFollower.readAll(config, splits, (topic, record) -> {
            try {
                CuratedSample sample = Wire.decode(record.value(), CuratedSample.class);
                if (sample.getLabel().equals("cyclist")) {
                    counts.merge(sample.getSampleId(), 1, Integer::sum);
                }
            } catch (UndecodableRecordException e) {
                throw new AssertionError(e);
            }
        });
        return counts;
    }
}
