package io.drivetrain.pipeline.store;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What people call snapshots: a tag, an id, {@code latest}, or a time, which means the snapshot that readers saw then.
 *
 * @param current empty before the first commit
 * @param refs tags and branches, by name
 * @param timeline which snapshot became current when, oldest first
 */
record SnapshotNames(OptionalLong current, Map<String, Long> refs, List<SnapshotNames.Moment> timeline) {
    static final String LATEST = "latest";
    static final String MODEL_PREFIX = "model-";
    private static final Pattern TAG = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,99}");

    /** From then on the snapshot was the current one. */
    record Moment(Instant time, long snapshotId) {}

    SnapshotNames {
        refs = new TreeMap<>(refs);
        timeline = List.copyOf(timeline);
    }

    /**
     * Returns the id of the snapshot that is meant.
     *
     * @param known ids of all snapshots
     * @throws KeeperException if none is
     */
    long resolve(String name, java.util.Set<Long> known) throws KeeperException {
        if (name.equals(LATEST)) {
            return current.orElseThrow(
                    () -> KeeperException.failed(
                            "The table has no snapshot yet; the first comes with the first checkpoint after samples were admitted"));
        }
        if (refs.containsKey(name)) {
            return refs.get(name);
        }
        if (name.matches("\\d{1,19}")) {
            long id;
            try {
                id = Long.parseLong(name);
            } catch (NumberFormatException e) {
                throw unknown(name);
            }
            if (!known.contains(id)) {
                throw unknown(name);
            }
            return id;
        }
        Optional<Instant> time = time(name);
        if (time.isEmpty()) {
            throw unknown(name);
        }
        return asOf(time.get(), known);
    }

    private long asOf(Instant time, java.util.Set<Long> known) throws KeeperException {
        Moment found = null;
        for (Moment moment : timeline) {
            if (!moment.time().isAfter(time)) {
                found = moment;
            }
        }
        if (found == null || !known.contains(found.snapshotId())) {
            throw KeeperException.failed(
                    timeline.isEmpty()
                            ? "The table has no snapshot yet; the first comes with the first checkpoint after samples were admitted"
                            : "There is no snapshot of %s: without a gap they reach back to %s; './drivetrain snapshots list' has the ids and tags of older ones that are kept"
                                    .formatted(time, timeline.get(0).time()));
        }
        return found.snapshotId();
    }

    private KeeperException unknown(String name) {
        return KeeperException.wrongUsage(
                "No snapshot is called '%s'; write a tag (%s), an id of './drivetrain snapshots list', 'latest', or a time such as 2026-12-01T08:00:00Z"
                        .formatted(name, refs.isEmpty() ? "there is none yet" : String.join(", ", tags())));
    }

    private TreeSet<String> tags() {
        TreeSet<String> tags = new TreeSet<>(refs.keySet());
        tags.remove("main");
        return tags;
    }

    /** Reads an instant, a time with offset, a time in UTC, or a date, which means its beginning in UTC. */
    static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException notWithOffset) {
            try {
                return Optional.of(LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
            } catch (DateTimeParseException notWithTime) {
                try {
                    return Optional.of(
                            LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
                } catch (DateTimeParseException noTimeAtAll) {
                    return Optional.empty();
                }
            }
        }
    }

    /**
     * Checks the name of a new tag.
     *
     * @throws KeeperException if it could be taken for something else
     */
    static void requireTagName(String name) throws KeeperException {
        if (name.equals(LATEST) || name.equals("main")) {
            throw KeeperException.wrongUsage(
                    "'%s' is always the newest snapshot; choose another name for the tag, for example release-1"
                            .formatted(name));
        }
        if (name.startsWith(MODEL_PREFIX)) {
            throw KeeperException.wrongUsage(
                    "Tags that begin with '%s' are pins of models; use './drivetrain snapshots pin', or choose another name"
                            .formatted(MODEL_PREFIX));
        }
        if (!TAG.matcher(name).matches()) {
            throw KeeperException.wrongUsage(
                    "'%s' is no name for a tag; use up to 100 letters, digits, '.', '_' and '-', a letter first, for example release-1"
                            .formatted(name));
        }
    }

    /**
     * Returns the name of the tag that pins what a model was trained on.
     *
     * @throws KeeperException if the model id has characters that a tag may not have
     */
    static String pinOf(String model) throws KeeperException {
        if (!TAG.matcher(model).matches()) {
            throw KeeperException.wrongUsage(
                    "'%s' is no model id; it looks like lenet-0123456789ab, see './drivetrain report --json'"
                            .formatted(model));
        }
        return MODEL_PREFIX + model;
    }
}
