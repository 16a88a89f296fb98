package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ReleasedClaim;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.io.IOException;
import java.util.Properties;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads back what the job itself has given free, once it is committed. A job that starts without state reads what earlier
 * runs gave free, too; that frees nothing, because a reservation is of one run.
 */
public final class ReleaseSource {
    private ReleaseSource() {}

    public static KafkaSource<Release> of(DrivetrainConfig config) {
        Properties properties = new Properties();
        properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.putAll(config.kafka().properties());
        return KafkaSource.<Release>builder()
                .setBootstrapServers(config.kafka().bootstrap())
                .setGroupId("drivetrain-curation-released")
                .setTopics(Topic.CURATION_RELEASED.topicName())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setProperties(properties)
                .setDeserializer(new ToRelease())
                .build();
    }

    private static final class ToRelease implements KafkaRecordDeserializationSchema<Release> {
        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Release> out) throws IOException {
            try {
                out.collect(Release.of(Wire.decode(record.value(), ReleasedClaim.class)));
            } catch (UndecodableRecordException e) {
                throw new IOException(
                        "%s-%d@%d is not what this job writes; nothing else may write to that topic"
                                .formatted(record.topic(), record.partition(), record.offset()),
                        e);
            }
        }

        @Override
        public TypeInformation<Release> getProducedType() {
            return SourceToSinkType.of(Release.Form.RELEASE);
        }
    }
}
