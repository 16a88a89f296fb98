package io.drivetrain.pipeline.store;

import io.drivetrain.pipeline.route.BinaryForm;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Reads two snapshots for {@link SnapshotDiff}. Only the columns that a comparison needs are read; a file that both share
 * is only counted; the rows of the others go to buckets on disk by sample id, and memory holds one bucket at a time. Of a
 * sample whose label was corrected each snapshot has the newest revision that is in it.
 */
final class SnapshotComparison {
    private static final String[] COLUMNS = {
        "sample_id",
        "split",
        "label",
        "image_sha256",
        "attributes",
        "boxes",
        "label_source",
        "glare_share",
        "dark_share",
        "flags",
        SampleTable.LABEL_REVISION
    };
    private static final String[] COUNTED = {"split", "label", "attributes", "glare_share", "dark_share", "flags"};
    private static final long BUCKET_ROWS = 50_000;
    private static final int MOST_BUCKETS = 512;
    private static final int BUFFER_BYTES = 16 << 10;

    private final KeptTable table;
    private final Set<String> sliceAttributes;
    private final Progress progress;
    private long rowsRead;
    private long rowsToRead;

    /**
     * Prepares.
     *
     * @param sliceAttributes whose values are slices
     */
    SnapshotComparison(KeptTable table, List<String> sliceAttributes, Progress progress) {
        this.table = table;
        this.sliceAttributes = new HashSet<>(sliceAttributes);
        this.progress = progress;
    }

    /**
     * Compares.
     *
     * @param each hears every difference, in no order
     */
    SnapshotDiff compare(long before, long after, Consumer<SnapshotDiff.Difference> each) throws IOException {
        List<FileScanTask> old = table.files(before);
        List<FileScanTask> young = table.files(after);
        Set<String> oldKeys = keys(old);
        Set<String> youngKeys = keys(young);
        List<FileScanTask> shared = old.stream()
                .filter(task -> youngKeys.contains(KeptTable.key(task)))
                .toList();
        List<FileScanTask> onlyOld = old.stream()
                .filter(task -> !youngKeys.contains(KeptTable.key(task)))
                .toList();
        List<FileScanTask> onlyYoung = young.stream()
                .filter(task -> !oldKeys.contains(KeptTable.key(task)))
                .toList();
        long rowsToJoin = Math.max(KeptTable.rowCount(onlyOld), KeptTable.rowCount(onlyYoung));
        rowsToRead = KeptTable.rowCount(shared) + KeptTable.rowCount(onlyOld) + KeptTable.rowCount(onlyYoung);
        int buckets = (int) Math.max(1, Math.min(MOST_BUCKETS, rowsToJoin / BUCKET_ROWS + 1));

        NewestRevisions newestBefore = NewestRevisions.of(table, before);
        NewestRevisions newestAfter = NewestRevisions.of(table, after);
        SnapshotDiff diff = new SnapshotDiff();
        Path folder = Files.createTempDirectory("drivetrain-diff-");
        // This process does one command; what is named first goes last, and at Ctrl-C, too.
        folder.toFile().deleteOnExit();
        try (Buckets olds = new Buckets(folder, "before", buckets);
                Buckets youngs = new Buckets(folder, "after", buckets)) {
            boolean corrected = newestBefore.any() || newestAfter.any();
            Schema columns = table.table().schema().select(corrected ? COLUMNS : COUNTED);
            for (FileScanTask task : shared) {
                scan(task, columns, record -> {
                    boolean holdsBefore = !newestBefore.superseded(record);
                    boolean holdsAfter = !newestAfter.superseded(record);
                    if (holdsBefore && holdsAfter) {
                        diff.shared(row(record));
                    } else if (holdsBefore) {
                        olds.write(row(record));
                    } else if (holdsAfter) {
                        youngs.write(row(record));
                    }
                });
            }
            spill(onlyOld, newestBefore, olds);
            spill(onlyYoung, newestAfter, youngs);
        }
        for (int bucket = 0; bucket < buckets; bucket++) {
            diff.bucket(load(folder, "before", bucket), load(folder, "after", bucket), each);
        }
        return diff;
    }

    private static Set<String> keys(List<FileScanTask> tasks) {
        Set<String> keys = new HashSet<>();
        tasks.forEach(task -> keys.add(KeptTable.key(task)));
        return keys;
    }

    /** Takes one row. */
    @FunctionalInterface
    private interface Taking {
        void take(Record row) throws IOException;
    }

    private void scan(FileScanTask task, Schema columns, Taking each) throws IOException {
        try (CloseableIterable<Record> rows = table.rows(task, columns, true)) {
            for (Record row : rows) {
                each.take(row);
                if (++rowsRead % 10_000 == 0) {
                    progress.at("compare", "rows", rowsRead, rowsToRead);
                }
            }
        }
    }

    private SnapshotDiff.Row row(Record record) {
        Map<?, ?> attributes = (Map<?, ?>) record.getField("attributes");
        Map<String, String> slices = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        if (attributes != null) {
            attributes.forEach((name, value) -> (sliceAttributes.contains(name.toString()) ? slices : others)
                    .put(name.toString(), String.valueOf(value)));
        }
        slices.putAll(MeasuredSlices.of(share(record, "glare_share"), share(record, "dark_share"), flags(record)));
        return new SnapshotDiff.Row(
                text(record, "sample_id"),
                text(record, "split"),
                text(record, "label"),
                text(record, "image_sha256"),
                slices,
                digest(others + "|" + record.getField("boxes") + "|" + record.getField("label_source")));
    }

    private static String text(Record record, String column) {
        Object value = record.struct().field(column) == null ? null : record.getField(column);
        return value == null ? "" : value.toString();
    }

    private static double share(Record record, String column) {
        return record.struct().field(column) == null || !(record.getField(column) instanceof Double share) ? 0 : share;
    }

    /** None in rows that were written before there were flags. */
    private static List<String> flags(Record record) {
        return record.struct().field("flags") == null || !(record.getField("flags") instanceof List<?> flags)
                ? List.of()
                : flags.stream().map(String::valueOf).toList();
    }

    /** FNV-1a of 64 bits: two different contents are taken for equal once in 1.8e19. */
    private static long digest(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    private void spill(List<FileScanTask> tasks, NewestRevisions newest, Buckets buckets) throws IOException {
        Schema columns = table.table().schema().select(COLUMNS);
        for (FileScanTask task : tasks) {
            scan(task, columns, record -> {
                if (!newest.superseded(record)) {
                    buckets.write(row(record));
                }
            });
        }
    }

    /** Files of one side, each with the rows of some of the sample ids. */
    private static final class Buckets implements AutoCloseable {
        private final List<DataOutputStream> outputs = new ArrayList<>();

        Buckets(Path folder, String side, int count) throws IOException {
            for (int bucket = 0; bucket < count; bucket++) {
                Path file = file(folder, side, bucket);
                file.toFile().deleteOnExit();
                outputs.add(new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)));
            }
        }

        void write(SnapshotDiff.Row row) throws IOException {
            SnapshotComparison.write(row, outputs.get(Math.floorMod(row.id().hashCode(), outputs.size())));
        }

        @Override
        public void close() throws IOException {
            for (DataOutputStream output : outputs) {
                output.close();
            }
        }
    }

    private static Path file(Path folder, String side, int bucket) {
        return folder.resolve(side + "-" + bucket);
    }

    private static void write(SnapshotDiff.Row row, DataOutputStream out) throws IOException {
        out.writeBoolean(true);
        BinaryForm.writeText(row.id(), out);
        BinaryForm.writeText(row.split(), out);
        BinaryForm.writeText(row.label(), out);
        BinaryForm.writeText(row.image(), out);
        out.writeInt(row.slices().size());
        for (Map.Entry<String, String> slice : row.slices().entrySet()) {
            BinaryForm.writeText(slice.getKey(), out);
            BinaryForm.writeText(slice.getValue(), out);
        }
        out.writeLong(row.rest());
    }

    private static List<SnapshotDiff.Row> load(Path folder, String side, int bucket) throws IOException {
        List<SnapshotDiff.Row> rows = new ArrayList<>();
        Path file = file(folder, side, bucket);
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
            while (in.read() > 0) {
                String id = BinaryForm.readText(in);
                String split = BinaryForm.readText(in);
                String label = BinaryForm.readText(in);
                String image = BinaryForm.readText(in);
                Map<String, String> slices = new TreeMap<>();
                for (int left = in.readInt(); left > 0; left--) {
                    slices.put(BinaryForm.readText(in), BinaryForm.readText(in));
                }
                rows.add(new SnapshotDiff.Row(id, split, label, image, slices, in.readLong()));
            }
        }
        return rows;
    }
}
