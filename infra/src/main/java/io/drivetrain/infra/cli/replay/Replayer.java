package io.drivetrain.infra.cli.replay;

import io.drivetrain.infra.cli.CommandException;
import io.drivetrain.infra.cli.ExitCode;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * Sends rejected samples again, each at most once however often and however hard a replay is interrupted: in one
 * transaction go the original record and a line of {@code samples.replayed} that says so. A second replay at the same time
 * ends the first (Kafka fences the older producer).
 */
public final class Replayer {
    private static final Duration POLL = Duration.ofMillis(200);

    private final DrivetrainConfig config;

    public Replayer(DrivetrainConfig config) {
        this.config = config;
    }

    /**
     * What was sent again.
     *
     * @param before codes of the rejection by the new place of the record
     * @param outputs how far the topics of the outcome were committed before anything was sent
     * @param skipped had been sent again before, or fit twice
     * @param matched are what the filter takes, sent or not
     * @param tooLarge places of records that the broker would refuse with the header that a replay adds
     */
    public record Sent(
            Map<String, List<String>> before,
            Map<TopicPartition, Long> outputs,
            long skipped,
            long matched,
            List<String> tooLarge) {}

    /**
     * What became of a record that was sent again.
     *
     * @param before codes of its rejection
     * @param split label of the split it passed into; empty if it was rejected again or nothing is known yet
     * @param after codes of the new rejection
     */
    public record Outcome(List<String> before, Optional<String> split, List<String> after) {
        public boolean decided() {
            return split.isPresent() || !after.isEmpty();
        }
    }

    /**
     * Sends what a filter takes and has not been sent again before.
     *
     * @param again whether to send also what has been
     * @param dryRun only counts, and lets a replay that runs at the same time go on
     * @param progress hears how many have been committed
     * @throws CommandException if another replay has begun meanwhile
     */
    public Sent send(RejectionFilter filter, boolean again, boolean dryRun, LongConsumer progress)
            throws InterruptedException, ExecutionException, CommandException {
        Map<TopicPartition, Long> outputs = KafkaClients.endOffsets(config, outcomes());
        if (dryRun) {
            return pass(filter, again, outputs, progress, Replayer::count);
        }
        try (KafkaProducer<byte[], byte[]> producer = KafkaClients.transactional(config, "drivetrain-replay")) {
            // Ends what a killed replay has left open, so that the ledger read next is the whole truth.
            producer.initTransactions();
            return pass(filter, again, outputs, progress, (batch, before) -> commit(producer, batch, before));
        } catch (KafkaException e) {
            if (isFenced(e)) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "Another replay has begun, which ends this one; what either has sent is sent once, and once the other is done, './drivetrain replay' sends what is left",
                        e);
            }
            throw e;
        }
    }

    private static boolean isFenced(Throwable failure) {
        return failure instanceof ProducerFencedException
                || failure instanceof InvalidProducerEpochException
                || failure.getCause() != null && isFenced(failure.getCause());
    }

    /** What is done with a batch. */
    @FunctionalInterface
    private interface Target {
        void take(List<Rejection> batch, Map<String, List<String>> before)
                throws InterruptedException, ExecutionException;
    }

    /** Goes once through all rejections. */
    private Sent pass(
            RejectionFilter filter,
            boolean again,
            Map<TopicPartition, Long> outputs,
            LongConsumer progress,
            Target target)
            throws InterruptedException, ExecutionException {
        Map<String, List<String>> before = new LinkedHashMap<>();
        List<String> tooLarge = new ArrayList<>();
        long skipped = 0;
        long matched = 0;
        // A place that curation rejected twice, as it does after a new start from the topics, is sent once, too.
        Set<String> taken = again ? new HashSet<>() : replayed(config);
        Map<String, Long> limits = new HashMap<>();
        ReplayBatch batch = new ReplayBatch();
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, List.of(Topic.SAMPLES_REJECTED));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() >= ends.get(new TopicPartition(record.topic(), record.partition()))) {
                        continue;
                    }
                    Optional<Rejection> fitting = read(record.value()).filter(filter::takes);
                    if (fitting.isEmpty()) {
                        continue;
                    }
                    Rejection rejection = fitting.get();
                    matched++;
                    if (!taken.add(rejection.place())) {
                        skipped++;
                        continue;
                    }
                    String topic = rejection.sample().getOrigin().getTopic();
                    if (!limits.containsKey(topic)) {
                        limits.put(topic, KafkaClients.mostBytesOfARecord(config, topic));
                    }
                    if (ReplayBatch.sentBytes(rejection) > limits.get(topic)) {
                        tooLarge.add(rejection.place());
                        continue;
                    }
                    if (batch.isFullFor(rejection)) {
                        target.take(batch.rejections(), before);
                        batch.clear();
                        progress.accept(before.size());
                    }
                    batch.add(rejection);
                }
            }
        }
        if (!batch.rejections().isEmpty()) {
            target.take(batch.rejections(), before);
        }
        progress.accept(before.size());
        return new Sent(before, outputs, skipped, matched, tooLarge);
    }

    private static void count(List<Rejection> batch, Map<String, List<String>> before) {
        batch.forEach(rejection -> before.put(rejection.place(), rejection.codes()));
    }

    private static void commit(
            KafkaProducer<byte[], byte[]> producer, List<Rejection> batch, Map<String, List<String>> before)
            throws InterruptedException, ExecutionException {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (Rejection rejection : batch) {
            sent.add(producer.send(original(rejection)));
            producer.send(new ProducerRecord<>(
                    Topic.SAMPLES_REPLAYED.topicName(),
                    rejection.place().getBytes(StandardCharsets.UTF_8),
                    Wire.encode(rejection.sample().getOrigin())));
        }
        producer.commitTransaction();
        for (int i = 0; i < batch.size(); i++) {
            RecordMetadata at = sent.get(i).get();
            before.put(
                    Rejection.place(at.topic(), at.partition(), at.offset()),
                    batch.get(i).codes());
        }
    }

    private static ProducerRecord<byte[], byte[]> original(Rejection rejection) {
        RejectedSample sample = rejection.sample();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                sample.getOrigin().getTopic(), Rejection.bytes(sample.getKey()), Rejection.bytes(sample.getValue()));
        for (RawHeader header : sample.getHeaders()) {
            if (!header.getName().equals(Rejection.REPLAY_OF)) {
                record.headers().add(header.getName(), Rejection.bytes(header.getValue()));
            }
        }
        record.headers()
                .add(Rejection.REPLAY_OF, Rejection.firstPlace(rejection).getBytes(StandardCharsets.UTF_8));
        return record;
    }

    /** The places of all raw records that have been sent again. */
    public static Set<String> replayed(DrivetrainConfig config) {
        Set<String> places = new HashSet<>();
        TopicFollower.readAll(
                config,
                List.of(Topic.SAMPLES_REPLAYED),
                (topic, record) -> places.add(new String(record.key(), StandardCharsets.UTF_8)));
        return places;
    }

    static Optional<Rejection> read(byte[] value) {
        try {
            return Optional.of(new Rejection(Wire.decode(value, RejectedSample.class)));
        } catch (UndecodableRecordException e) {
            // Not written by curation; 'rejected' counts and names such records.
            return Optional.empty();
        }
    }

    private static List<Topic> outcomes() {
        List<Topic> topics = new ArrayList<>(List.of(Topic.SAMPLES_REJECTED));
        for (Split split : Split.values()) {
            topics.add(Topic.of(split));
        }
        return topics;
    }

    /**
     * Waits until curation has decided on all that was sent.
     *
     * @param patience after which the rest counts as undecided
     * @param progress hears how many are decided
     * @return by the new place of the record, in the order of sending
     */
    public Map<String, Outcome> await(Sent sent, Duration patience, LongConsumer progress) {
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        sent.before.forEach((place, codes) -> outcomes.put(place, new Outcome(codes, Optional.empty(), List.of())));
        long decided = 0;
        long deadline = System.nanoTime() + patience.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
            consumer.assign(sent.outputs.keySet());
            sent.outputs.forEach(consumer::seek);
            while (decided < outcomes.size() && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    decided += note(record, outcomes) ? 1 : 0;
                }
                progress.accept(decided);
            }
        }
        return outcomes;
    }

    private static boolean note(ConsumerRecord<byte[], byte[]> record, Map<String, Outcome> outcomes) {
        try {
            boolean rejected = record.topic().equals(Topic.SAMPLES_REJECTED.topicName());
            Optional<String> split = Optional.empty();
            List<String> after = List.of();
            String place;
            if (rejected) {
                Rejection rejection = new Rejection(Wire.decode(record.value(), RejectedSample.class));
                place = rejection.place();
                after = rejection.codes();
            } else {
                CuratedSample sample = Wire.decode(record.value(), CuratedSample.class);
                place = Rejection.place(sample.getOrigin());
                split = Optional.of(Splits.label(sample.getSplit()));
            }
            Outcome before = outcomes.get(place);
            if (before == null || before.decided()) {
                return false;
            }
            outcomes.put(place, new Outcome(before.before, split, after));
            return true;
        } catch (UndecodableRecordException e) {
            // Not written by curation, so not the outcome of anything that was sent.
            return false;
        }
    }
}
