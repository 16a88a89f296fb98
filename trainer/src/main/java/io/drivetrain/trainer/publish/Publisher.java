package io.drivetrain.trainer.publish;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import io.drivetrain.trainer.assemble.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the trainer's topics: progress as it comes (idempotent, but lost if the broker is away for long), results of
 * a run in one transaction.
 */
public final class Publisher implements Published, AutoCloseable {
    /** The alias of the model in service. */
    public static final String CHAMPION = "champion";

    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(250);

    private final DrivetrainConfig.Kafka kafka;
    private final KafkaProducer<byte[], byte[]> progress;
    private final KafkaProducer<byte[], byte[]> results;

    /**
     * Connects.
     *
     * @param transactionalId the same for every start of the same trainer, so that a transaction which a killed one left
     *     open is aborted
     */
    public Publisher(DrivetrainConfig.Kafka kafka, String transactionalId) {
        this.kafka = kafka;
        Map<String, Object> properties = KafkaSettings.client(kafka);
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
        this.progress = new KafkaProducer<>(properties);
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 60_000);
        this.results = new KafkaProducer<>(properties);
        try {
            results.initTransactions();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Sends a progress record; a broker that is away delays no training. */
    public void progress(TrainingProgress record) {
        try {
            var unused = progress.send(
                    message(Outgoing.of(Topic.TRAINING_PROGRESS, record.getRunId(), record)), (metadata, error) -> {
                        if (error != null) {
                            LOG.warn("Progress '{}' was not published: {}", record.getMessage(), error.getMessage());
                        }
                    });
        } catch (KafkaException e) {
            LOG.warn("Progress '{}' was not published: {}", record.getMessage(), e.getMessage());
        }
    }

    /**
     * Publishes all of the records or none, after all progress that was sent before.
     *
     * @throws KafkaException if the broker does not take them; whether they are there, {@link #reports()} then tells
     */
    public void results(List<Outgoing> records) {
        progress.flush();
        results.beginTransaction();
        try {
            for (Outgoing record : records) {
                var unused = results.send(message(record));
            }
            results.commitTransaction();
        } catch (KafkaException e) {
            try {
                results.abortTransaction();
            } catch (KafkaException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static ProducerRecord<byte[], byte[]> message(Outgoing record) {
        return new ProducerRecord<>(record.topic(), record.key().getBytes(StandardCharsets.UTF_8), record.value());
    }

    @Override
    public List<TrainingReport> reports() {
        return all(Topic.TRAINING_REPORT, TrainingReport.class);
    }

    @Override
    public Map<String, ModelPublished> models() {
        Map<String, ModelPublished> models = new LinkedHashMap<>();
        all(Topic.MODELS_PUBLISHED, ModelPublished.class).forEach(model -> models.put(model.getModelId(), model));
        return models;
    }

    @Override
    public Optional<ModelAlias> champion() {
        return all(Topic.MODELS_ALIASES, ModelAlias.class).stream()
                .filter(alias -> alias.getAlias().equals(CHAMPION))
                .reduce((earlier, later) -> later);
    }

    /** Reads a whole topic, oldest first; what cannot be decoded is left out. */
    private <T extends SpecificRecordBase> List<T> all(Topic topic, Class<T> type) {
        List<T> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(KafkaSettings.consumer(kafka))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            while (end.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    try {
                        records.add(Wire.decode(record.value(), type));
                    } catch (UndecodableRecordException e) {
                        LOG.warn(
                                "Record {} of {} is left out, it is no {}: {}",
                                record.offset(),
                                record.topic(),
                                type.getSimpleName(),
                                e.getMessage());
                    }
                }
            }
        }
        return records;
    }

    @Override
    public void close() {
        progress.close(CLOSE_TIMEOUT);
        results.close(CLOSE_TIMEOUT);
    }
}
