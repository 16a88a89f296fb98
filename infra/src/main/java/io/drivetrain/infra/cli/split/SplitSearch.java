package io.drivetrain.infra.cli.split;

import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.replay.Rejection;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Looks for samples and drives among the committed records of the split topics and of samples.rejected. Holds what it
 * looks for and nothing else, so memory does not grow with the topics; {@link #drives} holds one sample a drive.
 */
public final class SplitSearch {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int KEPT_REJECTIONS = 20;
    private static final String EMBARGOED = "embargoed-drive";

    private final DrivetrainConfig config;
    private final Progress progress;
    private long looked;
    private Optional<String> alike = Optional.empty();

    /** Told how far the reading is, in offsets of the topic that is read. */
    @FunctionalInterface
    public interface Progress {
        void at(String topic, long done, long total);
    }

    public SplitSearch(DrivetrainConfig config, Progress progress) {
        this.config = config;
        this.progress = progress;
    }

    /** A refusal, without the record that was refused. */
    public record Refused(String place, Instant at, List<Violation> violations) {
        public Refused {
            violations = List.copyOf(violations);
        }

        static Refused of(Rejection rejection) {
            return new Refused(
                    rejection.place(),
                    rejection.sample().getRejectedAt(),
                    rejection.sample().getViolations());
        }
    }

    /**
     * What the topics say of a sample.
     *
     * @param admitted null if it is on no split topic
     * @param refused the newest twenty; a sample that was sent twice can be admitted and refused
     * @param records how many were looked at
     */
    public record Sample(Bound admitted, List<Refused> refused, long records) {
        public Sample {
            refused = List.copyOf(refused);
        }
    }

    /**
     * What the topics say of a drive.
     *
     * @param first the sample that curation read first of those that were admitted; null if none was
     * @param admitted samples by split, a corrected one is one; more than one split would be an error of curation
     * @param refused samples by code
     */
    public record Drive(Bound first, Map<Split, Long> admitted, Map<String, Long> refused, long records) {
        public Drive {
            admitted = Map.copyOf(admitted);
            refused = Map.copyOf(refused);
        }
    }

    /**
     * Every drive that is bound.
     *
     * @param first one sample of each drive, the first that was admitted
     * @param samples by split; a corrected one is one
     * @param heldOut how many drives an embargo keeps out; a drive that was and is bound by now is not
     */
    public record Drives(Collection<Bound> first, Map<Split, Long> samples, long heldOut) {
        public Drives {
            first = List.copyOf(first);
            samples = Map.copyOf(samples);
        }
    }

    /** Looks for a sample, and for the newest label of it; the split topics are read until it is found. */
    public Sample sample(String id) {
        Bound[] admitted = new Bound[1];
        for (Topic topic : splitTopics()) {
            if (admitted[0] == null) {
                // To the topic's end, where a correction may follow.
                read(
                        topic,
                        record -> curated(record).ifPresent(sample -> {
                            note(id, sample.getSampleId());
                            if (sample.getSampleId().equals(id)
                                    && (admitted[0] == null
                                            || sample.getLabelRevision() > admitted[0].labelRevision())) {
                                admitted[0] = Bound.of(sample, place(record));
                            }
                        }));
            }
        }
        Deque<Refused> refused = new ArrayDeque<>();
        read(
                Topic.SAMPLES_REJECTED,
                record -> rejected(record).ifPresent(rejection -> {
                    note(id, rejection.sample().getSampleId());
                    if (id.equals(rejection.sample().getSampleId())) {
                        if (refused.size() == KEPT_REJECTIONS) {
                            refused.removeFirst();
                        }
                        refused.addLast(Refused.of(rejection));
                    }
                }));
        return new Sample(admitted[0], new ArrayList<>(refused), looked);
    }

    /** Looks for a drive, by the keys of the records. */
    public Drive drive(String id) {
        byte[] key = id.getBytes(StandardCharsets.UTF_8);
        Bound[] first = new Bound[1];
        Map<Split, Long> admitted = new EnumMap<>(Split.class);
        for (Topic topic : splitTopics()) {
            read(topic, record -> {
                if (Arrays.equals(record.key(), key)) {
                    curated(record).ifPresent(sample -> {
                        admitted.merge(sample.getSplit(), sample.getCorrects() ? 0L : 1L, Long::sum);
                        Bound bound = Bound.of(sample, place(record));
                        first[0] = first[0] == null || bound.before(first[0]) ? bound : first[0];
                    });
                } else {
                    note(id, text(record.key()));
                }
            });
        }
        Map<String, Long> refused = new TreeMap<>();
        read(Topic.SAMPLES_REJECTED, record -> {
            if (Arrays.equals(record.key(), key)) {
                rejected(record)
                        .ifPresent(rejection -> rejection.codes().forEach(code -> refused.merge(code, 1L, Long::sum)));
            } else {
                note(id, text(record.key()));
            }
        });
        return new Drive(first[0], admitted, refused, looked);
    }

    private static String text(byte[] key) {
        return key == null ? null : new String(key, StandardCharsets.UTF_8);
    }

    private void note(String asked, String met) {
        if (met != null && !met.equals(asked) && sameLetters(met, asked)) {
            alike = Optional.of(met);
        }
    }

    /** File systems take an accented letter apart, and keyboards do not, so that two ids look the same and are not. */
    static boolean sameLetters(String one, String other) {
        return Normalizer.normalize(one, Normalizer.Form.NFC).equals(Normalizer.normalize(other, Normalizer.Form.NFC));
    }

    /** An id that was met on the way and looks the same as the one that was asked for last, in other code points. */
    public Optional<String> alike() {
        return alike;
    }

    /** Finds every drive. */
    public Drives drives() {
        DriveCensus census = new DriveCensus();
        for (Topic topic : splitTopics()) {
            read(topic, record -> {
                curated(record).ifPresent(sample -> census.admitted(sample, place(record)));
            });
        }
        read(Topic.SAMPLES_REJECTED, record -> {
            rejected(record)
                    .filter(rejection -> rejection.codes().contains(EMBARGOED))
                    .ifPresent(rejection -> census.heldOut(rejection.sample().getDriveId()));
        });
        return census.drives();
    }

    private static List<Topic> splitTopics() {
        return Arrays.stream(Split.values()).map(Topic::of).toList();
    }

    private static String place(ConsumerRecord<?, ?> record) {
        return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
    }

    @FunctionalInterface
    private interface Look {
        void at(ConsumerRecord<byte[], byte[]> record);
    }

    private void read(Topic topic, Look look) {
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, List.of(topic));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
            long total = partitions.stream()
                    .mapToLong(p -> ends.get(p) - begins.get(p))
                    .sum();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    looked++;
                    look.at(record);
                }
                long done = partitions.stream()
                        .mapToLong(p -> consumer.position(p) - begins.get(p))
                        .sum();
                progress.at(topic.topicName(), Math.min(done, total), total);
            }
        }
    }

    private static Optional<CuratedSample> curated(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(Wire.decode(record.value(), CuratedSample.class));
        } catch (UndecodableRecordException e) {
            // Not written by curation, so it says nothing of any sample.
            return Optional.empty();
        }
    }

    private static Optional<Rejection> rejected(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Optional.of(new Rejection(Wire.decode(record.value(), RejectedSample.class)));
        } catch (UndecodableRecordException e) {
            // Not written by curation, so it says nothing of any sample.
            return Optional.empty();
        }
    }
}
