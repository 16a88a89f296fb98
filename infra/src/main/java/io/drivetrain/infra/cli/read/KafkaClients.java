package io.drivetrain.infra.cli.read;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka clients as the commands need them, with the user's client properties. */
public final class KafkaClients {
    private static final String API_TIMEOUT_MILLIS = "15000";
    private static final String REQUEST_TIMEOUT_MILLIS = "10000";

    private static final int MAX_REQUEST_BYTES = 64 << 20;

    private KafkaClients() {}

    private static Properties common(DrivetrainConfig config) {
        Properties properties = new Properties();
        properties.putAll(config.kafka().properties());
        properties.put("bootstrap.servers", config.kafka().bootstrap());
        properties.put("default.api.timeout.ms", API_TIMEOUT_MILLIS);
        properties.put("request.timeout.ms", REQUEST_TIMEOUT_MILLIS);
        return properties;
    }

    /** Settings of an admin client. */
    public static Properties admin(DrivetrainConfig config) {
        return common(config);
    }

    /** Returns a consumer that belongs to no group and sees committed records only. */
    public static KafkaConsumer<byte[], byte[]> consumer(DrivetrainConfig config) {
        Properties properties = common(config);
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        properties.put("max.partition.fetch.bytes", Integer.toString(8 << 20));
        properties.put("max.poll.records", "2000");
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Returns a producer whose records count only when their transaction is committed.
     *
     * @param transactionalId the same after a restart, so that what a killed one has begun is ended
     */
    public static KafkaProducer<byte[], byte[]> transactional(DrivetrainConfig config, String transactionalId) {
        Properties properties = common(config);
        properties.remove("default.api.timeout.ms");
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        properties.put("transactional.id", transactionalId);
        properties.put("max.request.size", Integer.toString(MAX_REQUEST_BYTES));
        properties.put("buffer.memory", Integer.toString(2 * MAX_REQUEST_BYTES));
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Returns the largest size of a record, with its headers and alone in its batch, that a {@link #transactional} producer
     * can send to a topic, in bytes.
     */
    public static long mostBytesOfARecord(DrivetrainConfig config, String topic)
            throws InterruptedException, ExecutionException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = Admin.create(admin(config))) {
            String limit = admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
                    .value();
            return Math.min(MAX_REQUEST_BYTES, Long.parseLong(limit));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                // Who may send may not be allowed to look at settings; the producer's own limit still holds.
                return MAX_REQUEST_BYTES;
            }
            throw e;
        }
    }

    /** The partitions of topics as they are on the broker. */
    public static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, Iterable<Topic> topics) {
        List<TopicPartition> partitions = new java.util.ArrayList<>();
        for (Topic topic : topics) {
            consumer.partitionsFor(topic.topicName())
                    .forEach(partition -> partitions.add(new TopicPartition(partition.topic(), partition.partition())));
        }
        return partitions;
    }

    /** The offsets after the last committed record of each partition. */
    public static Map<TopicPartition, Long> endOffsets(DrivetrainConfig config, Iterable<Topic> topics) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(config)) {
            return new HashMap<>(consumer.endOffsets(partitions(consumer, topics)));
        }
    }

    /** Sends one record and waits until the broker has it. */
    public static void send(DrivetrainConfig config, Topic topic, String key, SpecificRecordBase value)
            throws InterruptedException, ExecutionException {
        Properties properties = common(config);
        properties.remove("default.api.timeout.ms");
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            topic.topicName(), key.getBytes(StandardCharsets.UTF_8), Wire.encode(value)))
                    .get();
        }
    }
}
