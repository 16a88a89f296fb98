package io.drivetrain.ingest.publish;

import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends samples to {@code samples.raw}, keyed by drive id, by an idempotent producer: a retry inside one publisher sends
 * nothing twice. At most 64 MB wait for the broker; {@link #send} blocks while they do. For use by one thread.
 */
public final class SamplePublisher implements AutoCloseable {
    private static final int MAX_REQUEST_BYTES = 16 * 1024 * 1024;
    private static final int KEPT_FAILURES = 20;

    private final KafkaProducer<byte[], byte[]> producer;
    private final LongConsumer onAcknowledged;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final List<String> failures = new ArrayList<>();
    private final Map<String, Object> announcing;
    private boolean announced;
    private long sent;

    /**
     * Connects to a broker.
     *
     * @param kafkaProperties of the producer, {@code bootstrap.servers} among them
     * @param onAcknowledged told how many samples the broker has, from the producer's thread
     */
    public SamplePublisher(Map<String, ?> kafkaProperties, LongConsumer onAcknowledged) {
        this.onAcknowledged = onAcknowledged;
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // JPEG and PNG do not compress further.
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 * 1024);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        properties.putAll(kafkaProperties);
        this.announcing = new HashMap<>(kafkaProperties);
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends a sample, waiting while too many are on the way. Before the first one, their schema is announced. */
    public void send(LabeledSample sample) {
        if (!announced) {
            announced = true;
            SchemaAnnouncement.send(announcing);
        }
        byte[] value = Wire.encode(sample);
        send(sample.getDriveId().getBytes(StandardCharsets.UTF_8), value, sample.getSampleId());
    }

    /** Sends bytes as they are, for trying out what curation does with them. */
    public void send(byte[] key, byte[] value, String name) {
        sent++;
        try {
            producer.send(new ProducerRecord<>(Topic.SAMPLES_RAW.topicName(), key, value), (metadata, e) -> {
                if (e == null) {
                    onAcknowledged.accept(acknowledged.incrementAndGet());
                } else {
                    fail(name, value.length, e);
                }
            });
        } catch (KafkaException e) {
            fail(name, value.length, e);
        }
    }

    private void fail(String name, int bytes, Exception e) {
        failed.incrementAndGet();
        String sentence = e instanceof RecordTooLargeException
                ? "Sample %s has %d bytes, more than the broker takes; raise message.max.bytes or send it by reference"
                        .formatted(name, bytes)
                : "Sample %s was not sent (%s); check the broker and send it again".formatted(name, e.getMessage());
        synchronized (failures) {
            if (failures.size() < KEPT_FAILURES) {
                failures.add(sentence);
            }
        }
    }

    /** How many samples were given to {@link #send}. */
    public long sent() {
        return sent;
    }

    /** How many samples the broker has. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** How many samples the broker did not take. */
    public long failed() {
        return failed.get();
    }

    /** The first twenty failures, as sentences. */
    public List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    /** Waits until every sample is acknowledged or failed. */
    public void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }
}
