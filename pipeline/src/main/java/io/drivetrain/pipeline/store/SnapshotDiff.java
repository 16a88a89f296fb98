package io.drivetrain.pipeline.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What two snapshots have in common and what not, by sample id. Rows are given in buckets, all rows of a sample in the
 * same one, so that memory holds one bucket at a time.
 */
final class SnapshotDiff {
    private static final int MOST_VALUES = 1_000;
    private static final String FURTHER = "(other)";

    /** What became of a sample. */
    enum Change {
        CAME,
        WENT,
        CHANGED
    }

    /**
     * What a comparison needs of a sample.
     *
     * @param image SHA-256 of the original bytes, hex
     * @param slices attributes that form slices
     * @param rest a digest of all else that people give: other attributes, boxes, source of the label
     */
    record Row(String id, String split, String label, String image, Map<String, String> slices, long rest) {
        Row {
            slices = new TreeMap<>(slices);
        }

        List<String> differingFrom(Row other) {
            List<String> fields = new ArrayList<>();
            if (!label.equals(other.label)) {
                fields.add("label");
            }
            if (!split.equals(other.split)) {
                fields.add("split");
            }
            if (!image.equals(other.image)) {
                fields.add("image");
            }
            if (!slices.equals(other.slices)) {
                fields.add("slices");
            }
            if (rest != other.rest) {
                fields.add("other");
            }
            return fields;
        }
    }

    /**
     * One difference.
     *
     * @param before null if the sample came
     * @param after null if it went
     * @param fields what differs, if it changed
     */
    record Difference(Change change, Row before, Row after, List<String> fields) {
        String id() {
            return (after == null ? before : after).id();
        }
    }

    /** Counts of one class, split or slice; {@code after = before + came - went}. */
    static final class Counts {
        private long before;
        private long came;
        private long went;

        long before() {
            return before;
        }

        long came() {
            return came;
        }

        long went() {
            return went;
        }

        long after() {
            return before + came - went;
        }

        /** {@code new}, {@code gone}, or empty. */
        String note() {
            return before == 0 && after() > 0 ? "new" : before > 0 && after() == 0 ? "gone" : "";
        }
    }

    private final Map<Change, Long> changes = new LinkedHashMap<>();
    private final Map<String, Long> changedFields = new TreeMap<>();
    private final Map<String, Counts> classes = new TreeMap<>();
    private final Map<String, Counts> splits = new TreeMap<>();
    private final Map<String, Map<String, Counts>> slices = new TreeMap<>();

    SnapshotDiff() {
        for (Change change : Change.values()) {
            changes.put(change, 0L);
        }
    }

    /** Counts a row that both snapshots have in a file that they share. */
    void shared(Row row) {
        each(row, counts -> counts.before++);
    }

    /**
     * Compares one bucket.
     *
     * @param each hears every difference
     */
    void bucket(Iterable<Row> before, Iterable<Row> after, Consumer<Difference> each) {
        Map<String, Deque<Row>> open = new HashMap<>();
        for (Row row : before) {
            open.computeIfAbsent(row.id(), id -> new ArrayDeque<>(1)).add(row);
        }
        List<Row> unmatched = new ArrayList<>();
        for (Row row : after) {
            Deque<Row> candidates = open.get(row.id());
            if (candidates != null && candidates.remove(row)) {
                shared(row);
            } else {
                unmatched.add(row);
            }
        }
        // Equal rows have been taken out first, so that of a sample that is there twice the right one counts as
        // changed.
        for (Row row : unmatched) {
            Deque<Row> candidates = open.get(row.id());
            Row old = candidates == null ? null : candidates.poll();
            each.accept(old == null ? came(row) : changed(old, row));
        }
        open.values().forEach(rows -> rows.forEach(row -> each.accept(went(row))));
    }

    private Difference came(Row row) {
        changes.merge(Change.CAME, 1L, Long::sum);
        each(row, counts -> counts.came++);
        return new Difference(Change.CAME, null, row, List.of());
    }

    private Difference went(Row row) {
        changes.merge(Change.WENT, 1L, Long::sum);
        each(row, counts -> {
            counts.before++;
            counts.went++;
        });
        return new Difference(Change.WENT, row, null, List.of());
    }

    private Difference changed(Row before, Row after) {
        changes.merge(Change.CHANGED, 1L, Long::sum);
        List<String> fields = after.differingFrom(before);
        fields.forEach(field -> changedFields.merge(field, 1L, Long::sum));
        counts(classes, before.label()).before++;
        move(counts(classes, before.label()), counts(classes, after.label()));
        counts(splits, before.split()).before++;
        move(counts(splits, before.split()), counts(splits, after.split()));
        before.slices().forEach((name, value) -> slice(name, value).before++);
        before.slices().forEach((name, value) -> {
            if (!value.equals(after.slices().get(name))) {
                slice(name, value).went++;
            }
        });
        after.slices().forEach((name, value) -> {
            if (!value.equals(before.slices().get(name))) {
                slice(name, value).came++;
            }
        });
        return new Difference(Change.CHANGED, before, after, fields);
    }

    private static void move(Counts from, Counts to) {
        if (from != to) {
            from.went++;
            to.came++;
        }
    }

    private void each(Row row, Consumer<Counts> action) {
        action.accept(counts(classes, row.label()));
        action.accept(counts(splits, row.split()));
        row.slices().forEach((name, value) -> action.accept(slice(name, value)));
    }

    private Counts slice(String name, String value) {
        return counts(slices.computeIfAbsent(name, any -> new TreeMap<>()), value);
    }

    private static Counts counts(Map<String, Counts> all, String name) {
        Counts known = all.get(name);
        if (known != null) {
            return known;
        }
        return all.computeIfAbsent(all.size() < MOST_VALUES ? name : FURTHER, any -> new Counts());
    }

    long count(Change change) {
        return changes.get(change);
    }

    /** How many of the changed samples differ in what. */
    Map<String, Long> changedFields() {
        return changedFields;
    }

    Map<String, Counts> classes() {
        return classes;
    }

    Map<String, Counts> splits() {
        return splits;
    }

    /** By attribute, then by value. */
    Map<String, Map<String, Counts>> slices() {
        return slices;
    }
}
