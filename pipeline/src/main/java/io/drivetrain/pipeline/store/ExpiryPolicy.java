package io.drivetrain.pipeline.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which snapshots may go: those that are old, are not among the newest, and that nobody has named, pinned or needs.
 *
 * @param olderThan younger snapshots stay
 * @param keep so many of the newest stay whatever their age, 1 or more
 */
record ExpiryPolicy(Duration olderThan, int keep) {

    /** What becomes of a snapshot, and why. */
    enum Fate {
        EXPIRES("expires"),
        CURRENT("is the current one"),
        TAGGED("is tagged"),
        PINNED("is pinned by a model"),
        YOUNG("is younger than asked for"),
        NEWEST("is among the newest that are kept"),
        WRITER("tells the curation job after a restart what it has committed");

        private final String reason;

        Fate(String reason) {
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    /** The fate of one snapshot. */
    record Decision(SnapshotFacts snapshot, Fate fate) {}

    ExpiryPolicy {
        if (keep < 1 || olderThan.isNegative()) {
            throw new IllegalArgumentException("keep is %d, olderThan %s".formatted(keep, olderThan));
        }
    }

    /**
     * Decides for every snapshot, oldest first.
     *
     * @param current empty before the first commit
     * @param refs tags and branches by name; those of models begin with {@link SnapshotNames#MODEL_PREFIX}
     * @param pins snapshots that published models were trained on, by model id
     */
    List<Decision> decide(
            List<SnapshotFacts> snapshots,
            OptionalLong current,
            Map<String, Long> refs,
            Map<String, Long> pins,
            Instant now) {
        List<SnapshotFacts> sorted = snapshots.stream()
                .sorted(Comparator.comparing(SnapshotFacts::committedAt).thenComparing(SnapshotFacts::id))
                .toList();
        Set<Long> newest = new HashSet<>();
        sorted.stream()
                .skip(Math.max(0, sorted.size() - keep))
                .map(SnapshotFacts::id)
                .forEach(newest::add);
        Set<Long> pinned = new HashSet<>(pins.values());
        Set<Long> tagged = new HashSet<>();
        refs.forEach((name, id) -> (name.startsWith(SnapshotNames.MODEL_PREFIX) ? pinned : tagged).add(id));
        Set<Long> neededByWriter = chainToWriter(sorted, current);
        List<Decision> decisions = new ArrayList<>();
        for (SnapshotFacts snapshot : sorted) {
            long id = snapshot.id();
            Fate fate;
            if (current.isPresent() && current.getAsLong() == id) {
                fate = Fate.CURRENT;
            } else if (pinned.contains(id)) {
                fate = Fate.PINNED;
            } else if (tagged.contains(id)) {
                fate = Fate.TAGGED;
            } else if (neededByWriter.contains(id)) {
                fate = Fate.WRITER;
            } else if (snapshot.committedAt().isAfter(now.minus(olderThan))) {
                fate = Fate.YOUNG;
            } else if (newest.contains(id)) {
                fate = Fate.NEWEST;
            } else {
                fate = Fate.EXPIRES;
            }
            decisions.add(new Decision(snapshot, fate));
        }
        return decisions;
    }

    /**
     * The current snapshot and those before it, as far as the newest that the curation job committed. Flink's sink walks
     * back that way to find its last checkpoint; if a link were missing it would commit files a second time.
     */
    private static Set<Long> chainToWriter(List<SnapshotFacts> snapshots, OptionalLong current) {
        Map<Long, SnapshotFacts> byId = new HashMap<>();
        snapshots.forEach(snapshot -> byId.put(snapshot.id(), snapshot));
        Set<Long> chain = new HashSet<>();
        OptionalLong id = current;
        while (id.isPresent()) {
            SnapshotFacts snapshot = byId.get(id.getAsLong());
            if (snapshot == null || !chain.add(snapshot.id()) || snapshot.fromWriter()) {
                return chain;
            }
            id = snapshot.parent();
        }
        return chain;
    }
}
