package io.drivetrain.infra.cli.read;

import io.drivetrain.schemas.Topic;
import java.io.PrintWriter;
import java.util.EnumMap;
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

    /** Says how many of each topic were left out, and why the first was. */
    public void tell(PrintWriter err) {
        firsts.forEach((topic, first) -> err.println(
                counts.get(topic) == 1
                        ? "Left out " + first
                        : "Left out %,d records of %s, the first %s"
                                .formatted(counts.get(topic), topic.topicName(), first)));
    }
}
