package io.drivetrain.pipeline.watch;

import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.util.Properties;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the measurements of committed train, test-dev and test samples, from the beginning or the last checkpoint. */
public final class CuratedSource {
    private CuratedSource() {}

    public static KafkaSource<Frame> of(DrivetrainConfig config) {
        Properties properties = new Properties();
        properties.setProperty("partition.discovery.interval.ms", "30000");
        properties.putAll(config.kafka().properties());
        properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return KafkaSource.<Frame>builder()
                .setBootstrapServers(config.kafka().bootstrap())
                .setGroupId("drivetrain-shift")
                .setTopics(
                        Topic.SAMPLES_TRAIN.topicName(),
                        Topic.SAMPLES_TEST_DEV.topicName(),
                        Topic.SAMPLES_TEST.topicName())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setProperties(properties)
                .setDeserializer(new ToFrame())
                .build();
    }

    private static final class ToFrame implements KafkaRecordDeserializationSchema<Frame> {
        private static final long serialVersionUID = 1L;
        private static final Logger LOG = LoggerFactory.getLogger(CuratedSource.class);

        private transient Counter undecodable;

        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            undecodable = context.getMetricGroup().counter("undecodableSamples");
        }

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Frame> out) {
            try {
                Frame.of(Wire.decode(record.value(), CuratedSample.class)).ifPresent(out::collect);
            } catch (UndecodableRecordException e) {
                // Only curation writes here, so this is a foreign producer; the watch can do without its record.
                undecodable.inc();
                LOG.warn("Left out {}-{}@{}: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
            }
        }

        @Override
        public TypeInformation<Frame> getProducedType() {
            return SourceToSinkType.of(Frame.Form.FRAME);
        }
    }
}
