package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
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
        Map<String, Long> records = fast ? atMost(config) : exact(config);
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
            entry.put("records", records.get(topic.topicName()));
            entry.put("exact", !fast);
            entry.put("partitions", topic.partitions());
            entry.put("key", topic.keyedBy());
            entry.put("kept", kept);
            entry.put("type", topic.recordType().getSimpleName());
            if (!json) {
                // The key comes last, because some take a whole sentence.
                terminal.line("%-22s %,10d %4d  %-8s  %-18s  %s"
                        .formatted(
                                topic.topicName(),
                                records.get(topic.topicName()),
                                topic.partitions(),
                                kept,
                                topic.recordType().getSimpleName(),
                                topic.keyedBy()));
            }
        }
        if (json) {
            spec.commandLine().getOut().println(document.toPrettyString());
        }
        return ExitCode.DONE.code();
    }

    private static String days(Duration duration) {
        return duration.toDays() + " days";
    }

    private static Map<String, Long> exact(DrivetrainConfig config) {
        Map<Topic, Long> counts = new EnumMap<>(Topic.class);
        TopicFollower.readAll(config, List.of(Topic.values()), (topic, record) -> counts.merge(topic, 1L, Long::sum));
        Map<String, Long> named = new LinkedHashMap<>();
        for (Topic topic : Topic.values()) {
            named.put(topic.topicName(), counts.getOrDefault(topic, 0L));
        }
        return named;
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
