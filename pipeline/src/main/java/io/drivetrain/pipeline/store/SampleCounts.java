package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/**
 * How many samples snapshots hold. A sample whose label was corrected has a row for each revision, so that there may be
 * more rows than samples. Where no file holds a revision above 0, no file is read; else the ids in the files are, once for
 * all snapshots that follow each other.
 */
final class SampleCounts {
    /**
     * Of one snapshot.
     *
     * @param samples each counted once
     * @param corrected those of them with a revision above 0
     * @param corrections rows that the snapshot's own commit brought for samples that were there; 0 of a commit that does
     *     more than append
     */
    record Count(long samples, long corrected, long corrections) {}

    private final KeptTable kept;
    private final Set<String> corrected;
    private final Map<String, Integer> newest = new HashMap<>();
    private long superseded;

    private SampleCounts(KeptTable kept, Set<String> corrected) {
        this.kept = kept;
        this.corrected = corrected;
    }

    /**
     * Counts.
     *
     * @param snapshots oldest first
     * @return by snapshot id
     */
    static Map<Long, Count> of(KeptTable kept, List<SnapshotFacts> snapshots) throws IOException {
        SampleCounts counts = new SampleCounts(kept, corrected(kept, snapshots));
        Map<Long, Count> all = new HashMap<>();
        OptionalLong last = OptionalLong.empty();
        for (SnapshotFacts snapshot : snapshots) {
            all.put(snapshot.id(), counts.next(snapshot, last));
            last = OptionalLong.of(snapshot.id());
        }
        return all;
    }

    /** Ids of all samples with a revision above 0 in any of the snapshots. */
    private static Set<String> corrected(KeptTable kept, List<SnapshotFacts> snapshots) throws IOException {
        Set<Long> heldByNext = new HashSet<>();
        for (SnapshotFacts snapshot : snapshots) {
            if (keepsAllRows(snapshot)) {
                snapshot.parent().ifPresent(heldByNext::add);
            }
        }
        Set<String> ids = new HashSet<>();
        for (SnapshotFacts snapshot : snapshots) {
            if (!heldByNext.contains(snapshot.id())) {
                ids.addAll(NewestRevisions.of(kept, snapshot.id()).newest().keySet());
            }
        }
        return ids;
    }

    private static boolean keepsAllRows(SnapshotFacts snapshot) {
        return snapshot.operation().equals(DataOperations.APPEND)
                || snapshot.operation().equals(DataOperations.REPLACE);
    }

    private Count next(SnapshotFacts snapshot, OptionalLong last) throws IOException {
        long rows = snapshot.count("total-records");
        if (corrected.isEmpty()) {
            return new Count(rows, 0, 0);
        }
        boolean appends = snapshot.operation().equals(DataOperations.APPEND);
        List<DataFile> added = appends && snapshot.count("added-data-files") > 0 ? addedBy(snapshot) : List.of();
        if (!keepsAllRows(snapshot) || last.isEmpty() || !snapshot.parent().equals(last)) {
            newest.clear();
            superseded = 0;
            Set<String> own = new HashSet<>();
            added.forEach(file -> own.add(file.location()));
            for (FileScanTask task : kept.files(snapshot.id())) {
                if (!own.contains(task.file().location())) {
                    take(task.file());
                }
            }
        }
        long before = superseded;
        for (DataFile file : added) {
            take(file);
        }
        long revised = newest.values().stream().filter(revision -> revision > 0).count();
        return new Count(rows - superseded, revised, superseded - before);
    }

    private List<DataFile> addedBy(SnapshotFacts snapshot) {
        List<DataFile> added = new ArrayList<>();
        SnapshotChanges.builderFor(kept.table())
                .snapshot(kept.table().snapshot(snapshot.id()))
                .build()
                .addedDataFiles()
                .forEach(added::add);
        return added;
    }

    private void take(DataFile file) throws IOException {
        Schema columns = kept.table().schema().select(NewestRevisions.COLUMNS);
        try (CloseableIterable<Record> rows = kept.read(file, columns, true)) {
            for (Record row : rows) {
                String id = row.getField("sample_id").toString();
                if (corrected.contains(id)) {
                    // Of two rows of one sample one does not hold, whichever came first.
                    superseded += newest.containsKey(id) ? 1 : 0;
                    newest.merge(id, NewestRevisions.revision(row), Math::max);
                }
            }
        }
    }
}
