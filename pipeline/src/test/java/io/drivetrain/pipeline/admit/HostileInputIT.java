package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.CurationJob;
import io.drivetrain.pipeline.TestBroker;
import io.drivetrain.pipeline.TestCluster;
import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.ReleasedClaim;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred thousand records that were good once, through the whole job; with the kill tests, as it takes a minute. */
@Tag("kill")
class HostileInputIT {
    private static final int RECORDS = 100_000;
    private static final long SEED = Long.getLong("hostile.seed", 20261124L);
    private static final Duration DEADLINE = Duration.ofMinutes(8);
    private static final byte[] JPEG = TestSamples.jpeg(96, 72, 1);
    private static final long MOST_GROWTH = 128L << 20;

    /** Of what is admitted of the mutations that may have hit where it does not matter. */
    private static final double MOST_ADMITTED = 0.5;

    /** Pictures that are being decoded, whatever the number of records. */
    private static final long MOST_PICTURES = 200L << 20;

    @TempDir
    private Path directory;

    @Test
    void everyHostileRecordIsRejectedWithACodeOrStillGoodAndTheJobNeitherRestartsNorGrows() throws Exception {
        try (TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                MiniCluster cluster = TestCluster.start(2);
                KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            DrivetrainConfig config = broker.config(directory, Map.of("flink.checkpoint-interval", "PT2S"));
            JobID job = cluster.submitJob(CurationJob.plan(config)).get().getJobID();
            HostileRecords hostile = new HostileRecords(SEED);
            Map<String, Boolean> sent = new ConcurrentHashMap<>();
            for (int i = 0; i < RECORDS; i++) {
                byte[] key = ("drive-" + i % 97).getBytes(UTF_8);
                HostileRecords.Hostile record = record(hostile, i);
                producer.send(
                        new ProducerRecord<>(Topic.SAMPLES_RAW.topicName(), key, record.value()),
                        (metadata, failure) -> sent.put(
                                failure == null ? place(metadata.partition(), metadata.offset()) : failure.toString(),
                                record.neverValid()));
            }
            producer.flush();
            assertThat(sent).hasSize(RECORDS);
            long maybeValid = sent.values().stream().filter(never -> !never).count();

            Outcome outcome = new Outcome(sent);
            try (KafkaConsumer<byte[], byte[]> consumer = consumer(broker)) {
                outcome.readUntil(consumer, RECORDS / 4);
                // Before the collection: behind it, much of the heap is committed and not in use.
                long nativeBefore = nativeBytes();
                long heapBefore = heapAfterCollection();
                outcome.readUntil(consumer, RECORDS);
                long nativeGrowth = nativeBytes() - nativeBefore;
                long growth = heapAfterCollection() - heapBefore;
                System.out.printf(
                        "HostileInputIT: seed %d, raw %d = admitted %d (of %d that may be valid) + rejected %d; heap grew by %d MB, memory outside of it by %d MB, pictures hold %d MB; %s%n",
                        SEED,
                        RECORDS,
                        outcome.admitted,
                        maybeValid,
                        outcome.rejected,
                        growth >> 20,
                        nativeGrowth >> 20,
                        Pointer.totalBytes() >> 20,
                        outcome.codes);
                assertThat(growth).isLessThan(MOST_GROWTH);
                assertThat(nativeGrowth).as("bytes outside of the heap").isLessThan(2 * MOST_GROWTH);
                assertThat(Pointer.totalBytes()).as("bytes of pictures").isLessThan(MOST_PICTURES);
            }
            assertThat(outcome.admitted + outcome.rejected).isEqualTo(RECORDS);
            assertThat(outcome.twice).isZero();
            assertThat(outcome.neverValidAdmitted).isEmpty();
            assertThat(outcome.admitted).isLessThan((int) (MOST_ADMITTED * maybeValid));
            assertThat(outcome.codes)
                    .containsKeys(
                            "undecodable-record",
                            "undecodable-image",
                            "truncated-image",
                            "format-not-allowed",
                            "unknown-schema",
                            "dimensions-out-of-limits");
            var graph = cluster.getExecutionGraph(job).get();
            assertThat(graph.getState()).isEqualTo(JobStatus.RUNNING);
            assertThat(graph.getStatusTimestamp(JobStatus.RESTARTING))
                    .as("restarts")
                    .isZero();
            cluster.cancelJob(job).get();
        }
    }

    /** Every tenth is a bomb, every tenth of another schema. */
    private static HostileRecords.Hostile record(HostileRecords hostile, int number) {
        return switch (number % 10) {
            case 4 ->
                new HostileRecords.Hostile(
                        Wire.encode(TestSamples.sample(
                                "bomb",
                                number,
                                Domain.SOURCE,
                                HostileImages.jpegClaiming(JPEG, 30_000 + number % 30_000, 30_000))),
                        true);
            case 7 ->
                new HostileRecords.Hostile(
                        Wire.encode(new ReleasedClaim("samples.raw-0@" + number, "~0", "0", "run")), true);
            default -> hostile.next();
        };
    }

    private static KafkaConsumer<byte[], byte[]> consumer(TestBroker broker) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrap(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        List<Topic> topics = new ArrayList<>(List.of(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            topics.add(Topic.of(split));
        }
        topics.forEach(topic -> consumer.partitionsFor(topic.topicName())
                .forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition()))));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    private static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** What the process holds outside of the Java heap: decoders, RocksDB, the broker's maps, the JVM itself. */
    private static long nativeBytes() {
        return Pointer.physicalBytes()
                - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    }

    private static String place(int partition, long offset) {
        return partition + "@" + offset;
    }

    /** What came out, each raw record noted by its place. */
    private static final class Outcome {
        private final Map<Integer, BitSet> seen = new HashMap<>();
        private final Map<String, Integer> codes = new TreeMap<>();
        private final Map<String, Boolean> sent;
        private final List<String> neverValidAdmitted = new ArrayList<>();
        private int admitted;
        private int rejected;
        private int twice;

        /** Takes whether a record can never be valid, by its place. */
        Outcome(Map<String, Boolean> sent) {
            this.sent = sent;
        }

        void readUntil(KafkaConsumer<byte[], byte[]> consumer, int count) throws Exception {
            long deadline = System.nanoTime() + DEADLINE.toNanos();
            while (admitted + rejected < count) {
                assertThat(System.nanoTime())
                        .as("%d admitted and %d rejected of %d", admitted, rejected, count)
                        .isLessThan(deadline);
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    note(record);
                }
            }
        }

        private void note(ConsumerRecord<byte[], byte[]> record) throws Exception {
            Origin origin;
            if (record.topic().equals(Topic.SAMPLES_REJECTED.topicName())) {
                RejectedSample sample = Wire.decode(record.value(), RejectedSample.class);
                origin = sample.getOrigin();
                rejected++;
                assertThat(sample.getViolations()).isNotEmpty();
                for (Violation violation : sample.getViolations()) {
                    assertThat(ViolationCode.of(violation.getCode())).isPresent();
                    codes.merge(violation.getCode(), 1, Integer::sum);
                }
            } else {
                origin = Wire.decode(record.value(), CuratedSample.class).getOrigin();
                admitted++;
                String place = place(origin.getPartition(), origin.getOffset());
                if (sent.get(place)) {
                    neverValidAdmitted.add(place);
                }
            }
            BitSet offsets = seen.computeIfAbsent(origin.getPartition(), partition -> new BitSet());
            twice += offsets.get((int) origin.getOffset()) ? 1 : 0;
            offsets.set((int) origin.getOffset());
        }
    }
}
