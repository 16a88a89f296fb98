package io.drivetrain.infra.cli.read;

import io.drivetrain.schemas.Topic;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Records that could not be read, as one line for each topic: where one cannot, often hundreds cannot for the same reason. */
public final class LeftOut {
    private final Map<Topic, Integer> counts = new EnumMap<>(Topic.class);
    private final Map<Topic, String> firsts = new EnumMap<>(Topic.class);

    /**
     * Takes in one.
     *
     * @return whether it is the first of its topic
     */
    public boolean add(Topic topic, long offset, String reason) {
        counts.merge(topic, 1, Integer::sum);
        return firsts.putIfAbsent(topic, "record %d of %s: %s".formatted(offset, topic.topicName(), reason)) == null;
    }

    /** Records of all topics together. */
    public long count() {
        return counts.values().stream().mapToLong(Integer::longValue).sum();
    }

    public boolean isEmpty() {
        return firsts.isEmpty();
    }

    /** Says how many of each topic were left out, and why the first was. */
    public void tell(PrintWriter err) {
        lines().forEach(err::println);
    }

    /** What {@link #tell} says, a line for each topic. */
    public List<String> lines() {
        return firsts.entrySet().stream()
                .map(first -> counts.get(first.getKey()) == 1
                        ? "Left out " + first.getValue()
                        : "Left out %,d records of %s, the first %s"
                                .formatted(
                                        counts.get(first.getKey()),
                                        first.getKey().topicName(),
                                        first.getValue()))
                .toList();
    }
}
