package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.TopicOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** For each partition the offset after the last record that counts; a partition that is not named counts from 0. */
public final class Offsets {
    /** One partition of a topic. */
    public record Partition(String topic, int partition) implements Comparable<Partition> {
        @Override
        public int compareTo(Partition other) {
            return Comparator.comparing(Partition::topic)
                    .thenComparingInt(Partition::partition)
                    .compare(this, other);
        }

        @Override
        public String toString() {
            return topic + "/" + partition;
        }
    }

    private final SortedMap<Partition, Long> next;

    private Offsets(Map<Partition, Long> next) {
        this.next = new TreeMap<>(next);
    }

    public static Offsets of(Map<Partition, Long> next) {
        return new Offsets(next);
    }

    public static Offsets of(Collection<TopicOffset> offsets) {
        Map<Partition, Long> next = new TreeMap<>();
        for (TopicOffset offset : offsets) {
            next.merge(new Partition(offset.getTopic(), offset.getPartition()), offset.getOffset(), Math::max);
        }
        return new Offsets(next);
    }

    public static Offsets none() {
        return new Offsets(Map.of());
    }

    /** The offset after the last record that counts; 0 for a partition that is not named. */
    public long next(Partition partition) {
        return next.getOrDefault(partition, 0L);
    }

    /** Whether the record at that offset counts. */
    public boolean cover(Partition partition, long offset) {
        return offset < next(partition);
    }

    /** The partitions in which these offsets have not come as far as the goal, in order. */
    public List<Partition> behind(Offsets goal) {
        return goal.next.entrySet().stream()
                .filter(entry -> next(entry.getKey()) < entry.getValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    public SortedMap<Partition, Long> asMap() {
        return new TreeMap<>(next);
    }

    /** By {@code topic/partition}, for files. */
    public SortedMap<String, Long> asText() {
        SortedMap<String, Long> text = new TreeMap<>();
        next.forEach((partition, offset) -> text.put(partition.toString(), offset));
        return text;
    }

    /** Reads what {@link #asText()} wrote. */
    public static Offsets parse(Map<String, Long> text) {
        Map<Partition, Long> next = new TreeMap<>();
        text.forEach((name, offset) -> {
            int slash = name.lastIndexOf('/');
            next.put(new Partition(name.substring(0, slash), Integer.parseInt(name.substring(slash + 1))), offset);
        });
        return new Offsets(next);
    }

    /** Sorted by topic and partition. */
    public List<TopicOffset> toRecords() {
        return next.entrySet().stream()
                .map(e -> new TopicOffset(e.getKey().topic(), e.getKey().partition(), e.getValue()))
                .toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Offsets offsets && next.equals(offsets.next);
    }

    @Override
    public int hashCode() {
        return next.hashCode();
    }

    @Override
    public String toString() {
        return next.entrySet().stream()
                .map(e -> e.getKey() + "@" + e.getValue())
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
