package io.drivetrain.infra.cli.split;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Looks for samples and drives in the table's files, for when they are no longer on the split topics. */
public final class TableSearch {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern VERSION = Pattern.compile("v([0-9]+)\\.metadata\\.json");
    private static final String COLUMNS =
            "select sample_id, drive_id, domain, split, test_dev_generation, captured_at::timestamptz,"
                    + " map_keys(attributes), map_values(attributes), flags, origin_partition, origin_offset, filename,"
                    + " label, ";

    private TableSearch() {}

    /** Returns the sample, or empty if the table is not on this machine or does not have it. */
    public static Optional<Bound> sample(DrivetrainConfig config, String id) throws SQLException, IOException {
        Optional<String> files = files(config);
        if (files.isEmpty()) {
            return Optional.empty();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
            String revision = revision(connection, files.get());
            return bound(
                    connection,
                    COLUMNS + revision + files.get() + " where sample_id = ? order by " + revision + " desc limit 1",
                    id);
        }
    }

    /** Returns the drive, without its rejected samples; empty as {@link #sample}. */
    public static Optional<SplitSearch.Drive> drive(DrivetrainConfig config, String id)
            throws SQLException, IOException {
        Optional<String> files = files(config);
        if (files.isEmpty()) {
            return Optional.empty();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                // Files that were packed together stay until a snapshot expires, so a sample may be in two.
                PreparedStatement counting = connection.prepareStatement("select split, count(distinct sample_id)"
                        + files.get() + " where drive_id = ? group by split")) {
            counting.setString(1, id);
            Map<Split, Long> samples = new EnumMap<>(Split.class);
            try (ResultSet rows = counting.executeQuery()) {
                while (rows.next()) {
                    samples.put(Splits.parse(rows.getString(1)), rows.getLong(2));
                }
            }
            return bound(
                            connection,
                            COLUMNS + revision(connection, files.get()) + files.get()
                                    + " where drive_id = ? order by origin_partition, origin_offset limit 1",
                            id)
                    .map(first -> new SplitSearch.Drive(first, samples, Map.of(), 0));
        }
    }

    /** Returns the split plans that the job wrote down in the table when it started; empty as {@link #sample}. */
    public static Optional<List<String>> plansInForce(DrivetrainConfig config) throws IOException {
        return metadata(config)
                .map(metadata ->
                        metadata.at("/properties/drivetrain.split-plans").asText(""))
                .filter(record -> !record.isEmpty())
                .map(record -> record.lines().toList());
    }

    /**
     * Returns the table's newest metadata (Iceberg table specification, Hadoop catalog: the {@code vN.metadata.json} with the
     * highest N; the hint that names it is written afterwards, and is not there for a moment); empty as {@link #sample}.
     */
    public static Optional<JsonNode> metadata(DrivetrainConfig config) throws IOException {
        Optional<Path> metadata = folder(config).map(table -> table.resolve("metadata"));
        if (metadata.isEmpty() || !Files.isDirectory(metadata.get())) {
            return Optional.empty();
        }
        Optional<Path> newest;
        try (Stream<Path> files = Files.list(metadata.get())) {
            newest = files.filter(file ->
                            VERSION.matcher(file.getFileName().toString()).matches())
                    .max(Comparator.comparingLong(TableSearch::version));
        }
        return newest.isEmpty()
                ? Optional.empty()
                : Optional.of(JSON.readTree(newest.get().toFile()));
    }

    private static long version(Path metadata) {
        Matcher matcher = VERSION.matcher(metadata.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** Returns the folder of the table; empty if it is not on this machine. */
    public static Optional<Path> folder(DrivetrainConfig config) {
        String warehouse = config.store().warehouse();
        if (warehouse.contains("://") && !warehouse.startsWith("file:")) {
            return Optional.empty();
        }
        Path path = warehouse.startsWith("file:") ? Path.of(URI.create(warehouse)) : Path.of(warehouse);
        for (String part : config.store().table().split("\\.")) {
            path = path.resolve(part);
        }
        return Optional.of(path.toAbsolutePath().normalize());
    }

    private static Optional<String> files(DrivetrainConfig config) throws IOException {
        Optional<Path> data = folder(config).map(table -> table.resolve("data"));
        return data.isPresent() && anyParquet(data.get())
                ? Optional.of(
                        " from read_parquet('%s/**/*.parquet', hive_partitioning = false, union_by_name = true, filename = true)"
                                .formatted(data.get().toString().replace("'", "''")))
                : Optional.empty();
    }

    private static Optional<Bound> bound(Connection connection, String query, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, id);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(bound(row)) : Optional.empty();
            }
        }
    }

    /** A table of which no file was written since labels can be corrected has no column of it. */
    private static String revision(Connection connection, String files) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet columns = statement.executeQuery("describe select *" + files)) {
            while (columns.next()) {
                if (columns.getString(1).equals("label_revision")) {
                    return "coalesce(label_revision, 0)";
                }
            }
            return "0";
        }
    }

    private static boolean anyParquet(Path data) throws IOException {
        if (!Files.isDirectory(data)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(data)) {
            return files.anyMatch(file -> file.toString().endsWith(".parquet"));
        }
    }

    private static Bound bound(ResultSet row) throws SQLException {
        List<String> names = texts(row.getArray(7));
        List<String> values = texts(row.getArray(8));
        Map<String, String> attributes = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            attributes.put(names.get(i), values.get(i));
        }
        int generation = row.getInt(5);
        return new Bound(
                row.getString(1),
                row.getString(2),
                Domain.valueOf(row.getString(3)),
                Splits.parse(row.getString(4)),
                row.getObject(5) == null ? null : Integer.valueOf(generation),
                row.getObject(6, OffsetDateTime.class).toInstant(),
                attributes,
                texts(row.getArray(9)),
                row.getString(13),
                row.getInt(14),
                row.getInt(10),
                row.getLong(11),
                "the table's file " + row.getString(12));
    }

    private static List<String> texts(Array array) throws SQLException {
        List<String> texts = new ArrayList<>();
        if (array != null) {
            for (Object element : (Object[]) array.getArray()) {
                texts.add(String.valueOf(element));
            }
        }
        return texts;
    }
}
