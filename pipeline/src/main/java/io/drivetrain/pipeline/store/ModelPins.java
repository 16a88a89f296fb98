package io.drivetrain.pipeline.store;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which snapshot holds every sample that a model was trained on.
 *
 * <p>A model reads its samples from the split topics. The curation job commits them to the table by the same checkpoint,
 * and its commits come in order: one checkpoint's is done before the next one completes. So whatever a reader of the
 * topics saw before a model was published is in the first snapshot that the job committed from then on, though not always
 * in the one before, whose checkpoint may be older. A compaction in between says nothing about the job.
 *
 * @param on snapshot by model
 * @param waiting published since the job's newest commit. Their samples are in that commit or the next, and the way from
 *     the current snapshot to the newest commit never expires
 */
record ModelPins(Map<String, Long> on, Set<String> waiting) {

    /**
     * What a published model says of its samples.
     *
     * @param snapshot that it was trained on, if it did not read topics
     * @param publishedAt when it was published
     */
    record Origin(Optional<Long> snapshot, Instant publishedAt) {}

    ModelPins {
        on = new TreeMap<>(on);
        waiting = new TreeSet<>(waiting);
    }

    /**
     * Finds them.
     *
     * @param refs tags by name: a model that has one is pinned already, perhaps by hand, and stays there
     */
    static ModelPins of(Map<String, Origin> models, List<SnapshotFacts> snapshots, Map<String, Long> refs)
            throws KeeperException {
        Map<String, Long> on = new TreeMap<>();
        Set<String> waiting = new TreeSet<>();
        for (Map.Entry<String, Origin> model : models.entrySet()) {
            Long pinned = refs.get(SnapshotNames.pinOf(model.getKey()));
            Optional<Long> snapshot = Optional.ofNullable(pinned)
                    .or(() -> model.getValue().snapshot())
                    .or(() -> firstCommit(snapshots, model.getValue().publishedAt()));
            snapshot.ifPresentOrElse(id -> on.put(model.getKey(), id), () -> waiting.add(model.getKey()));
        }
        return new ModelPins(on, waiting);
    }

    private static Optional<Long> firstCommit(List<SnapshotFacts> snapshots, Instant from) {
        return snapshots.stream()
                .filter(SnapshotFacts::fromWriter)
                .filter(snapshot -> !snapshot.committedAt().isBefore(from))
                .min(Comparator.comparing(SnapshotFacts::committedAt).thenComparing(SnapshotFacts::id))
                .map(SnapshotFacts::id);
    }
}
