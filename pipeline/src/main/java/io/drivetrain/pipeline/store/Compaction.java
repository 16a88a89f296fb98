package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;

/**
 * Writes small files anew as large ones. The rows stay what they are; the job may go on writing meanwhile, because a
 * rewrite is committed on top of what came since, and refused only if one of its own files was changed.
 */
final class Compaction {
    /** So much is rewritten between two commits: what is lost if the process is killed. */
    private static final long COMMIT_BYTES = 8L << 30;

    private static final int ROWS_BETWEEN_SIZE_CHECKS = 8;

    private final KeptTable kept;
    private final long targetBytes;
    private final Progress progress;

    Compaction(KeptTable kept, long targetBytes, Progress progress) {
        this.kept = kept;
        this.targetBytes = targetBytes;
        this.progress = progress;
    }

    /**
     * What was done.
     *
     * @param conflicts groups that were left as they were, because another process changed their files meanwhile
     */
    record Result(long filesBefore, long filesAfter, long bytesBefore, long bytesAfter, long rows, long conflicts) {}

    /** What would be written anew. */
    List<CompactionPlan.Group> plan(int minFiles) {
        return kept.current().isEmpty()
                ? List.of()
                : plan(kept.files(kept.current().getAsLong()), minFiles);
    }

    private List<CompactionPlan.Group> plan(List<FileScanTask> tasks, int minFiles) {
        return CompactionPlan.of(tasks.stream().map(KeptTable::candidate).toList(), targetBytes, minFiles);
    }

    /** Writes anew and commits. */
    Result run(int minFiles) throws IOException {
        Table table = kept.table();
        Snapshot start = table.currentSnapshot();
        if (start == null) {
            return new Result(0, 0, 0, 0, 0, 0);
        }
        List<FileScanTask> tasks = kept.files(start.snapshotId());
        Map<String, FileScanTask> byPath = new HashMap<>();
        tasks.forEach(task -> byPath.put(task.file().location(), task));
        List<CompactionPlan.Group> groups = plan(tasks, minFiles);
        long allBytes = groups.stream().mapToLong(CompactionPlan.Group::bytes).sum();
        long doneBytes = 0;
        Totals totals = new Totals();
        Set<DataFile> replaced = new HashSet<>();
        Set<DataFile> written = new HashSet<>();
        long open = 0;
        try {
            for (CompactionPlan.Group group : groups) {
                List<FileScanTask> members = group.files().stream()
                        .map(file -> byPath.get(file.path()))
                        .toList();
                List<DataFile> outputs = rewrite(members, doneBytes, allBytes);
                written.addAll(outputs);
                members.forEach(member -> replaced.add(member.file()));
                doneBytes += group.bytes();
                open += group.bytes();
                if (open >= COMMIT_BYTES) {
                    commit(start, replaced, written, totals);
                    open = 0;
                }
            }
            commit(start, replaced, written, totals);
        } finally {
            // What is still here was not committed.
            written.forEach(file -> table.io().deleteFile(file.location()));
        }
        return totals.result();
    }

    private static final class Totals {
        private long filesBefore;
        private long filesAfter;
        private long bytesBefore;
        private long bytesAfter;
        private long rows;
        private long conflicts;

        Result result() {
            return new Result(filesBefore, filesAfter, bytesBefore, bytesAfter, rows, conflicts);
        }
    }

    private List<DataFile> rewrite(List<FileScanTask> members, long doneBytes, long allBytes) throws IOException {
        Table table = kept.table();
        Schema schema = table.schema();
        // Of the table's spec of today, and that of a file written under another one is kept.
        PartitionSpec spec = members.get(0).spec();
        GenericAppenderFactory appenders = kept.appenders(spec);
        OutputFileFactory outputs = OutputFileFactory.builderFor(table, 0, System.nanoTime())
                .format(FileFormat.PARQUET)
                .build();
        List<DataFile> written = new ArrayList<>();
        DataWriter<Record> writer = null;
        long bytes = doneBytes;
        try {
            for (FileScanTask member : members) {
                try (CloseableIterable<Record> rows = kept.rows(member, schema, false)) {
                    long count = 0;
                    for (Record row : rows) {
                        if (writer == null) {
                            writer = appenders.newDataWriter(
                                    outputs.newOutputFile(spec, member.file().partition()),
                                    FileFormat.PARQUET,
                                    member.file().partition());
                        }
                        writer.write(row);
                        if (++count % ROWS_BETWEEN_SIZE_CHECKS == 0 && writer.length() > 1.25 * targetBytes) {
                            writer.close();
                            written.add(writer.toDataFile());
                            writer = null;
                        }
                    }
                }
                bytes += member.file().fileSizeInBytes();
                progress.at("compact", "MB", bytes / 1_000_000, allBytes / 1_000_000);
            }
            if (writer != null) {
                writer.close();
                written.add(writer.toDataFile());
            }
            return written;
        } catch (IOException | RuntimeException e) {
            if (writer != null) {
                String location = null;
                try {
                    writer.close();
                    location = writer.toDataFile().location();
                } catch (IOException | RuntimeException suppressed) {
                    e.addSuppressed(suppressed);
                }
                if (location != null) {
                    table.io().deleteFile(location);
                }
            }
            written.forEach(file -> table.io().deleteFile(file.location()));
            throw e;
        }
    }

    /** Commits what was written; if another process changed one of the files, deletes what was written instead. */
    private void commit(Snapshot start, Set<DataFile> replaced, Set<DataFile> written, Totals totals) {
        if (replaced.isEmpty()) {
            return;
        }
        Table table = kept.again().table();
        long rows = written.stream().mapToLong(DataFile::recordCount).sum();
        try {
            // Rows keep the sequence number of the plan, so that deletes of another engine that came since still apply.
            table.newRewrite()
                    .validateFromSnapshot(start.snapshotId())
                    .rewriteFiles(Set.copyOf(replaced), copies(table, written), start.sequenceNumber())
                    .set("drivetrain.compaction", "true")
                    .commit();
        } catch (ValidationException | CommitFailedException e) {
            totals.conflicts++;
            written.forEach(file -> table.io().deleteFile(file.location()));
            written.clear();
            replaced.clear();
            return;
        } catch (RuntimeException e) {
            // Whether it was committed is not known: a file too many is an orphan, a file too few would be lost data.
            written.clear();
            throw e;
        }
        totals.filesBefore += replaced.size();
        totals.filesAfter += written.size();
        totals.bytesBefore +=
                replaced.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        totals.bytesAfter +=
                written.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        totals.rows += rows;
        replaced.clear();
        written.clear();
    }

    private static Set<DataFile> copies(Table table, Set<DataFile> files) {
        Set<DataFile> copies = new HashSet<>();
        for (DataFile file : files) {
            copies.add(DataFiles.builder(table.specs().get(file.specId()))
                    .copy(file)
                    .build());
        }
        return copies;
    }
}
