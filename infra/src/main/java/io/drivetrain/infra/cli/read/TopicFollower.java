package io.drivetrain.infra.cli.read;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Reads the committed records of topics from their beginning and then as they come, on a thread of its own. */
public final class TopicFollower implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Handler handler;
    private final Thread thread;
    private volatile boolean closing;
    private volatile RuntimeException failure;

    /** Takes one record; called from the follower's thread only. */
    @FunctionalInterface
    public interface Handler {
        void take(Topic topic, ConsumerRecord<byte[], byte[]> record);
    }

    /** Starts to follow. */
    public TopicFollower(DrivetrainConfig config, Collection<Topic> topics, Handler handler) {
        this.consumer = KafkaClients.consumer(config);
        this.partitions = KafkaClients.partitions(consumer, topics);
        this.handler = handler;
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        this.thread = new Thread(this::follow, "topic follower");
        thread.setDaemon(true);
        thread.start();
    }

    private void follow() {
        try (consumer) {
            while (!closing) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Topic topic = Topic.named(record.topic()).orElseThrow();
                    handler.take(topic, record);
                }
            }
        } catch (WakeupException e) {
            // Only close() wakes the consumer up.
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** Why the follower stopped; empty as long as it reads. */
    public Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads everything that is committed now, and returns. */
    public static void readAll(DrivetrainConfig config, Collection<Topic> topics, Handler handler) {
        readNewest(config, topics, Long.MAX_VALUE, handler);
    }

    /**
     * Reads the newest of what is committed now, and returns.
     *
     * @param offsets how many of each partition; markers of transactions count, too, so records may be fewer
     */
    public static void readNewest(DrivetrainConfig config, Collection<Topic> topics, long offsets, Handler handler) {
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, topics);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            if (offsets < Long.MAX_VALUE) {
                Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
                ends.forEach(
                        (partition, end) -> consumer.seek(partition, Math.max(begins.get(partition), end - offsets)));
            }
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    handler.take(Topic.named(record.topic()).orElseThrow(), record);
                }
            }
        }
    }
}
