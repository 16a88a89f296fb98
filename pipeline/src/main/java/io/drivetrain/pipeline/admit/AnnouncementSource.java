package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.AnnouncedSchema;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SchemaBook;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks a writer's schema up among the announcements when a record of an unknown one arrives. A producer announces
 * before it sends, so whatever announcement belongs to a record in hand is on the topic already: reading up to its
 * present end finds it, and there is nothing to wait for. Not safe for use by several threads.
 */
final class AnnouncementSource implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AnnouncementSource.class);

    /** A flood of records with one forged fingerprint asks the broker once in this time. */
    private static final long ASK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    /** A look takes a few milliseconds; longer than this the stream does not stand still for one. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int REMEMBERED = 10_000;
    private static final int MOST_LOGGED = 100;

    private final DrivetrainConfig config;
    private final Map<Long, Long> askedAt = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > REMEMBERED;
        }
    };
    private KafkaConsumer<byte[], byte[]> consumer;
    private int logged;

    AnnouncementSource(DrivetrainConfig config) {
        this.config = config;
    }

    /**
     * Learns what has been announced so far, unless it was asked for this schema less than a second ago.
     *
     * @throws org.apache.kafka.common.KafkaException if the broker does not answer
     */
    void lookFor(long fingerprint) {
        long now = System.nanoTime();
        Long before = askedAt.get(fingerprint);
        if (before != null && now - before < ASK_AGAIN_NANOS) {
            return;
        }
        askedAt.remove(fingerprint);
        askedAt.put(fingerprint, now);
        try {
            readToEnd(now + LOOK.toNanos());
        } catch (AuthorizationException e) {
            log("Announced schemas cannot be read (%s); allow this job to read %s"
                    .formatted(e.getMessage(), Topic.SCHEMAS_ANNOUNCED.topicName()));
        }
    }

    private void readToEnd(long deadline) {
        if (consumer == null) {
            consumer = consumer();
        }
        if (consumer.assignment().isEmpty() && !assign()) {
            return;
        }
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() > deadline) {
                log("Announced schemas are not read to the end in %s; the next look goes on from there"
                        .formatted(LOOK));
                return;
            }
            consumer.poll(POLL).forEach(this::take);
        }
    }

    private boolean assign() {
        List<PartitionInfo> partitions = consumer.partitionsFor(Topic.SCHEMAS_ANNOUNCED.topicName());
        if (partitions == null || partitions.isEmpty()) {
            log(
                    "There is no topic %s, so only the schemas of this version and its releases are known; create it for producers of a later version"
                            .formatted(Topic.SCHEMAS_ANNOUNCED.topicName()));
            return false;
        }
        consumer.assign(partitions.stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .collect(Collectors.toSet()));
        consumer.seekToBeginning(consumer.assignment());
        return true;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Properties properties = new Properties();
        // An announcement counts as soon as the broker has it: an open transaction must not hide those behind it.
        properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.setProperty(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(2 * LOOK.toMillis()));
        properties.setProperty(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(LOOK.toMillis()));
        properties.putAll(config.kafka().properties());
        properties.setProperty(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrap());
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        String where = "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
        if (record.value() == null) {
            // A tombstone.
            return;
        }
        try {
            AnnouncedSchema announced = Wire.decode(record.value(), AnnouncedSchema.class);
            SchemaBook.Entry entry = Wire.learn(announced);
            switch (entry.outcome()) {
                case LEARNED ->
                    log("Learned the schema %s of %s, announced at %s"
                            .formatted(announced.getFingerprint(), announced.getName(), where));
                case IGNORED -> log("Ignored the schema announced at %s: %s".formatted(where, entry.reason()));
                case KNOWN -> {}
            }
        } catch (UndecodableRecordException e) {
            log("Ignored the schema announced at %s: %s".formatted(where, e.getMessage()));
        }
    }

    /** The topic is not ours alone, and may not fill the disk with log lines. */
    private void log(String message) {
        if (logged++ < MOST_LOGGED) {
            LOG.warn("{}{}", message, logged == MOST_LOGGED ? " (no more of these are logged)" : "");
        }
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
        }
    }
}
