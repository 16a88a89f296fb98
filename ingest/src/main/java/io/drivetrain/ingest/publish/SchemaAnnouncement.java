package io.drivetrain.ingest.publish;

import io.drivetrain.schemas.AnnouncedSchema;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells curation the schema that samples are written with. */
final class SchemaAnnouncement {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaAnnouncement.class);

    /** A broker without the topic is waited for no longer than this. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private SchemaAnnouncement() {}

    /** Returns when the broker has it, so before it has a sample; it keeps the newest of each schema. */
    static void send(Map<String, ?> client) {
        AnnouncedSchema announcement = Wire.announcement(LabeledSample.class, Instant.now());
        Map<String, Object> properties = new HashMap<>(client);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
        try (KafkaProducer<byte[], byte[]> announcer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            announcer
                    .send(new ProducerRecord<>(
                            Topic.SCHEMAS_ANNOUNCED.topicName(),
                            announcement.getFingerprint().getBytes(StandardCharsets.UTF_8),
                            Wire.encode(announcement)))
                    .get();
        } catch (ExecutionException | KafkaException e) {
            LOG.warn(
                    "The schema of the samples was not announced on {} ({}); a curation of an older version rejects them as unknown-schema. Create the topic, and allow this producer to write to it",
                    Topic.SCHEMAS_ANNOUNCED.topicName(),
                    e.getMessage());
        } catch (InterruptedException e) {
            // The next call that waits for the broker sees it, too.
            Thread.currentThread().interrupt();
        }
    }
}
