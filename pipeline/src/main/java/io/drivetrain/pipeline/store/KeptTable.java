package io.drivetrain.pipeline.store;

import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.GenericDeleteFilter;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.hadoop.HadoopConfigurable;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;

/** The table as its keeper sees it: snapshots, their names, their files, and the rows in a file. */
record KeptTable(Table table) {

    /**
     * Opens the table.
     *
     * @throws KeeperException if there is none
     */
    static KeptTable open(DrivetrainConfig config) throws KeeperException {
        return new KeptTable(SampleTable.existing(config).table());
    }

    /**
     * The table as it is now, whatever happened since. A refresh would begin at the version that was read last, and fail
     * where a job has committed so often since that this version is deleted.
     */
    KeptTable again() {
        return new KeptTable(new HadoopTables(((HadoopConfigurable) table.io()).getConf()).load(table.location()));
    }

    /** All snapshots, oldest first. */
    List<SnapshotFacts> snapshots() {
        List<SnapshotFacts> facts = new ArrayList<>();
        for (Snapshot snapshot : table.snapshots()) {
            facts.add(new SnapshotFacts(
                    snapshot.snapshotId(),
                    snapshot.parentId() == null ? OptionalLong.empty() : OptionalLong.of(snapshot.parentId()),
                    Instant.ofEpochMilli(snapshot.timestampMillis()),
                    snapshot.operation() == null ? "unknown" : snapshot.operation(),
                    snapshot.summary() == null ? Map.of() : snapshot.summary()));
        }
        facts.sort(Comparator.comparing(SnapshotFacts::committedAt).thenComparing(SnapshotFacts::id));
        return facts;
    }

    OptionalLong current() {
        Snapshot current = table.currentSnapshot();
        return current == null ? OptionalLong.empty() : OptionalLong.of(current.snapshotId());
    }

    /** Tags and branches. */
    Map<String, Long> refs() {
        Map<String, Long> refs = new TreeMap<>();
        table.refs().forEach((name, ref) -> refs.put(name, ref.snapshotId()));
        return refs;
    }

    /**
     * Returns the snapshot that is called so.
     *
     * @throws KeeperException if none is
     */
    SnapshotFacts resolve(String name) throws KeeperException {
        List<SnapshotNames.Moment> timeline = new ArrayList<>();
        for (HistoryEntry entry : table.history()) {
            timeline.add(new SnapshotNames.Moment(Instant.ofEpochMilli(entry.timestampMillis()), entry.snapshotId()));
        }
        List<SnapshotFacts> snapshots = snapshots();
        Set<Long> known = new HashSet<>();
        snapshots.forEach(snapshot -> known.add(snapshot.id()));
        long id = new SnapshotNames(current(), refs(), timeline).resolve(name, known);
        return snapshots.stream()
                .filter(snapshot -> snapshot.id() == id)
                .findFirst()
                .orElseThrow();
    }

    /** Names of the tags on a snapshot, those of models included. */
    List<String> tagsOn(long id) {
        return table.refs().entrySet().stream()
                .filter(entry -> entry.getValue().isTag() && entry.getValue().snapshotId() == id)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * The data files of a snapshot with the deletes that apply to them, in the order of partition and commit.
     *
     * @throws UncheckedIOException if manifests cannot be read
     */
    List<FileScanTask> files(long id) {
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().useSnapshot(id).planFiles()) {
            List<FileScanTask> files = new ArrayList<>();
            tasks.forEach(files::add);
            files.sort(Comparator.comparing(KeptTable::partition)
                    .thenComparing(KeptTable::sequence)
                    .thenComparing(task -> task.file().location()));
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the manifests of the table at " + table.location(), e);
        }
    }

    /** A location on this machine as its path, another as it is. */
    static String plainPath(String location) {
        return location.replaceFirst("^file:(//)?(?=/)", "");
    }

    /** As in the path of the file, for example {@code split=train}. */
    static String partition(FileScanTask task) {
        return task.spec().partitionToPath(task.file().partition());
    }

    static long sequence(FileScanTask task) {
        Long sequence = task.file().dataSequenceNumber();
        return sequence == null ? 0 : sequence;
    }

    static CompactionPlan.Candidate candidate(FileScanTask task) {
        return new CompactionPlan.Candidate(
                task.file().location(),
                partition(task),
                task.file().fileSizeInBytes(),
                task.file().recordCount(),
                sequence(task),
                task.deletes().size());
    }

    /** Two tasks with the same key have the same rows. */
    static String key(FileScanTask task) {
        List<String> deletes =
                task.deletes().stream().map(ContentFile::location).sorted().toList();
        return deletes.isEmpty() ? task.file().location() : task.file().location() + deletes;
    }

    /**
     * The rows of a file that are not deleted, one in memory at a time.
     *
     * @param reuse whether a row may be overwritten by the next
     */
    CloseableIterable<Record> rows(FileScanTask task, Schema columns, boolean reuse) {
        if (task.deletes().isEmpty()) {
            return read(task.file(), columns, reuse);
        }
        GenericDeleteFilter deletes = new GenericDeleteFilter(table.io(), task, table.schema(), columns);
        // The filter needs columns of its own, and puts them behind those that were asked for.
        return deletes.filter(read(task.file(), deletes.requiredSchema(), reuse));
    }

    /** All rows of a file, as {@link #rows}. */
    CloseableIterable<Record> read(DataFile file, Schema columns, boolean reuse) {
        Parquet.ReadBuilder read = Parquet.read(table.io().newInputFile(file))
                .project(columns)
                .createReaderFunc(type -> GenericParquetReaders.buildReader(columns, type));
        return (reuse ? read.reuseContainers() : read).build();
    }

    /** Writers of rows with the table's properties. */
    GenericAppenderFactory appenders(PartitionSpec spec) {
        Map<String, String> properties = new HashMap<>(table.properties());
        // The factory takes those from the table itself, and refuses them here.
        properties.keySet().removeIf(name -> name.startsWith("write.metadata.metrics."));
        return new GenericAppenderFactory(table, table.schema(), spec, properties, null, null);
    }

    static long bytes(List<FileScanTask> files) {
        return files.stream().mapToLong(task -> task.file().fileSizeInBytes()).sum();
    }

    static long rowCount(List<FileScanTask> files) {
        return files.stream().mapToLong(task -> task.file().recordCount()).sum();
    }
}
