package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies the split topics into a {@link ShardStore} for as long as it runs. */
public final class TopicAssembler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicAssembler.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(1);
    private static final long SKIPS_LOGGED = 20;

    private final ShardStore store;
    private final InstantSource clock;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Split> splitOf = new HashMap<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private volatile Instant lastSampleAt;

    /**
     * Connects and takes up every partition at its committed offset.
     *
     * @throws ShardException if the topics do not have the offsets that the store was read up to
     */
    public TopicAssembler(DrivetrainConfig.Kafka kafka, ShardStore store, InstantSource clock) throws ShardException {
        this.store = store;
        this.clock = clock;
        this.lastSampleAt = clock.instant();
        this.consumer = new KafkaConsumer<>(KafkaSettings.consumer(kafka));
        try {
            for (Split split : Split.values()) {
                for (PartitionInfo partition :
                        consumer.partitionsFor(Topic.of(split).topicName())) {
                    splitOf.put(new TopicPartition(partition.topic(), partition.partition()), split);
                }
            }
            consumer.assign(splitOf.keySet());
            seek();
        } catch (ShardException | RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** The offsets that the split topics end at now, committed records only. */
    public Offsets end() {
        Map<Offsets.Partition, Long> next = new TreeMap<>();
        consumer.endOffsets(splitOf.keySet())
                .forEach((partition, end) ->
                        next.put(new Offsets.Partition(partition.topic(), partition.partition()), end));
        return Offsets.of(next);
    }

    /**
     * Reads as far as some offsets, on the calling thread, and then ends.
     *
     * @throws ShardException if the disk does not take the samples, or the broker no longer has the offsets
     * @throws InterruptedException soon after the thread was interrupted
     */
    public void run(Offsets upTo) throws ShardException, InterruptedException {
        while (!store.position().behind(upTo).isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                append(record);
            }
            commit();
            if (Thread.interrupted()) {
                throw new InterruptedException("Interrupted while reading the split topics");
            }
        }
    }

    private void seek() throws ShardException {
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(splitOf.keySet());
        Map<TopicPartition, Long> end = consumer.endOffsets(splitOf.keySet());
        Offsets committed = store.position();
        for (TopicPartition partition : splitOf.keySet()) {
            Offsets.Partition ours = new Offsets.Partition(partition.topic(), partition.partition());
            long next = committed.asMap().getOrDefault(ours, begin.get(partition));
            if (next > end.get(partition) || next < begin.get(partition)) {
                throw new ShardException(
                        ("The shards were read up to offset %d of %s, but the topic holds offsets %d to %d: it was trimmed or"
                                        + " made anew; stop the trainer and delete shards and state-*.json in training.directory")
                                .formatted(next, ours, begin.get(partition), end.get(partition)));
            }
            consumer.seek(partition, next);
        }
    }

    /** When the newest sample arrived here, or this assembler began. */
    public Instant lastSampleAt() {
        return lastSampleAt;
    }

    /**
     * Reads until {@link #stop()}.
     *
     * @throws ShardException if the disk does not take the samples, or the broker no longer has the offsets
     */
    public void run() throws ShardException {
        Instant committedAt = clock.instant();
        try {
            while (!stopping.get()) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    append(record);
                }
                Instant now = clock.instant();
                if (records.isEmpty() || !now.isBefore(committedAt.plus(COMMIT_INTERVAL))) {
                    commit();
                    committedAt = now;
                }
            }
            commit();
        } catch (WakeupException e) {
            LOG.debug("Woken to stop; what was appended since the last commit is read again", e);
        } catch (OffsetOutOfRangeException e) {
            throw new ShardException(
                    "The broker no longer has the next samples of %s; stop the trainer and delete shards and state-*.json in training.directory"
                            .formatted(e.partitions()),
                    e);
        }
    }

    private void append(ConsumerRecord<byte[], byte[]> record) throws ShardException {
        Split split = splitOf.get(new TopicPartition(record.topic(), record.partition()));
        AppendResult result;
        try {
            result = store.append(
                    split, Wire.decode(record.value(), CuratedSample.class), record.partition(), record.offset());
        } catch (UndecodableRecordException e) {
            result = new AppendResult.Skipped(e.getMessage());
        }
        if (result instanceof AppendResult.Skipped skip) {
            long count = store.skip(skip.reason()).count();
            if (count <= SKIPS_LOGGED) {
                LOG.warn("Skipped {}/{}@{}: {}", record.topic(), record.partition(), record.offset(), skip.reason());
            } else if (Long.bitCount(count) == 1) {
                LOG.warn("Skipped {} records so far, the last because: {}", count, skip.reason());
            }
        } else {
            lastSampleAt = clock.instant();
        }
    }

    /** The consumer's position, not the last record: it also passes the markers that end transactions. */
    private void commit() throws ShardException {
        Map<Offsets.Partition, Long> next = new TreeMap<>();
        for (TopicPartition partition : splitOf.keySet()) {
            next.put(new Offsets.Partition(partition.topic(), partition.partition()), consumer.position(partition));
        }
        Offsets position = Offsets.of(next);
        if (!position.equals(store.position())) {
            store.commit(position);
        }
    }

    /** Makes {@link #run()} return soon; may be called from any thread. */
    public void stop() {
        stopping.set(true);
        consumer.wakeup();
    }

    /** To be called when {@link #run()} has returned. */
    @Override
    public void close() {
        consumer.close();
    }
}
