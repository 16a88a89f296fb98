package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.DrivetrainConfig;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Properties of Kafka clients: ours, overridden by those that the user passes through. */
public final class KafkaSettings {
    private KafkaSettings() {}

    /** What every client needs: the brokers, and the user's own properties. */
    public static Map<String, Object> client(DrivetrainConfig.Kafka kafka) {
        Map<String, Object> properties = new TreeMap<>(kafka.properties());
        properties.put("bootstrap.servers", kafka.bootstrap());
        return properties;
    }

    /** A consumer of bytes that sees committed records only and keeps its own offsets, without a group. */
    public static Map<String, Object> consumer(DrivetrainConfig.Kafka kafka) {
        Map<String, Object> properties = client(kafka);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // An offset that the broker no longer has is an error to report, never a reason to jump.
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return properties;
    }
}
