package io.drivetrain.pipeline.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptionKeyMetadata;
import org.apache.iceberg.hadoop.HadoopOutputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;

/**
 * Copies a snapshot to a folder that any Parquet reader understands, each sample in its highest label revision, with a
 * manifest of what is in it, and on request the images as files that {@code ./drivetrain ingest --format folder} takes. The
 * folder appears when all of it is there.
 */
final class SnapshotExport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TELEMETRY = "telemetry.";
    private static final List<String> MANIFEST_COLUMNS = List.of("path", "label", "domain", "drive", "frame");
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int MOST_NAME = 80;

    private final KeptTable kept;
    private final DrivetrainConfig config;
    private final Clock clock;
    private final Progress progress;
    private final Map<String, Long> splits = new TreeMap<>();
    private final Map<String, Long> classes = new TreeMap<>();
    private final TreeSet<String> attributes = new TreeSet<>();
    private final Map<String, Long> supersededIn = new HashMap<>();
    private NewestRevisions newest;

    SnapshotExport(KeptTable kept, DrivetrainConfig config, Clock clock, Progress progress) {
        this.kept = kept;
        this.config = config;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Exports.
     *
     * @param folder not there yet, or empty
     * @return the manifest
     * @throws KeeperException if the folder holds something, cannot be written, or is full
     */
    ObjectNode run(SnapshotFacts snapshot, Path folder, boolean images) throws KeeperException {
        if (isOfTheTable(folder)) {
            throw KeeperException.wrongUsage(
                    "%s is in the folder of the table, where readers would take the copies for rows of it; give --to a folder elsewhere"
                            .formatted(folder));
        }
        try (ExportFolder export = ExportFolder.claim(folder)) {
            ObjectNode manifest = write(snapshot, export.path(), images);
            export.publish();
            return manifest;
        } catch (IOException | UncheckedIOException e) {
            throw KeeperException.failed(
                    "Cannot export to %s (%s: %s), and nothing is there; check that the folder can be written and has room"
                            .formatted(folder, e.getClass().getSimpleName(), e.getMessage()));
        }
    }

    private boolean isOfTheTable(Path folder) {
        return folder.toAbsolutePath()
                .normalize()
                .startsWith(Path.of(KeptTable.plainPath(kept.table().location())));
    }

    private ObjectNode write(SnapshotFacts snapshot, Path part, boolean images) throws IOException {
        Files.createDirectories(part.resolve("data"));
        List<FileScanTask> files = kept.files(snapshot.id());
        ObjectNode manifest = head(snapshot, files);
        newest = NewestRevisions.of(kept, snapshot.id());
        count(files);
        copy(files, part, manifest);
        manifest.set("splits", JSON.valueToTree(splits));
        manifest.set("classes", JSON.valueToTree(classes));
        if (images) {
            manifest.set("images", images(files, part.resolve("images")));
        }
        manifest.put(
                "query",
                "SELECT split, count(*) FROM read_parquet('data/*/*.parquet', hive_partitioning = true, union_by_name = true) GROUP BY split");
        manifest.set("schema", JSON.readTree(SchemaParser.toJson(kept.table().schema())));
        manifest.set(
                "tableProperties", JSON.valueToTree(new TreeMap<>(kept.table().properties())));
        manifest.set("config", JSON.valueToTree(new TreeMap<>(config.asText())));
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(part.resolve("manifest.json").toFile(), manifest);
        return manifest;
    }

    private ObjectNode head(SnapshotFacts snapshot, List<FileScanTask> files) {
        ObjectNode manifest = JSON.createObjectNode();
        manifest.put("table", config.store().table());
        manifest.put("snapshotId", snapshot.id());
        manifest.set("tags", JSON.valueToTree(kept.tagsOn(snapshot.id())));
        manifest.put("committedAt", snapshot.committedAt().toString());
        manifest.put("exportedAt", clock.instant().toString());
        manifest.put("files", files.size());
        return manifest;
    }

    private void copy(List<FileScanTask> files, Path part, ObjectNode manifest) throws IOException {
        ArrayNode copies = JSON.createArrayNode();
        long all = KeptTable.bytes(files);
        long done = 0;
        long rows = 0;
        long bytes = 0;
        int number = 0;
        for (FileScanTask file : files) {
            String relative = "data/%s/%05d.parquet"
                    .formatted(KeptTable.partition(file), number++)
                    .replace("//", "/");
            Path copy = part.resolve(relative);
            Files.createDirectories(copy.getParent());
            boolean whole = file.deletes().isEmpty() && !supersededIn.containsKey(KeptTable.key(file));
            long fileRows = whole ? copyBytes(file, copy) : writeRemaining(file, copy);
            if (fileRows == 0) {
                Files.delete(copy);
                continue;
            }
            ObjectNode entry = copies.addObject();
            entry.put("path", relative);
            entry.put("rows", fileRows);
            entry.put("bytes", Files.size(copy));
            entry.put("sha256", sha256(copy));
            rows += fileRows;
            bytes += Files.size(copy);
            done += file.file().fileSizeInBytes();
            progress.at("parquet", "MB", done / 1_000_000, all / 1_000_000);
        }
        manifest.put("files", copies.size());
        manifest.put("rows", rows);
        manifest.put(
                "correctedRowsLeftOut",
                supersededIn.values().stream().mapToLong(Long::longValue).sum());
        manifest.put("bytes", bytes);
        manifest.set("data", copies);
    }

    private long copyBytes(FileScanTask file, Path copy) throws IOException {
        try (InputStream in = kept.table().io().newInputFile(file.file()).newStream();
                OutputStream out = Files.newOutputStream(copy)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long bytes = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                bytes += read;
            }
            if (bytes != file.file().fileSizeInBytes()) {
                throw new IOException("%s has %d bytes where the table says %d; the file is damaged"
                        .formatted(file.file().location(), bytes, file.file().fileSizeInBytes()));
            }
        }
        return file.file().recordCount();
    }

    /** Another engine may have deleted rows, or a correction have taken their place; a plain reader would not know. */
    private long writeRemaining(FileScanTask file, Path copy) throws IOException {
        Schema schema = kept.table().schema();
        GenericAppenderFactory appenders = kept.appenders(file.spec());
        DataWriter<Record> writer = appenders.newDataWriter(
                EncryptedFiles.encryptedOutput(
                        HadoopOutputFile.fromLocation(copy.toUri().toString(), SampleTable.hadoop()),
                        EncryptionKeyMetadata.EMPTY),
                FileFormat.PARQUET,
                file.file().partition());
        try (writer;
                CloseableIterable<Record> rows = kept.rows(file, schema, false)) {
            for (Record row : rows) {
                if (!newest.superseded(row)) {
                    writer.write(row);
                }
            }
        }
        DataFile written = writer.toDataFile();
        return written.recordCount();
    }

    private void count(List<FileScanTask> files) throws IOException {
        List<String> names = new ArrayList<>(List.of("split", "label", "attributes", "telemetry"));
        if (newest.any()) {
            names.addAll(List.of(NewestRevisions.COLUMNS));
        }
        Schema columns = kept.table().schema().select(names);
        for (FileScanTask file : files) {
            try (CloseableIterable<Record> rows = kept.rows(file, columns, true)) {
                for (Record row : rows) {
                    if (newest.superseded(row)) {
                        supersededIn.merge(KeptTable.key(file), 1L, Long::sum);
                        continue;
                    }
                    splits.merge(row.getField("split").toString(), 1L, Long::sum);
                    classes.merge(row.getField("label").toString(), 1L, Long::sum);
                    attributes.addAll(given(row).keySet());
                }
            }
        }
        attributes.removeAll(MANIFEST_COLUMNS);
    }

    private ObjectNode images(List<FileScanTask> files, Path folder) throws IOException {
        Schema columns = kept.table()
                .schema()
                .select(
                        "sample_id",
                        "drive_id",
                        "frame_index",
                        "domain",
                        "split",
                        "label",
                        "attributes",
                        "telemetry",
                        "image",
                        SampleTable.LABEL_REVISION);
        Files.createDirectories(folder);
        long all = splits.values().stream().mapToLong(Long::longValue).sum();
        long done = 0;
        long bytes = 0;
        try (BufferedWriter csv = Files.newBufferedWriter(folder.resolve("manifest.csv"), StandardCharsets.UTF_8)) {
            csv.write(String.join(",", MANIFEST_COLUMNS));
            for (String attribute : attributes) {
                csv.write("," + cell(attribute));
            }
            csv.write("\r\n");
            for (FileScanTask file : files) {
                try (CloseableIterable<Record> rows = kept.rows(file, columns, true)) {
                    for (Record row : rows) {
                        if (newest.superseded(row)) {
                            continue;
                        }
                        bytes += image(row, folder, csv);
                        progress.at("images", "images", ++done, all);
                    }
                }
            }
        }
        ObjectNode document = JSON.createObjectNode();
        document.put("folder", "images");
        document.put("images", done);
        document.put("bytes", bytes);
        document.put("manifest", "images/manifest.csv");
        document.put("manifestSha256", sha256(folder.resolve("manifest.csv")));
        return document;
    }

    private long image(Record row, Path folder, BufferedWriter csv) throws IOException {
        ByteBuffer image = ((ByteBuffer) ((Record) row.getField("image")).getField("bytes")).duplicate();
        byte[] bytes = new byte[image.remaining()];
        image.get(bytes);
        String id = row.getField("sample_id").toString();
        String relative = "%s/%s/%s-%s.%s"
                .formatted(
                        safe(row.getField("split").toString()),
                        safe(row.getField("label").toString()),
                        safe(id),
                        // Two ids may look alike once they are safe.
                        HexFormat.of().formatHex(digest().digest(id.getBytes(StandardCharsets.UTF_8)), 0, 6),
                        extension(bytes));
        Path file = folder.resolve(relative);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        csv.write(String.join(
                ",",
                cell(relative),
                cell(row.getField("label").toString()),
                cell(row.getField("domain").toString()),
                cell(row.getField("drive_id").toString()),
                row.getField("frame_index").toString()));
        Map<String, String> given = given(row);
        for (String attribute : attributes) {
            csv.write("," + cell(given.getOrDefault(attribute, "")));
        }
        csv.write("\r\n");
        return bytes.length;
    }

    /** Attributes and telemetry by the names of their columns in a manifest. */
    private static Map<String, String> given(Record row) {
        Map<String, String> given = new TreeMap<>();
        ((Map<?, ?>) row.getField("attributes")).forEach((name, value) -> given.put(name.toString(), value.toString()));
        // Null in rows of a release that had none.
        if (row.getField("telemetry") instanceof Map<?, ?> telemetry) {
            telemetry.forEach((name, value) -> given.put(TELEMETRY + name, value.toString()));
        }
        return given;
    }

    /** A name that is one path element anywhere. */
    static String safe(String name) {
        String safe = name.replaceAll("[^A-Za-z0-9._-]+", "_").replaceAll("^\\.+", "_");
        String cut = safe.length() > MOST_NAME ? safe.substring(safe.length() - MOST_NAME) : safe;
        return cut.isEmpty() ? "_" : cut;
    }

    private static String extension(byte[] bytes) {
        return bytes.length > 3 && (bytes[0] & 0xff) == 0x89 && bytes[1] == 'P' ? "png" : "jpg";
    }

    /** RFC 4180. */
    static String cell(String text) {
        return text.matches("[^\",\\r\\n]*") && text.equals(text.strip())
                ? text
                : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            Files.copy(file, out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
