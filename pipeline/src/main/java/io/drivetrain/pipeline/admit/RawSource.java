package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.Header;
import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads samples.raw from its beginning, or from where the last checkpoint stood; values stay bytes. */
public final class RawSource {
    /** New partitions are found within this time, in milliseconds. */
    private static final String DISCOVERY_INTERVAL = "30000";

    /** Records that are fetched ahead are whole images, so the number in one poll is what bounds memory. */
    private static final String RECORDS_PER_POLL = "100";

    /** The system grows it as needed; Kafka's own default of 64 KB takes several waits for one image. */
    private static final String RECEIVE_BUFFER = "-1";

    private RawSource() {}

    /** How the job's consumers are set, for a yardstick that must not be slower than they are. */
    public static Properties consumerProperties(DrivetrainConfig config) {
        Properties properties = new Properties();
        properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_PER_POLL);
        properties.setProperty(ConsumerConfig.RECEIVE_BUFFER_CONFIG, RECEIVE_BUFFER);
        properties.putAll(config.kafka().properties());
        return properties;
    }

    public static KafkaSource<RawRecord> of(DrivetrainConfig config) {
        Properties properties = consumerProperties(config);
        properties.putIfAbsent("partition.discovery.interval.ms", DISCOVERY_INTERVAL);
        return KafkaSource.<RawRecord>builder()
                .setBootstrapServers(config.kafka().bootstrap())
                .setGroupId("drivetrain-curation")
                .setTopics(Topic.SAMPLES_RAW.topicName())
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setProperties(properties)
                .setDeserializer(new ToRawRecord())
                .build();
    }

    private static final class ToRawRecord implements KafkaRecordDeserializationSchema<RawRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RawRecord> out) {
            List<Header> headers = new ArrayList<>();
            record.headers().forEach(header -> headers.add(new Header(header.key(), header.value())));
            out.collect(new RawRecord(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    record.key(),
                    record.value(),
                    headers));
        }

        @Override
        public TypeInformation<RawRecord> getProducedType() {
            return SourceToSinkType.of(RawRecord.Form.RAW_RECORD);
        }
    }
}
