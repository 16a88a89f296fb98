package io.drivetrain.ingest.publish;

import io.drivetrain.schemas.IngestProgress;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends samples to {@code samples.raw}, keyed by drive id, and in the same transaction how far it has come to
 * {@code ingest.progress}: a sample is there for readers of committed records if and only if the progress says so, however
 * hard the process was stopped. A second publisher of the same ingest ends the first (Kafka fences the older producer).
 * For use by one thread.
 */
public final class OncePublisher implements AutoCloseable {
    private static final int MAX_REQUEST_BYTES = 16 * 1024 * 1024;
    private static final int TRANSACTION_BYTES = 32 * 1024 * 1024;
    private static final int TRANSACTION_RECORDS = 1000;
    private static final long TRANSACTION_NANOS = Duration.ofSeconds(1).toNanos();

    /** What Kafka adds to a record: headers of the record and of its batch. */
    private static final int RECORD_OVERHEAD = 1024;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<String, Object> client;
    private final String ingestId;
    private final Map<String, IngestProgress> progress = new HashMap<>();
    private boolean open;
    private boolean announced;
    private long bytes;
    private int records;
    private long began;

    /** Broken machinery: the broker, the rights on it, or a second ingest of the same data set. */
    public static final class PublishException extends Exception {
        private static final long serialVersionUID = 1L;

        PublishException(String sentence, Throwable cause) {
            super(sentence, cause);
        }
    }

    /**
     * Connects, ends what a killed publisher of the same ingest has left open, and reads how far it came.
     *
     * @param kafkaProperties of the clients, {@code bootstrap.servers} among them
     */
    public OncePublisher(Map<String, ?> kafkaProperties, String ingestId) throws PublishException {
        this.client = new HashMap<>(kafkaProperties);
        this.ingestId = ingestId;
        Map<String, Object> properties = new HashMap<>();
        // JPEG and PNG do not compress further.
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 * 1024);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        properties.put(
                ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) Duration.ofSeconds(30).toMillis());
        properties.putAll(kafkaProperties);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "drivetrain-ingest-" + ingestId);
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
            read();
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw failed(e);
        }
    }

    private PublishException failed(KafkaException e) {
        Throwable cause = e;
        while (cause.getCause() instanceof KafkaException deeper) {
            cause = deeper;
        }
        if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
            return new PublishException(
                    "Another ingest of the same data set has taken over; let one of the two run", e);
        }
        return new PublishException(
                "Cannot send to Kafka at %s (%s); check broker, rights and kafka.properties, then give the same command again: it goes on where it stopped"
                        .formatted(client.get("bootstrap.servers"), cause.getMessage()),
                e);
    }

    private void read() {
        Map<String, Object> properties = new HashMap<>(client);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topic.INGEST_PROGRESS.topicName()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    note(record);
                }
            }
        }
    }

    private void note(ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (!key.startsWith(ingestId)) {
            return;
        }
        try {
            progress.put(key, Wire.decode(record.value(), IngestProgress.class));
        } catch (UndecodableRecordException e) {
            throw new KafkaException(
                    "%s has a record of %s that cannot be read (%s)".formatted(record.topic(), key, e.getMessage()));
        }
    }

    /** How far the ingest had come when it was opened, or at the last commit since; empty if nothing was sent. */
    public Optional<IngestProgress> progress() {
        return Optional.ofNullable(progress.get(ingestId));
    }

    /** The same of one file of a watched folder. */
    public Optional<IngestProgress> progress(String entry) {
        return Optional.ofNullable(progress.get(key(entry)));
    }

    /** The files of a watched folder that have been dealt with. */
    public List<String> entries() {
        return progress.values().stream()
                .map(IngestProgress::getEntry)
                .filter(Objects::nonNull)
                .toList();
    }

    private String key(String entry) {
        return ingestId + "/" + entry;
    }

    /**
     * Sends a sample within the transaction that the next {@link #commit} ends.
     *
     * @return false if the record is larger than any broker of ours takes, and was not sent
     */
    public boolean send(LabeledSample sample) throws PublishException {
        byte[] key = sample.getDriveId().getBytes(StandardCharsets.UTF_8);
        byte[] value = Wire.encode(sample);
        if (key.length + value.length > MAX_REQUEST_BYTES - RECORD_OVERHEAD) {
            return false;
        }
        if (!announced) {
            announced = true;
            SchemaAnnouncement.send(client);
        }
        try {
            begin();
            // A record that is not accepted fails the commit.
            var unused = producer.send(new ProducerRecord<>(Topic.SAMPLES_RAW.topicName(), key, value));
        } catch (KafkaException e) {
            throw failed(e);
        }
        bytes += value.length;
        records++;
        return true;
    }

    private void begin() {
        if (!open) {
            producer.beginTransaction();
            open = true;
            began = System.nanoTime();
        }
    }

    /** Whether enough has been sent that it should be committed. */
    public boolean full() {
        return open
                && (bytes >= TRANSACTION_BYTES
                        || records >= TRANSACTION_RECORDS
                        || System.nanoTime() - began >= TRANSACTION_NANOS);
    }

    /** Makes what was sent visible, and with it how far that is. */
    public void commit(List<IngestProgress> reached) throws PublishException {
        try {
            begin();
            for (IngestProgress each : reached) {
                String key = each.getEntry() == null ? ingestId : key(each.getEntry());
                var unused = producer.send(new ProducerRecord<>(
                        Topic.INGEST_PROGRESS.topicName(), key.getBytes(StandardCharsets.UTF_8), Wire.encode(each)));
                progress.put(key, each);
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw failed(e);
        }
        open = false;
        bytes = 0;
        records = 0;
    }

    /** What was sent since the last commit is never seen by readers of committed records. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }
}
