package io.drivetrain.pipeline.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.drivetrain.pipeline.admit.Admitted;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.QualityScores;
import io.drivetrain.schemas.Split;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.flink.table.data.RowData;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.sink.RowDataTaskWriterFactory;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.TaskWriter;

/**
 * What the codec, the partitions and the other properties of the table cost: the same rows, as the job writes them, with
 * each choice in turn, several rounds, one run.
 */
public final class StoreBench {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] METADATA = {"sample_id", "drive_id", "label", "brightness", "attributes"};
    private static final int FRAMES = 20;
    private static final int CLASSES = 8;

    private StoreBench() {}

    /** One way to write the table. */
    private record Variant(String topic, String name, Map<String, String> properties, List<String> partitions) {
        static Variant of(String topic, String name, String... properties) {
            Map<String, String> map = new LinkedHashMap<>();
            for (int i = 0; i < properties.length; i += 2) {
                map.put(properties[i], properties[i + 1]);
            }
            return new Variant(topic, name, map, List.of("split"));
        }
    }

    /** What one round measured; milliseconds and bytes are for one row. */
    private record Measured(
            double writeMillis,
            double cpuMillis,
            double allocatedBytes,
            double gcMillis,
            double readMillis,
            double metadataMillis,
            double bytes,
            int files) {}

    private static List<Variant> variants() {
        String codec = TableProperties.PARQUET_COMPRESSION;
        String rowGroup = TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES;
        String check = TableProperties.PARQUET_ROW_GROUP_CHECK_MIN_RECORD_COUNT;
        String page = TableProperties.PARQUET_PAGE_SIZE_BYTES;
        String dictionary = TableProperties.PARQUET_DICT_SIZE_BYTES;
        String enabled = "parquet.enable.dictionary";
        List<Variant> variants = new ArrayList<>(List.of(
                Variant.of("as it is", "as it is"),
                Variant.of("codec", "uncompressed", codec, "uncompressed"),
                Variant.of("codec", "snappy", codec, "snappy"),
                Variant.of("codec", "lz4_raw", codec, "lz4_raw"),
                Variant.of("codec", "zstd 1", codec, "zstd", TableProperties.PARQUET_COMPRESSION_LEVEL, "1"),
                Variant.of("codec", "zstd 3", codec, "zstd", TableProperties.PARQUET_COMPRESSION_LEVEL, "3"),
                Variant.of("codec", "gzip", codec, "gzip"),
                Variant.of("dictionary", "2 MB, Iceberg's default", enabled, "true", dictionary, "2097152"),
                Variant.of("dictionary", "16 KB", enabled, "true", dictionary, "16384"),
                Variant.of("dictionary", "none", enabled, "false")));
        for (String size : List.of("8", "16", "32", "64", "128")) {
            variants.add(Variant.of("row group", size + " MB", rowGroup, bytes(size, 20)));
        }
        for (String rows : List.of("1", "4", "16", "100")) {
            for (String kilobytes : List.of("256", "1024")) {
                variants.add(Variant.of(
                        "page",
                        kilobytes + " KB, looked at every " + rows + " rows",
                        check,
                        rows,
                        page,
                        bytes(kilobytes, 10)));
            }
        }
        variants.add(new Variant("partitions", "split", Map.of(), List.of("split")));
        variants.add(new Variant("partitions", "split, class", Map.of(), List.of("split", "label")));
        variants.add(new Variant("partitions", "split, day", Map.of(), List.of("split", "day")));
        return variants;
    }

    private static String bytes(String number, int shift) {
        return Long.toString(Long.parseLong(number) << shift);
    }

    /** Measures the images of a folder and prints one line of JSON. */
    public static void main(String[] arguments) throws IOException {
        System.exit(run(arguments, System.getenv(), System.out, System.err));
    }

    static int run(String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err)
            throws IOException {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        if (!options.containsKey("--images")) {
            err.println(
                    "Usage: StoreBench --images FOLDER [--rows N] [--rows-per-commit N] [--rounds N] [--only TEXT] [--set KEY=VALUE]");
            return 2;
        }
        DrivetrainConfig config = ConfigReader.fromArguments(arguments, environment);
        List<byte[]> images = load(Path.of(options.get("--images")));
        if (images.isEmpty()) {
            err.printf("No files in %s; give a folder of encoded images%n", options.get("--images"));
            return 1;
        }
        int rows = Integer.parseInt(options.getOrDefault("--rows", "1500"));
        int rowsPerCommit = Integer.parseInt(options.getOrDefault("--rows-per-commit", Integer.toString(rows)));
        int rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
        List<Variant> variants = variants().stream()
                .filter(variant -> variant.topic().contains(options.getOrDefault("--only", "")))
                .toList();
        Path folder = Files.createTempDirectory(Path.of(options.getOrDefault("--dir", ".")), "store-bench-");
        Map<Variant, List<Measured>> measured = new LinkedHashMap<>();
        try {
            measure(variants.get(0), config, images, Math.min(rows, 500), rowsPerCommit, folder);
            for (int round = 0; round < rounds; round++) {
                for (Variant variant : variants) {
                    measured.computeIfAbsent(variant, any -> new ArrayList<>())
                            .add(measure(variant, config, images, rows, rowsPerCommit, folder));
                    err.printf("  round %d of %d: %s %s%n", round + 1, rounds, variant.topic(), variant.name());
                }
            }
        } finally {
            delete(folder);
        }
        out.println(document(measured, images, rows, rowsPerCommit, rounds));
        return 0;
    }

    private static List<byte[]> load(Path folder) throws IOException {
        List<byte[]> images = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                images.add(Files.readAllBytes(file));
            }
        }
        return images;
    }

    private static ObjectNode document(
            Map<Variant, List<Measured>> measured, List<byte[]> images, int rows, int rowsPerCommit, int rounds) {
        ObjectNode document = JSON.createObjectNode();
        document.put("benchmark", "snapshots");
        document.put("rows", rows);
        document.put("rowsPerCommit", rowsPerCommit);
        document.put("rounds", rounds);
        double imageBytes =
                images.stream().mapToInt(image -> image.length).average().orElse(0);
        document.put("imageBytes", imageBytes);
        double uncompressed = measured.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("uncompressed"))
                .mapToDouble(entry -> median(entry.getValue(), Measured::bytes))
                .findFirst()
                .orElse(imageBytes);
        ArrayNode list = document.putArray("variants");
        measured.forEach((variant, all) -> {
            ObjectNode node = list.addObject();
            node.put("topic", variant.topic());
            node.put("name", variant.name());
            node.put("bytesPerRow", median(all, Measured::bytes));
            node.put("ratioToUncompressed", median(all, Measured::bytes) / uncompressed);
            node.put("writeMillisPerRow", median(all, Measured::writeMillis));
            node.put("cpuMillisPerRow", median(all, Measured::cpuMillis));
            node.put("gcMillisPerRow", median(all, Measured::gcMillis));
            node.put("allocatedBytesPerRow", median(all, Measured::allocatedBytes));
            node.put("readMillisPerRow", median(all, Measured::readMillis));
            node.put("metadataMillisPerRow", median(all, Measured::metadataMillis));
            node.put("files", all.get(0).files());
        });
        return document;
    }

    private static double median(List<Measured> all, java.util.function.ToDoubleFunction<Measured> field) {
        double[] sorted = all.stream().mapToDouble(field).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static Measured measure(
            Variant variant, DrivetrainConfig config, List<byte[]> images, int rows, int rowsPerCommit, Path folder)
            throws IOException {
        Path location = Files.createTempDirectory(folder, "table-");
        Map<String, String> properties = new HashMap<>(SampleTable.properties(config));
        properties.putAll(variant.properties());
        Table table = new HadoopTables(SampleTable.hadoop())
                .create(
                        SampleTable.SCHEMA,
                        spec(variant),
                        properties,
                        location.resolve("t").toUri().toString());
        System.gc();
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long gcBefore = gcMillis();
        long allocatedBefore = threads.getThreadAllocatedBytes(thread);
        long cpuBefore = system.getProcessCpuTime();
        long started = System.nanoTime();
        write(table, properties, config, images, rows, rowsPerCommit);
        double write = (System.nanoTime() - started) / 1e6 / rows;
        double cpu = (system.getProcessCpuTime() - cpuBefore) / 1e6 / rows;
        double allocated = (double) (threads.getThreadAllocatedBytes(thread) - allocatedBefore) / rows;
        double gc = (double) (gcMillis() - gcBefore) / rows;

        KeptTable kept = new KeptTable(table);
        table.refresh();
        List<FileScanTask> files = kept.files(kept.current().orElseThrow());
        started = System.nanoTime();
        long read = read(kept, files, table.schema());
        double readMillis = (System.nanoTime() - started) / 1e6 / rows;
        started = System.nanoTime();
        long readMetadata = read(kept, files, table.schema().select(METADATA));
        double metadataMillis = (System.nanoTime() - started) / 1e6 / rows;
        if (read != rows || readMetadata != rows) {
            throw new IllegalStateException("Of %d rows %d came back".formatted(rows, read));
        }
        Measured measured = new Measured(
                write,
                cpu,
                allocated,
                gc,
                readMillis,
                metadataMillis,
                (double) KeptTable.bytes(files) / rows,
                files.size());
        delete(location);
        return measured;
    }

    private static PartitionSpec spec(Variant variant) {
        PartitionSpec.Builder builder = PartitionSpec.builderFor(SampleTable.SCHEMA);
        for (String field : variant.partitions()) {
            if (field.equals("day")) {
                builder.day("captured_at");
            } else {
                builder.identity(field);
            }
        }
        return builder.build();
    }

    private static long gcMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    private static void write(
            Table table,
            Map<String, String> properties,
            DrivetrainConfig config,
            List<byte[]> images,
            int rows,
            int rowsPerCommit)
            throws IOException {
        TableSink.ToRow toRow = new TableSink.ToRow();
        Random random = new Random(42);
        RowDataTaskWriterFactory factory = new RowDataTaskWriterFactory(
                table,
                FlinkSchemaUtil.convert(SampleTable.SCHEMA),
                config.store().targetFileBytes(),
                FileFormat.PARQUET,
                properties,
                null,
                false);
        factory.initialize(0, 0);
        for (int from = 0; from < rows; from += rowsPerCommit) {
            TaskWriter<RowData> writer = factory.create();
            for (int number = from; number < Math.min(rows, from + rowsPerCommit); number++) {
                writer.write(toRow.map(admitted(number, images.get(number % images.size()), random)));
            }
            AppendFiles append = table.newAppend();
            for (DataFile file : writer.complete().dataFiles()) {
                append.appendFile(file);
            }
            append.commit();
        }
    }

    private static Admitted admitted(int number, byte[] image, Random random) {
        int drive = number / FRAMES;
        int frame = number % FRAMES;
        String driveId = "drive-%05d".formatted(drive);
        Split split = Split.values()[drive % 10 < 6 ? 0 : drive % 10 < 8 ? 1 : drive % 10 < 9 ? 2 : 3];
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            double x = random.nextDouble() * 1000;
            double y = random.nextDouble() * 600;
            boxes.add(new Box(i % 3 == 0 ? "pedestrian" : "car", x, y, x + 80, y + 60));
        }
        CuratedSample sample = new CuratedSample(
                driveId + "/" + frame,
                driveId,
                frame,
                Instant.parse("2026-11-01T08:00:00Z").plusSeconds(3600L * drive + frame),
                split.ordinal() < 2 ? Domain.SOURCE : Domain.TARGET,
                split,
                "class-" + random.nextInt(CLASSES),
                Map.of("weather", "clear", "scene", "city street", "timeofday", frame % 3 == 0 ? "night" : "daytime"),
                "annotator-" + random.nextInt(5),
                1280,
                720,
                Long.toHexString(random.nextLong())
                        + Long.toHexString(random.nextLong())
                        + Long.toHexString(random.nextLong())
                        + Long.toHexString(random.nextLong()),
                new Measurements(
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble()),
                new Pixels(3, 1, 1, ByteBuffer.wrap(new byte[3])),
                new Origin("samples.raw", number % 4, (long) number, Instant.EPOCH),
                null,
                boxes,
                List.of(),
                Long.toHexString(random.nextLong()),
                new QualityScores(
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble(),
                        random.nextDouble()),
                Map.of(),
                0,
                false);
        return new Admitted(sample, ByteBuffer.wrap(image), driveId + "/" + frame);
    }

    private static long read(KeptTable kept, List<FileScanTask> files, Schema columns) throws IOException {
        long rows = 0;
        for (FileScanTask file : files) {
            try (CloseableIterable<Record> records = kept.rows(file, columns, true)) {
                for (Record record : records) {
                    if (record.get(0) != null) {
                        rows++;
                    }
                }
            }
        }
        return rows;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
