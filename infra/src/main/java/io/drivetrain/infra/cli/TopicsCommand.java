package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code topics}: every topic with its key, partitions, retention and committed records. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "List the topics: records, partitions, key, retention, record type.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain topics           counts committed records, reading all",
            "  ./drivetrain topics --fast    from the offsets: at most that many",
            "  ./drivetrain topics --json"
        })
final class TopicsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Option(names = "--fast", description = "Take the counts from the offsets, which include transaction markers.")
    private boolean fast;

    @Override
    public Integer call() throws Exception {
        DrivetrainConfig config = stack.require();
        Counts counts = fast ? new Counts(atMost(config), Map.of()) : exact(config);
        ArrayNode document = new ObjectMapper().createArrayNode();
        Terminal terminal = Terminal.detect();
        if (!json) {
            terminal.line(terminal.bold(
                    "%-22s %10s %4s  %-8s  %-18s  %s".formatted("topic", "records", "part", "kept", "type", "key")));
        }
        for (Topic topic : Topic.values()) {
            String kept = topic.compacted()
                    ? "newest"
                    : topic.retention().map(TopicsCommand::days).orElse("for ever");
            ObjectNode entry = document.addObject();
            entry.put("topic", topic.topicName());
            entry.put("records", counts.records().get(topic.topicName()));
            entry.put("exact", !fast);
            if (counts.samples().containsKey(topic.topicName())) {
                entry.put("samples", counts.samples().get(topic.topicName()));
            }
            entry.put("partitions", topic.partitions());
            entry.put("key", topic.keyedBy());
            entry.put("kept", kept);
            entry.put("type", topic.recordType().getSimpleName());
            if (!json) {
                // The key comes last, because some take a whole sentence.
                terminal.line("%-22s %,10d %4d  %-8s  %-18s  %s"
                        .formatted(
                                topic.topicName(),
                                counts.records().get(topic.topicName()),
                                topic.partitions(),
                                kept,
                                topic.recordType().getSimpleName(),
                                topic.keyedBy()));
            }
        }
        if (json) {
            spec.commandLine().getOut().println(document.toPrettyString());
        } else {
            corrections(counts).forEach(terminal::line);
        }
        return ExitCode.DONE.code();
    }

    private static String days(Duration duration) {
        return duration.toDays() + " days";
    }

    /**
     * What is on the topics.
     *
     * @param records by topic
     * @param samples by topic that holds admitted samples: a corrected label is one more record of the same sample
     */
    record Counts(Map<String, Long> records, Map<String, Long> samples) {}

    /** A sentence for each topic with more records than samples. */
    static List<String> corrections(Counts counts) {
        return counts.samples().entrySet().stream()
                .filter(topic -> topic.getValue() < counts.records().get(topic.getKey()))
                .map(topic -> "%s: %,d samples; a corrected label is one more record of its sample"
                        .formatted(topic.getKey(), topic.getValue()))
                .toList();
    }

    private static Counts exact(DrivetrainConfig config) {
        Map<Topic, Long> records = new EnumMap<>(Topic.class);
        Map<Topic, Long> corrections = new EnumMap<>(Topic.class);
        TopicFollower.readAll(config, List.of(Topic.values()), (topic, record) -> {
            records.merge(topic, 1L, Long::sum);
            if (topic.recordType() == CuratedSample.class && corrects(record.value())) {
                corrections.merge(topic, 1L, Long::sum);
            }
        });
        Map<String, Long> named = new LinkedHashMap<>();
        Map<String, Long> samples = new LinkedHashMap<>();
        for (Topic topic : Topic.values()) {
            long count = records.getOrDefault(topic, 0L);
            named.put(topic.topicName(), count);
            if (topic.recordType() == CuratedSample.class) {
                samples.put(topic.topicName(), count - corrections.getOrDefault(topic, 0L));
            }
        }
        return new Counts(named, samples);
    }

    private static boolean corrects(byte[] value) {
        try {
            return Wire.decode(value, CuratedSample.class).getCorrects();
        } catch (UndecodableRecordException e) {
            // Not written by curation; it is counted as what stands there.
            return false;
        }
    }

    /** Records of each topic by its offsets; transaction markers are counted, too. */
    static Map<String, Long> atMost(DrivetrainConfig config) {
        Map<String, Long> counts = new LinkedHashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.consumer(config)) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, Arrays.asList(Topic.values()));
            Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
            consumer.endOffsets(partitions)
                    .forEach(
                            (partition, end) -> counts.merge(partition.topic(), end - begin.get(partition), Long::sum));
        }
        Map<String, Long> ordered = new LinkedHashMap<>();
        for (Topic topic : Topic.values()) {
            ordered.put(topic.topicName(), counts.getOrDefault(topic.topicName(), 0L));
        }
        return ordered;
    }
}
