package io.drivetrain.ingest.publish;

import io.drivetrain.ingest.collect.Collected;
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
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
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

    /** What of a record is kept free for boxes and attributes beside an image. */
    private static final int ROOM_BESIDE_AN_IMAGE = 64 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final KafkaProducer<byte[], byte[]> producer;
    private final int maxRecordBytes;
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
     * Connects, creates topics that are missing, ends what a killed publisher of the same ingest has left open, and reads
     * how far it came.
     *
     * @param kafkaProperties of the clients, {@code bootstrap.servers} among them
     * @param say told, as sentences, which topics were created and what the broker does not allow
     */
    public OncePublisher(Map<String, ?> kafkaProperties, String ingestId, Consumer<String> say)
            throws PublishException {
        this.client = new HashMap<>(kafkaProperties);
        this.ingestId = ingestId;
        try (Admin admin = Admin.create(administration())) {
            OptionalInt limit = new IngestTopics(admin, say).prepare();
            this.maxRecordBytes = Math.min(MAX_REQUEST_BYTES, limit.orElse(MAX_REQUEST_BYTES));
        } catch (KafkaException e) {
            throw failed(e);
        }
        Map<String, Object> properties = new HashMap<>();
        // JPEG and PNG do not compress further.
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, Math.min(512 * 1024, maxRecordBytes));
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        properties.put(
                ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) Duration.ofSeconds(30).toMillis());
        properties.putAll(kafkaProperties);
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "drivetrain-ingest-" + ingestId);
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        try (Admin admin = Admin.create(administration())) {
            producer.initTransactions();
            read(admin);
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw failed(e);
        } catch (PublishException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    private Map<String, Object> administration() {
        Map<String, Object> properties = new HashMap<>();
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int)
                Duration.ofSeconds(30).toMillis());
        properties.putAll(client);
        return properties;
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
        if (cause instanceof RecordTooLargeException) {
            return new PublishException(
                    "A record was larger than the broker takes (%s); lower ingest.max-inline-bytes, so that large images go by reference, then give the same command again: it goes on where it stopped"
                            .formatted(cause.getMessage()),
                    e);
        }
        return new PublishException(
                "Cannot send to Kafka at %s: %s; then give the same command again: it goes on where it stopped"
                        .formatted(
                                client.get("bootstrap.servers"),
                                BrokerFailure.of(e).sentence()),
                e);
    }

    private void read(Admin admin) throws PublishException {
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
            Map<TopicPartition, Long> ends = ends(admin, partitions);
            long reached = -1;
            long since = System.nanoTime();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    note(record);
                }
                long now = partitions.stream().mapToLong(consumer::position).sum();
                if (now > reached) {
                    reached = now;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since > PATIENCE.toNanos()) {
                    throw new PublishException(
                            "Another producer has left a transaction open on %s for %d s, so that it cannot be read to its end; end that ingest or wait for the broker to do so (transaction.timeout.ms), then give the same command again"
                                    .formatted(Topic.INGEST_PROGRESS.topicName(), PATIENCE.toSeconds()),
                            null);
                }
            }
        }
    }

    /**
     * The very ends, transactions that are still open included: what a killed publisher has committed may lie behind such
     * a one of another ingest, where the end that readers of committed records are told comes first.
     */
    private static Map<TopicPartition, Long> ends(Admin admin, List<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        IngestTopics.get(admin.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                        .all())
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
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

    /** Returns the largest image that is to go inline, given the largest that the configuration allows, in bytes. */
    public long maxInlineBytes(long configured) {
        return Math.min(configured, maxRecordBytes - Math.min(ROOM_BESIDE_AN_IMAGE, maxRecordBytes / 4));
    }

    /**
     * Sends a sample within the transaction that the next {@link #commit} ends.
     *
     * @return why it was not sent: it is larger than the broker takes, or holds a value that no record can; empty if it was
     */
    public Optional<Collected.Malformed> send(LabeledSample sample) throws PublishException {
        byte[] key;
        byte[] value;
        try {
            key = sample.getDriveId().getBytes(StandardCharsets.UTF_8);
            value = Wire.encode(sample);
        } catch (RuntimeException e) {
            return Optional.of(new Collected.Malformed(
                    Collected.Kind.WRONG_VALUE,
                    String.valueOf(sample.getSampleId()),
                    "",
                    "no record can be made of the sample (%s)".formatted(e),
                    "correct what is unusual about this entry"));
        }
        if (key.length + value.length > maxRecordBytes - RECORD_OVERHEAD) {
            return Optional.of(
                    new Collected.Malformed(
                            Collected.Kind.TOO_LARGE,
                            sample.getSampleId(),
                            "",
                            "the sample has %,d bytes, and a record of %s at most %,d"
                                    .formatted(value.length, Topic.SAMPLES_RAW.topicName(), maxRecordBytes),
                            "lower ingest.max-inline-bytes, so that the image goes by reference, or raise max.message.bytes of the topic"));
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
        return Optional.empty();
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
