package io.drivetrain.infra.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The current snapshot of the Iceberg table, from its own metadata files (Iceberg table specification, Hadoop catalog:
 * {@code version-hint.text} names the newest {@code vN.metadata.json}).
 *
 * @param snapshotId empty before the first commit
 */
record TableSnapshot(String table, Path path, OptionalLong snapshotId, long rows) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads the snapshot; a table that is not there yet has no rows. */
    static TableSnapshot read(DrivetrainConfig config) throws IOException {
        String warehouse = config.store().warehouse();
        Path root = warehouse.startsWith("file:") ? Path.of(URI.create(warehouse)) : Path.of(warehouse);
        Path path = root.toAbsolutePath().normalize();
        for (String part : config.store().table().split("\\.")) {
            path = path.resolve(part);
        }
        Path hint = path.resolve("metadata/version-hint.text");
        if (!Files.isRegularFile(hint)) {
            return new TableSnapshot(config.store().table(), path, OptionalLong.empty(), 0);
        }
        int version = Integer.parseInt(Files.readString(hint).strip());
        // The hint is written after the metadata, so a newer file than it names may be there.
        while (Files.isRegularFile(path.resolve("metadata/v%d.metadata.json".formatted(version + 1)))) {
            version++;
        }
        JsonNode metadata = JSON.readTree(
                path.resolve("metadata/v%d.metadata.json".formatted(version)).toFile());
        long current = metadata.path("current-snapshot-id").asLong(-1);
        for (JsonNode snapshot : metadata.path("snapshots")) {
            if (snapshot.path("snapshot-id").asLong() == current) {
                return new TableSnapshot(
                        config.store().table(),
                        path,
                        OptionalLong.of(current),
                        snapshot.path("summary").path("total-records").asLong());
            }
        }
        return new TableSnapshot(config.store().table(), path, OptionalLong.empty(), 0);
    }

    /** A query for the DuckDB command line, which works on the table's files. */
    String query() {
        return """
                SELECT split, count(*) AS samples, count(DISTINCT drive_id) AS drives,
                       count(DISTINCT label) AS classes, round(avg(brightness), 3) AS brightness,
                       sum(octet_length(image.bytes)) // 1000000 AS megabytes
                FROM read_parquet('%s/data/**/*.parquet', hive_partitioning = false)
                GROUP BY split ORDER BY split""".formatted(path.toString().replace("'", "''"));
    }

    /** The answer to {@link #query()}, the column names first. */
    List<List<String>> answer() throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query())) {
            int columns = result.getMetaData().getColumnCount();
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                names.add(result.getMetaData().getColumnLabel(i));
            }
            rows.add(names);
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(String.valueOf(result.getObject(i)));
                }
                rows.add(row);
            }
        }
        return rows;
    }
}
