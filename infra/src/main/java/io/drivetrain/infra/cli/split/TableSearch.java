package io.drivetrain.infra.cli.split;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
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
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks for a sample in the table's files, for when it is no longer on the split topics. */
public final class TableSearch {
    private TableSearch() {}

    /** Returns the sample, or empty if the table is not on this machine or does not have it. */
    public static Optional<Bound> sample(DrivetrainConfig config, String id) throws SQLException, IOException {
        String warehouse = config.store().warehouse();
        if (warehouse.contains("://") && !warehouse.startsWith("file:")) {
            return Optional.empty();
        }
        Path path = warehouse.startsWith("file:") ? Path.of(URI.create(warehouse)) : Path.of(warehouse);
        for (String part : config.store().table().split("\\.")) {
            path = path.resolve(part);
        }
        Path data = path.resolve("data").toAbsolutePath().normalize();
        if (!anyParquet(data)) {
            return Optional.empty();
        }
        String query = "select sample_id, drive_id, domain, split, test_dev_generation, captured_at::timestamptz,"
                + " map_keys(attributes), map_values(attributes), flags, origin_partition, origin_offset, filename"
                + " from read_parquet('%s/**/*.parquet', hive_partitioning = false, union_by_name = true, filename = true)"
                        .formatted(data.toString().replace("'", "''"))
                + " where sample_id = ? limit 1";
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, id);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(bound(row)) : Optional.empty();
            }
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
