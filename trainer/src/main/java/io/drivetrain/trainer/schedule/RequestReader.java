package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import io.drivetrain.trainer.assemble.KafkaSettings;
import io.drivetrain.trainer.assemble.Offsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads {@code retraining.requests} from where the trainer's state says; not safe for several threads. */
final class RequestReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    /** What one record turned out to be. */
    sealed interface Incoming {
        record Request(RetrainingRequest request) implements Incoming {}

        /** Not a request; the message says why. */
        record Undecodable(int partition, long offset, String message) implements Incoming {}
    }

    /**
     * @param offsets up to which requests were taken; one that the broker no longer has is moved to the nearest it has
     */
    RequestReader(DrivetrainConfig.Kafka kafka, Offsets offsets) {
        consumer = new KafkaConsumer<>(KafkaSettings.consumer(kafka));
        List<TopicPartition> partitions = partitions(Topic.RETRAINING_REQUESTS);
        consumer.assign(partitions);
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        for (TopicPartition partition : partitions) {
            long next = offsets.next(new Offsets.Partition(partition.topic(), partition.partition()));
            // Old requests expire from the topic; that is no reason not to serve the next ones.
            consumer.seek(partition, Math.max(begin.get(partition), Math.min(next, end.get(partition))));
        }
    }

    private List<TopicPartition> partitions(Topic topic) {
        return consumer.partitionsFor(topic.topicName()).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
    }

    List<Incoming> poll(Duration timeout) {
        List<Incoming> incoming = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
            try {
                incoming.add(new Incoming.Request(Wire.decode(record.value(), RetrainingRequest.class)));
            } catch (UndecodableRecordException e) {
                incoming.add(new Incoming.Undecodable(record.partition(), record.offset(), e.getMessage()));
            }
        }
        return incoming;
    }

    /** The offsets after all that {@link #poll} has returned. */
    Offsets position() {
        Map<Offsets.Partition, Long> next = new TreeMap<>();
        for (TopicPartition partition : consumer.assignment()) {
            next.put(new Offsets.Partition(partition.topic(), partition.partition()), consumer.position(partition));
        }
        return Offsets.of(next);
    }

    /** The offsets that the split topics end at now, committed records only. */
    Offsets endOfSamples() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (Split split : Split.values()) {
            partitions.addAll(partitions(Topic.of(split)));
        }
        Map<Offsets.Partition, Long> next = new TreeMap<>();
        consumer.endOffsets(partitions)
                .forEach((partition, end) ->
                        next.put(new Offsets.Partition(partition.topic(), partition.partition()), end));
        return Offsets.of(next);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
