package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Which rows of a snapshot hold: of several rows of one sample the one with the highest label revision. Memory holds the
 * ids of corrected samples only, and only files that have some are read.
 *
 * @param newest highest revision by sample id, of the samples that have one above 0
 */
record NewestRevisions(Map<String, Integer> newest) {
    /** What {@link #superseded} needs of a row. */
    static final String[] COLUMNS = {"sample_id", SampleTable.LABEL_REVISION};

    /** Reads a snapshot. */
    static NewestRevisions of(KeptTable kept, long snapshot) throws IOException {
        Map<String, Integer> newest = new HashMap<>();
        if (kept.table().schema().findField(SampleTable.LABEL_REVISION) == null) {
            return new NewestRevisions(newest);
        }
        Schema columns = kept.table().schema().select(COLUMNS);
        try (CloseableIterable<FileScanTask> files = kept.table()
                .newScan()
                .useSnapshot(snapshot)
                .filter(Expressions.greaterThan(SampleTable.LABEL_REVISION, 0))
                .includeColumnStats()
                .planFiles()) {
            for (FileScanTask file : files) {
                if (olderThanRevisions(kept, file.file())) {
                    continue;
                }
                try (CloseableIterable<Record> rows = kept.rows(file, columns, true)) {
                    for (Record row : rows) {
                        if (revision(row) > 0) {
                            newest.merge(row.getField("sample_id").toString(), revision(row), Math::max);
                        }
                    }
                }
            }
        }
        return new NewestRevisions(newest);
    }

    /** Whether a file was written before there were revisions: it then counts the values of other columns only. */
    private static boolean olderThanRevisions(KeptTable kept, DataFile file) {
        Map<Integer, Long> counts = file.valueCounts();
        Schema schema = kept.table().schema();
        return counts != null
                && counts.containsKey(schema.findField("sample_id").fieldId())
                && !counts.containsKey(
                        schema.findField(SampleTable.LABEL_REVISION).fieldId());
    }

    /** Of a row's label. */
    static int revision(Record row) {
        return row.struct().field(SampleTable.LABEL_REVISION) != null
                        && row.getField(SampleTable.LABEL_REVISION) instanceof Integer revision
                ? revision
                : 0;
    }

    /** Whether anything was corrected. */
    boolean any() {
        return !newest.isEmpty();
    }

    /**
     * Whether a correction took the place of a row.
     *
     * @param row with {@link #COLUMNS} at least
     */
    boolean superseded(Record row) {
        return any()
                && revision(row) < newest.getOrDefault(row.getField("sample_id").toString(), 0);
    }
}
