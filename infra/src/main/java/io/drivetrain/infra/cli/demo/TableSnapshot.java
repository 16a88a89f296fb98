package io.drivetrain.infra.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.drivetrain.infra.cli.split.TableSearch;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
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
 * The current snapshot of the Iceberg table, from its own metadata files.
 *
 * @param snapshotId empty before the first commit
 * @param rows of which a sample has as many as its label has revisions
 */
record TableSnapshot(String table, Path path, OptionalLong snapshotId, long rows) {
    /** Reads the snapshot; a table that is not there yet has no rows. */
    static TableSnapshot read(DrivetrainConfig config) throws IOException {
        Path path = TableSearch.folder(config).orElse(Path.of(config.store().warehouse()));
        JsonNode metadata = TableSearch.metadata(config).orElse(MissingNode.getInstance());
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
                SELECT split, count(DISTINCT sample_id) AS samples, count(DISTINCT drive_id) AS drives,
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
