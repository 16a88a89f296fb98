package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.ReachableFileUtil;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** Removes snapshots that {@link ExpiryPolicy} lets go with the files that no other reaches, and files of no snapshot. */
final class Expiry {
    private static final Pattern SCHEME = Pattern.compile("^[a-zA-Z][a-zA-Z0-9+.-]*:(//[^/]*)?");

    private static final Duration LONGEST_CHECKPOINT = Duration.ofHours(1);

    private final KeptTable kept;
    private final Progress progress;

    Expiry(KeptTable kept, Progress progress) {
        this.kept = kept;
        this.progress = progress;
    }

    /** Writes the pins down as tags, so that they hold without the record that says so. */
    int persist(Map<String, Long> pins) throws KeeperException {
        int written = 0;
        for (Map.Entry<String, Long> pin : pins.entrySet()) {
            String tag = SnapshotNames.pinOf(pin.getKey());
            if (kept.table().snapshot(pin.getValue()) != null
                    && !kept.table().refs().containsKey(tag)) {
                kept.table().manageSnapshots().createTag(tag, pin.getValue()).commit();
                written++;
            }
        }
        return written;
    }

    /**
     * Expires.
     *
     * @return the files that were deleted
     * @throws KeeperException if one of the snapshots has got a name since it was decided on; then all stay
     */
    List<String> expire(List<ExpiryPolicy.Decision> decisions) throws KeeperException {
        ConcurrentLinkedQueue<String> deleted = new ConcurrentLinkedQueue<>();
        List<Long> ids = decisions.stream()
                .filter(decision -> decision.fate() == ExpiryPolicy.Fate.EXPIRES)
                .map(decision -> decision.snapshot().id())
                .toList();
        if (ids.isEmpty()) {
            return List.of();
        }
        // Without a time of its own, Iceberg would expire by the table's default age, too.
        ExpireSnapshots expire =
                kept.table().expireSnapshots().expireOlderThan(0).cleanExpiredFiles(true);
        ids.forEach(expire::expireSnapshotId);
        try {
            expire.deleteWith(path -> {
                        kept.table().io().deleteFile(path);
                        deleted.add(path);
                    })
                    .commit();
        } catch (IllegalArgumentException e) {
            throw KeeperException.failed(
                    "Nothing expired, because a snapshot was tagged or pinned in the meantime (%s); do it again"
                            .formatted(e.getMessage()));
        }
        return List.copyOf(deleted);
    }

    /**
     * A file that no snapshot reaches.
     *
     * @param bytes its size
     * @param writtenAt its last write
     */
    record Orphan(String path, long bytes, Instant writtenAt) {
        /** Whether a stopped job may still have to commit it. */
        boolean mayBePending(Optional<Instant> committed) {
            return committed.isEmpty() || !writtenAt.isBefore(committed.get());
        }
    }

    /**
     * Returns the time before which the curation job has committed whatever it has written, however long it has been
     * stopped since; empty if none of its commits is known. A file of the next checkpoint may be closed while the one
     * before is still being committed, hence the span.
     */
    static Optional<Instant> committedUntil(List<SnapshotFacts> snapshots) {
        return snapshots.stream()
                .filter(SnapshotFacts::fromWriter)
                .map(SnapshotFacts::committedAt)
                .max(Comparator.naturalOrder())
                .map(newest -> newest.minus(LONGEST_CHECKPOINT));
    }

    /**
     * Finds the files below the table's folder that no snapshot reaches, such as those of a killed writer.
     *
     * @param olderThan younger ones may belong to a checkpoint that is still to be committed
     */
    List<Orphan> orphans(Duration olderThan, Instant now) throws IOException, KeeperException {
        Table table = kept.table();
        if (!(table.io() instanceof SupportsPrefixOperations files)) {
            throw KeeperException.failed(
                    "The files at %s cannot be listed; remove orphan files with the tools of that store"
                            .formatted(table.location()));
        }
        long before = now.minus(olderThan).toEpochMilli();
        List<Orphan> old = new ArrayList<>();
        for (String folder : List.of("data", "metadata")) {
            try {
                for (FileInfo file : files.listPrefix(table.location() + "/" + folder + "/")) {
                    if (file.createdAtMillis() < before) {
                        old.add(new Orphan(file.location(), file.size(), Instant.ofEpochMilli(file.createdAtMillis())));
                    }
                }
            } catch (UncheckedIOException e) {
                // There is no folder data before the first row.
                if (!(e.getCause() instanceof java.io.FileNotFoundException)) {
                    throw e;
                }
            }
        }
        // Asked after listing: what was committed in between is reachable now.
        table.refresh();
        Set<String> reachable = reachable(table);
        return old.stream()
                .filter(file -> !reachable.contains(path(file.path())))
                .toList();
    }

    void delete(List<Orphan> orphans) {
        long done = 0;
        for (Orphan orphan : orphans) {
            kept.table().io().deleteFile(orphan.path());
            progress.at("orphans", "files", ++done, orphans.size());
        }
    }

    private Set<String> reachable(Table table) throws IOException {
        Set<String> reachable = new HashSet<>();
        ReachableFileUtil.metadataFileLocations(table, true).forEach(file -> reachable.add(path(file)));
        reachable.add(path(ReachableFileUtil.versionHintLocation(table)));
        ReachableFileUtil.manifestListLocations(table).forEach(file -> reachable.add(path(file)));
        ReachableFileUtil.statisticsFilesLocations(table).forEach(file -> reachable.add(path(file)));
        Set<String> read = new HashSet<>();
        long done = 0;
        List<Snapshot> snapshots = new ArrayList<>();
        table.snapshots().forEach(snapshots::add);
        for (Snapshot snapshot : snapshots) {
            for (ManifestFile manifest : snapshot.allManifests(table.io())) {
                if (read.add(manifest.path())) {
                    reachable.add(path(manifest.path()));
                    try (ManifestReader<? extends ContentFile<?>> files = reader(manifest, table)) {
                        files.forEach(file -> reachable.add(path(file.location())));
                    }
                }
            }
            progress.at("reachable", "snapshots", ++done, snapshots.size());
        }
        return reachable;
    }

    private static ManifestReader<? extends ContentFile<?>> reader(ManifestFile manifest, Table table) {
        return switch (manifest.content()) {
            case DATA -> ManifestFiles.read(manifest, table.io(), table.specs());
            case DELETES -> ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs());
        };
    }

    /** Without scheme and authority: {@code file:/a} and {@code file:///a} are one file. */
    private static String path(String location) {
        return SCHEME.matcher(location).replaceFirst("");
    }
}
