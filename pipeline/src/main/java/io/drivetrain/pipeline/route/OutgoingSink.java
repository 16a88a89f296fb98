package io.drivetrain.pipeline.route;

import io.drivetrain.schemas.DrivetrainConfig;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The one way to Kafka: records of all topics in the same transaction, committed with the checkpoint. */
public final class OutgoingSink {
    /** A reject carries a whole record of samples.raw and a little more; the broker has the last word on sizes. */
    private static final int MAX_REQUEST_BYTES = 128 << 20;

    private OutgoingSink() {}

    /** How the job's producers are set but for their transactions, for a yardstick that must not be slower than they are. */
    public static Properties producerProperties(DrivetrainConfig config) {
        Properties properties = new Properties();
        properties.setProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(MAX_REQUEST_BYTES));
        // Below the request size, a larger record would fail; only what is in flight is really taken.
        properties.setProperty(ProducerConfig.BUFFER_MEMORY_CONFIG, Integer.toString(MAX_REQUEST_BYTES));
        properties.setProperty(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(1 << 18));
        properties.setProperty(ProducerConfig.LINGER_MS_CONFIG, "20");
        properties.putAll(config.kafka().properties());
        properties.setProperty(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                Long.toString(config.flink().transactionTimeout().toMillis()));
        return properties;
    }

    /** A sink whose transactions belong to this job, so that two jobs on one cluster do not fence each other. */
    public static Sink<Outgoing> exactlyOnce(DrivetrainConfig config, String jobName) {
        KafkaSink<Outgoing> kafka = KafkaSink.<Outgoing>builder()
                .setBootstrapServers(config.kafka().bootstrap())
                .setKafkaProducerConfig(producerProperties(config))
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix("drivetrain-" + jobName)
                .setRecordSerializer(new ToProducerRecord())
                .build();
        return new CommitGuardSink(kafka, config, jobName);
    }

    private static final class ToProducerRecord implements KafkaRecordSerializationSchema<Outgoing> {
        private static final long serialVersionUID = 1L;

        @Override
        public ProducerRecord<byte[], byte[]> serialize(Outgoing record, KafkaSinkContext context, Long eventTime) {
            Long timestamp = record.timestamp() < 0 ? null : record.timestamp();
            ProducerRecord<byte[], byte[]> out =
                    new ProducerRecord<>(record.topic().topicName(), null, timestamp, record.key(), record.value());
            record.headers().forEach(header -> out.headers().add(new RecordHeader(header.name(), header.value())));
            return out;
        }
    }
}
