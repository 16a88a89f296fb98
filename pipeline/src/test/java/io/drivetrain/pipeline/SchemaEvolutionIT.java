package io.drivetrain.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.AnnouncedSchema;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Producers of three versions, and one that says nothing, send to one running job. */
class SchemaEvolutionIT {
    private static final Duration DEADLINE = Duration.ofSeconds(90);
    private static final int FRAMES = 5;
    private static final Topic[] SPLITS = {
        Topic.SAMPLES_TRAIN, Topic.SAMPLES_TRAIN_DEV, Topic.SAMPLES_TEST_DEV, Topic.SAMPLES_TEST
    };

    @TempDir
    Path directory;

    @Test
    void producersOfThePreviousAndOfTheNextVersionSendWhileTheJobRuns() throws Exception {
        try (TestBroker broker = TestBroker.start(directory.resolve("kafka"));
                MiniCluster cluster = TestCluster.start(2);
                KafkaProducer<byte[], byte[]> producer = broker.producer()) {
            DrivetrainConfig config = broker.config(directory, Map.of());
            JobID job = cluster.submitJob(CurationJob.plan(config)).get().getJobID();
            Set<String> expected = new TreeSet<>();

            // The job runs, and has read records of today's version.
            send(producer, "today-1", LabeledSample.getClassSchema(), null, expected);
            await(broker, expected);

            // Nobody has announced this one; hostile announcements stand before the honest one.
            Schema silent = next("silent", "\"int\"");
            send(producer, "silent", silent, 7, new TreeSet<>());
            announce(producer, "not a schema", "0000000000000000");
            announce(producer, "[".repeat(50_000), "0000000000000001");
            produce(producer, Topic.SCHEMAS_ANNOUNCED, "noise", "no announcement at all".getBytes(UTF_8));
            Schema next = next(
                    "rain",
                    "[\"null\",{\"type\":\"enum\",\"name\":\"Rain\",\"symbols\":[\"DRY\",\"WET\"]},"
                            + "{\"type\":\"map\",\"values\":\"double\"}]");
            announce(producer, next.toString(), fingerprint(next));

            // All three at once, in turn.
            for (int i = 2; i < 5; i++) {
                send(producer, "next-" + i, next, Map.of("mm/h", 2.5), expected);
                send(producer, "previous-" + i, release("0.1.0"), null, expected);
                send(producer, "today-" + i, LabeledSample.getClassSchema(), null, expected);
            }
            await(broker, expected);
            List<ConsumerRecord<byte[], byte[]>> rejected =
                    broker.committedUntil(records -> records.size() >= FRAMES, DEADLINE, Topic.SAMPLES_REJECTED);
            assertThat(rejected).hasSize(FRAMES);
            for (ConsumerRecord<byte[], byte[]> record : rejected) {
                RejectedSample sample = Wire.decode(record.value(), RejectedSample.class);
                assertThat(new String(record.key(), UTF_8)).isEqualTo("silent");
                assertThat(sample.getViolations()).singleElement().satisfies(violation -> {
                    assertThat(violation.getCode()).isEqualTo("unknown-schema");
                    assertThat(violation.getMessage()).contains(fingerprint(silent), "schemas.announced");
                });
            }

            // Announced at last, what was rejected is good when it is sent again.
            announce(producer, silent.toString(), fingerprint(silent));
            for (ConsumerRecord<byte[], byte[]> record : rejected) {
                ByteBuffer value =
                        Wire.decode(record.value(), RejectedSample.class).getValue();
                byte[] bytes = new byte[value.remaining()];
                value.get(bytes);
                produce(producer, Topic.SAMPLES_RAW, "silent", bytes);
            }
            for (int frame = 0; frame < FRAMES; frame++) {
                expected.add("silent/" + frame);
            }
            await(broker, expected);
            cluster.cancelJob(job).get();
            System.out.printf(
                    "SchemaEvolutionIT: %d samples of 4 schemas admitted, %d rejected and then admitted%n",
                    expected.size(), FRAMES);
        }
    }

    private static void await(TestBroker broker, Set<String> expected) throws Exception {
        Set<String> admitted = new TreeSet<>();
        for (ConsumerRecord<byte[], byte[]> record :
                broker.committedUntil(records -> records.size() >= expected.size(), DEADLINE, SPLITS)) {
            admitted.add(Wire.decode(record.value(), CuratedSample.class).getSampleId());
        }
        assertThat(admitted).isEqualTo(expected);
    }

    private static Schema release(String version) throws Exception {
        try (InputStream in = Wire.class.getResourceAsStream("releases/" + version + "/LabeledSample.avsc")) {
            return new Schema.Parser().parse(in);
        }
    }

    /** Today's schema and one field more, in front, so that it cannot be overlooked. */
    private static Schema next(String field, String type) {
        return new Schema.Parser()
                .parse(LabeledSample.getClassSchema()
                        .toString()
                        .replaceFirst(
                                "\"fields\":\\[", "\"fields\":[{\"name\":\"" + field + "\",\"type\":" + type + "},"));
    }

    private static String fingerprint(Schema schema) {
        return "%016x".formatted(SchemaNormalization.parsingFingerprint64(schema));
    }

    private static void announce(KafkaProducer<byte[], byte[]> producer, String definition, String fingerprint)
            throws Exception {
        produce(
                producer,
                Topic.SCHEMAS_ANNOUNCED,
                fingerprint,
                Wire.encode(new AnnouncedSchema(
                        fingerprint, LabeledSample.getClassSchema().getFullName(), definition, Instant.EPOCH)));
    }

    /** Sends a drive with the bytes that a program with that schema writes, whatever this one knows. */
    private static void send(
            KafkaProducer<byte[], byte[]> producer, String drive, Schema schema, Object extra, Set<String> expected)
            throws Exception {
        for (int frame = 0; frame < FRAMES; frame++) {
            LabeledSample sample = TestSamples.sample(
                    drive, frame, Domain.SOURCE, TestSamples.jpeg(96, 72, drive.hashCode() * 100L + frame));
            GenericData.Record record = new GenericData.Record(schema);
            for (Schema.Field field : schema.getFields()) {
                boolean known = LabeledSample.getClassSchema().getField(field.name()) != null;
                Object value = known ? sample.get(field.name()) : extra;
                record.put(field.pos(), value instanceof Instant at ? (Object) at.toEpochMilli() : value);
            }
            record.put(
                    "domain",
                    new GenericData.EnumSymbol(schema.getField("domain").schema(), "SOURCE"));
            ByteBuffer encoded = new BinaryMessageEncoder<GenericData.Record>(new GenericData(), schema).encode(record);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            produce(producer, Topic.SAMPLES_RAW, drive, bytes);
            expected.add(drive + "/" + frame);
        }
    }

    private static void produce(KafkaProducer<byte[], byte[]> producer, Topic topic, String key, byte[] value)
            throws Exception {
        producer.send(new ProducerRecord<>(topic.topicName(), key.getBytes(UTF_8), value))
                .get();
    }
}
