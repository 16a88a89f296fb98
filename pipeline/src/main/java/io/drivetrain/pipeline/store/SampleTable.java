package io.drivetrain.pipeline.store;

import io.drivetrain.pipeline.split.PlanRecord;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.flink.CatalogLoader;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/** The Iceberg table of all admitted samples, in a Hadoop catalog, partitioned by split. */
public final class SampleTable {
    /** The column of the revision of the label; null in rows of releases without corrections, which is 0. */
    static final String LABEL_REVISION = "label_revision";

    static final Schema SCHEMA = new Schema(
            Types.NestedField.required(1, "sample_id", Types.StringType.get()),
            Types.NestedField.required(2, "drive_id", Types.StringType.get()),
            Types.NestedField.required(3, "frame_index", Types.IntegerType.get()),
            Types.NestedField.required(4, "captured_at", Types.TimestampType.withZone()),
            Types.NestedField.required(5, "domain", Types.StringType.get()),
            Types.NestedField.required(6, "split", Types.StringType.get()),
            Types.NestedField.required(7, "label", Types.StringType.get()),
            Types.NestedField.optional(8, "label_source", Types.StringType.get()),
            Types.NestedField.required(
                    9, "attributes", Types.MapType.ofRequired(10, 11, Types.StringType.get(), Types.StringType.get())),
            Types.NestedField.required(12, "brightness", Types.DoubleType.get()),
            Types.NestedField.required(13, "contrast", Types.DoubleType.get()),
            Types.NestedField.required(14, "dark_share", Types.DoubleType.get()),
            Types.NestedField.required(15, "glare_share", Types.DoubleType.get()),
            Types.NestedField.required(16, "saturation", Types.DoubleType.get()),
            Types.NestedField.required(17, "warmth", Types.DoubleType.get()),
            Types.NestedField.required(18, "sharpness", Types.DoubleType.get()),
            Types.NestedField.required(19, "entropy", Types.DoubleType.get()),
            Types.NestedField.required(20, "image_width", Types.IntegerType.get()),
            Types.NestedField.required(21, "image_height", Types.IntegerType.get()),
            Types.NestedField.required(22, "image_sha256", Types.StringType.get()),
            Types.NestedField.required(
                    23,
                    "image",
                    Types.StructType.of(
                            Types.NestedField.required(24, "bytes", Types.BinaryType.get()),
                            Types.NestedField.required(25, "path", Types.StringType.get()))),
            Types.NestedField.required(26, "origin_topic", Types.StringType.get()),
            Types.NestedField.required(27, "origin_partition", Types.IntegerType.get()),
            Types.NestedField.required(28, "origin_offset", Types.LongType.get()),
            Types.NestedField.optional(
                    29,
                    "boxes",
                    Types.ListType.ofRequired(
                            30,
                            Types.StructType.of(
                                    Types.NestedField.required(31, "category", Types.StringType.get()),
                                    Types.NestedField.required(32, "x1", Types.DoubleType.get()),
                                    Types.NestedField.required(33, "y1", Types.DoubleType.get()),
                                    Types.NestedField.required(34, "x2", Types.DoubleType.get()),
                                    Types.NestedField.required(35, "y2", Types.DoubleType.get())))),
            Types.NestedField.optional(36, "flags", Types.ListType.ofRequired(37, Types.StringType.get())),
            Types.NestedField.optional(38, "perceptual_hash", Types.StringType.get()),
            Types.NestedField.optional(39, "test_dev_generation", Types.IntegerType.get()),
            Types.NestedField.optional(
                    40,
                    "quality",
                    Types.StructType.of(
                            Types.NestedField.required(41, "dark", Types.DoubleType.get()),
                            Types.NestedField.required(42, "light", Types.DoubleType.get()),
                            Types.NestedField.required(43, "blurry", Types.DoubleType.get()),
                            Types.NestedField.required(44, "low_information", Types.DoubleType.get()),
                            Types.NestedField.required(45, "odd_aspect", Types.DoubleType.get()))),
            Types.NestedField.optional(
                    46, "telemetry", Types.MapType.ofRequired(47, 48, Types.StringType.get(), Types.DoubleType.get())),
            Types.NestedField.optional(49, LABEL_REVISION, Types.IntegerType.get()));

    /** The property of the table that holds the split plans in force, as {@link PlanRecord} writes them. */
    public static final String SPLIT_PLANS = "drivetrain.split-plans";

    private static final String CATALOG = "drivetrain";
    private static final String IMAGE_BYTES = "image.bytes";
    private static final long ROW_GROUP_BYTES = 4L << 20;
    private static final int PAGE_BYTES = 256 << 10;
    private static final int FILE_BUFFER_BYTES = 256 << 10;

    private final Table table;

    private SampleTable(Table table) {
        this.table = table;
    }

    /**
     * Opens the table, and creates it where there is none.
     *
     * @throws IllegalStateException if the table there has other columns
     */
    public static SampleTable open(DrivetrainConfig config) {
        TableIdentifier id = TableIdentifier.parse(config.store().table());
        Catalog catalog = catalogLoader(config).loadCatalog();
        Table table = catalog.tableExists(id) ? catalog.loadTable(id) : create(catalog, id, config);
        addColumns(table);
        setProperties(table, properties(config));
        List<String> missing = SCHEMA.columns().stream()
                .map(Types.NestedField::name)
                .filter(name -> table.schema().findField(name) == null)
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "Table %s at %s lacks the columns %s; point store.warehouse to another folder or add them"
                            .formatted(id, table.location(), String.join(", ", missing)));
        }
        return new SampleTable(table);
    }

    /**
     * Opens the table as it is.
     *
     * @throws KeeperException if there is none
     */
    static SampleTable existing(DrivetrainConfig config) throws KeeperException {
        TableIdentifier id = TableIdentifier.parse(config.store().table());
        Catalog catalog = catalogLoader(config).loadCatalog();
        if (!catalog.tableExists(id)) {
            throw KeeperException.failed(
                    "There is no table %s in the warehouse %s; it is created when the curation job starts, './drivetrain up', or name another with --dir, --config or --set store.warehouse=PATH"
                            .formatted(id, config.store().warehouse()));
        }
        return new SampleTable(catalog.loadTable(id));
    }

    /** A table of an older release or configuration is written as this one says from now on. */
    private static void setProperties(Table table, Map<String, String> wanted) {
        UpdateProperties update = table.updateProperties();
        boolean changes = false;
        for (Map.Entry<String, String> property : wanted.entrySet()) {
            // The format version is raised by Iceberg, never lowered.
            if (!property.getKey().equals(TableProperties.FORMAT_VERSION)
                    && !property.getValue().equals(table.properties().get(property.getKey()))) {
                update.set(property.getKey(), property.getValue());
                changes = true;
            }
        }
        if (changes) {
            update.commit();
        }
    }

    /** A table of an older release gets the columns that came since; they are optional, and null in its old rows. */
    private static void addColumns(Table table) {
        UpdateSchema update = table.updateSchema();
        boolean changes = false;
        for (Types.NestedField column : SCHEMA.columns()) {
            if (column.isOptional() && table.schema().findField(column.name()) == null) {
                update.addColumn(column.name(), column.type());
                changes = true;
            }
        }
        if (changes) {
            update.commit();
        }
    }

    private static Table create(Catalog catalog, TableIdentifier id, DrivetrainConfig config) {
        PartitionSpec bySplit =
                PartitionSpec.builderFor(SCHEMA).identity("split").build();
        try {
            return catalog.createTable(id, SCHEMA, bySplit, properties(config));
        } catch (AlreadyExistsException e) {
            // Another process was faster between the question and the creation.
            return catalog.loadTable(id);
        }
    }

    static Map<String, String> properties(DrivetrainConfig config) {
        return Map.ofEntries(
                Map.entry(TableProperties.FORMAT_VERSION, "2"),
                Map.entry(TableProperties.PARQUET_COMPRESSION, config.store().compression()),
                Map.entry(
                        TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
                        Long.toString(config.store().targetFileBytes())),
                // Job and compaction commit to one table: who is late tries again on top of the other.
                Map.entry(TableProperties.COMMIT_NUM_RETRIES, "20"),
                // Four partitions are open at once in every writer, so row groups are what bounds memory.
                Map.entry(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, Long.toString(ROW_GROUP_BYTES)),
                // Else sizes are looked at every 100 rows only, and 100 rows of the largest record are 3 GB in memory.
                Map.entry(TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT, "1"),
                Map.entry(TableProperties.PARQUET_PAGE_SIZE_BYTES, Integer.toString(PAGE_BYTES)),
                // What few values a column has is nothing beside an image, and to hash each of them costs as much as
                // writing.
                Map.entry("parquet.enable.dictionary", "false"),
                // Bounds of encoded images serve no query.
                Map.entry(TableProperties.PARQUET_COLUMN_STATS_ENABLED_PREFIX + IMAGE_BYTES, "false"),
                Map.entry(TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + IMAGE_BYTES, "none"),
                Map.entry(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true"),
                Map.entry(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "100"));
    }

    static TableLoader loader(DrivetrainConfig config) {
        return TableLoader.fromCatalog(
                catalogLoader(config), TableIdentifier.parse(config.store().table()));
    }

    /** How files are reached. */
    static Configuration hadoop() {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.file.impl", PlainFileSystem.class.getName());
        hadoop.setInt("io.file.buffer.size", FILE_BUFFER_BYTES);
        return hadoop;
    }

    private static CatalogLoader catalogLoader(DrivetrainConfig config) {
        return CatalogLoader.hadoop(
                CATALOG,
                hadoop(),
                Map.of(
                        CatalogProperties.WAREHOUSE_LOCATION,
                        location(config.store().warehouse())));
    }

    /** Returns a URI as it is and a path as an absolute one. */
    private static String location(String warehouse) {
        return warehouse.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*")
                ? warehouse
                : Path.of(warehouse)
                        .toAbsolutePath()
                        .normalize()
                        .toUri()
                        .toString()
                        .replaceAll("/+$", "");
    }

    /**
     * Lets split plans take over, and writes them down for the next ones. A table without samples, or without plans
     * since it is of an older release, takes any.
     *
     * @throws ConfigException with what to add to split.history if they would deal drives anew that are in the table
     * @throws UncheckedIOException if the manifests cannot be read
     */
    void takeOver(DrivetrainConfig.SplitSettings settings, Instant now) {
        String before = table.properties().get(SPLIT_PLANS);
        if (before != null) {
            PlanRecord inForce = PlanRecord.parse(before);
            newestCapture(now)
                    .flatMap(last -> inForce.objectionTo(settings, last, now))
                    .ifPresent(objection -> {
                        throw new ConfigException(List.of(objection));
                    });
        }
        setProperties(table, Map.of(SPLIT_PLANS, PlanRecord.of(settings).asText()));
    }

    /**
     * Capture time of the newest sample; empty if there is none.
     *
     * @param unknown for files that do not say
     */
    private Optional<Instant> newestCapture(Instant unknown) {
        table.refresh();
        Types.NestedField field = table.schema().findField("captured_at");
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().includeColumnStats().planFiles()) {
            return StreamSupport.stream(tasks.spliterator(), false)
                    .map(task -> upperBound(task, field).orElse(unknown))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the manifests of the table at " + path(), e);
        }
    }

    private static Optional<Instant> upperBound(FileScanTask task, Types.NestedField field) {
        return Optional.ofNullable(task.file().upperBounds())
                .map(bounds -> bounds.get(field.fieldId()))
                .map(bound ->
                        Instant.EPOCH.plus(Conversions.<Long>fromByteBuffer(field.type(), bound), ChronoUnit.MICROS));
    }

    /** Where the table's files are. */
    public String path() {
        return table.location();
    }

    /** The snapshot that readers see now; empty before the first commit. */
    public OptionalLong currentSnapshotId() {
        table.refresh();
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null ? OptionalLong.empty() : OptionalLong.of(snapshot.snapshotId());
    }

    /** Rows in the current snapshot. */
    public long rows() {
        table.refresh();
        Snapshot snapshot = table.currentSnapshot();
        return snapshot == null ? 0 : Long.parseLong(snapshot.summary().getOrDefault("total-records", "0"));
    }

    /**
     * The Parquet files of the current snapshot, in the order of their names, for readers that do not speak Iceberg.
     *
     * @throws UncheckedIOException if the manifests cannot be read
     */
    public List<String> files() {
        table.refresh();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            return StreamSupport.stream(tasks.spliterator(), false)
                    .map(task -> task.file().location())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the manifests of the table at " + path(), e);
        }
    }

    Table table() {
        return table;
    }
}
