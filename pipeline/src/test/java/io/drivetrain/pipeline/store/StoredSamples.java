package io.drivetrain.pipeline.store;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.admit.Admitted;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.QualityScores;
import io.drivetrain.schemas.Split;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.table.data.RowData;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.flink.FlinkSchemaUtil;
import org.apache.iceberg.flink.sink.RowDataTaskWriterFactory;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.TaskWriter;

/** A real table with rows as the job writes them. */
final class StoredSamples {
    private static final String[] WEATHER = {"clear", "rainy", "foggy"};

    private final DrivetrainConfig config;

    StoredSamples(Path folder) {
        config = TestSamples.config(
                Map.of("store.warehouse", folder.resolve("warehouse").toString()));
    }

    DrivetrainConfig config() {
        return config;
    }

    Table table() {
        return SampleTable.open(config).table();
    }

    /** A sample whose content follows from its number. */
    static CuratedSample sample(int number) {
        return sample(number, number % 2 == 0 ? "pedestrian" : "no-pedestrian", WEATHER[number % WEATHER.length]);
    }

    static CuratedSample sample(int number, String label, String weather) {
        Split split = Split.values()[number / 5 % 4];
        double measured = number / 1000.0;
        return new CuratedSample(
                "drive-%03d/%05d".formatted(number / 5, number),
                "drive-%03d".formatted(number / 5),
                number % 5,
                TestSamples.START.plusSeconds(number),
                split.ordinal() < 2 ? Domain.SOURCE : Domain.TARGET,
                split,
                label,
                Map.of("weather", weather, "note", "a, \"b\""),
                "annotator",
                64,
                48,
                sha256(image(number)),
                new Measurements(measured, measured, measured, measured, measured, measured, measured, measured),
                new Pixels(3, 1, 1, ByteBuffer.wrap(new byte[3])),
                new Origin("samples.raw", number % 3, (long) number, Instant.EPOCH),
                null,
                number % 3 == 0 ? List.of(new Box("car", 1.5, 2.0, 3.0, 4.0)) : List.of(),
                number % 4 == 0 ? List.of("dark") : List.of(),
                number % 5 == 0 ? null : "0123456789abcdef",
                number % 7 == 0 ? null : new QualityScores(measured, measured, measured, measured, measured),
                number % 2 == 0 ? Map.of("speed", measured) : Map.of(),
                0,
                false);
    }

    /** Some kilobytes that do not compress. */
    static byte[] image(int number) {
        byte[] bytes = new byte[2_000 + number % 50];
        new Random(number).nextBytes(bytes);
        bytes[0] = (byte) 0xff;
        bytes[1] = (byte) 0xd8;
        return bytes;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<CuratedSample> samples(int from, int to) {
        List<CuratedSample> samples = new ArrayList<>();
        for (int number = from; number < to; number++) {
            samples.add(sample(number));
        }
        return samples;
    }

    /** Writes Parquet files as the job's writer does. */
    static List<DataFile> write(Table table, List<CuratedSample> samples) throws IOException {
        RowDataTaskWriterFactory factory = new RowDataTaskWriterFactory(
                table,
                FlinkSchemaUtil.convert(SampleTable.SCHEMA),
                Long.MAX_VALUE,
                FileFormat.PARQUET,
                table.properties(),
                null,
                false);
        factory.initialize(0, 0);
        TableSink.ToRow toRow = new TableSink.ToRow();
        TaskWriter<RowData> writer = factory.create();
        for (CuratedSample sample : samples) {
            int number = Integer.parseInt(
                    sample.getSampleId().substring(sample.getSampleId().indexOf('/') + 1));
            writer.write(toRow.map(new Admitted(sample, ByteBuffer.wrap(image(number)), sample.getSampleId())));
        }
        return List.of(writer.complete().dataFiles());
    }

    /** Commits one snapshot and returns its id. */
    static long append(Table table, List<CuratedSample> samples) throws IOException {
        AppendFiles append = table.newAppend();
        write(table, samples).forEach(append::appendFile);
        append.commit();
        table.refresh();
        return table.currentSnapshot().snapshotId();
    }

    /** As {@link #append}, with what Flink's sink notes for its restart. */
    static long appendAsJob(Table table, List<CuratedSample> samples, long checkpoint) throws IOException {
        AppendFiles append = table.newAppend();
        write(table, samples).forEach(append::appendFile);
        append.set("flink.job-id", "0123456789abcdef0123456789abcdef");
        append.set("flink.operator-id", "operator");
        append.set("flink.max-committed-checkpoint-id", Long.toString(checkpoint));
        append.commit();
        table.refresh();
        return table.currentSnapshot().snapshotId();
    }

    /** Every row of a snapshot with all its columns and bytes: sample id to SHA-256. */
    static Map<String, String> rows(Table table, long snapshot) throws IOException {
        Map<String, String> rows = new HashMap<>();
        KeptTable kept = new KeptTable(table);
        for (FileScanTask file : kept.files(snapshot)) {
            try (CloseableIterable<Record> records = kept.rows(file, table.schema(), false)) {
                for (Record record : records) {
                    ByteBuffer image = (ByteBuffer) ((Record) record.getField("image")).getField("bytes");
                    byte[] bytes = new byte[image.remaining()];
                    image.duplicate().get(bytes);
                    String content = record.toString() + HexFormat.of().formatHex(bytes);
                    if (rows.put(
                                    record.getField("sample_id").toString(),
                                    sha256(content.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                            != null) {
                        throw new IllegalStateException(record.getField("sample_id") + " is there twice");
                    }
                }
            }
        }
        return rows;
    }
}
