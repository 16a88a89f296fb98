package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code snapshots files --sql} prints, asked of DuckDB. */
class SnapshotsQueryTest {
    @TempDir
    Path folder;

    @Test
    void aCorrectedSampleCountsOnceInItsNewestClass() throws Exception {
        String before = written(
                "before",
                "SELECT 'a' AS sample_id, 'train' AS split, 'car' AS label" + " UNION ALL SELECT 'b', 'train', 'car'");
        String after = written(
                "after",
                "SELECT 'a' AS sample_id, 'train' AS split, 'tram' AS label, 1 AS label_revision"
                        + " UNION ALL SELECT 'a', 'train', 'bus', 2");
        assertThat(asked(SnapshotsCommand.query(List.of(after, before), true))).containsExactly("bus=1", "car=1");
    }

    @Test
    void filesOfAReleaseWithoutCorrectionsAreReadAsTheyAre() throws Exception {
        String before = written("before", "SELECT 'a' AS sample_id, 'train' AS split, 'car' AS label");
        assertThat(asked(SnapshotsCommand.query(List.of(before), false))).containsExactly("car=1");
    }

    private String written(String name, String rows) throws Exception {
        String file = folder.resolve(name + ".parquet").toString();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("COPY (" + rows + ") TO '" + file + "' (FORMAT parquet)");
        }
        return file;
    }

    /** Class=samples, by class. */
    private static List<String> asked(String query) throws Exception {
        TreeMap<String, Long> samples = new TreeMap<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                samples.merge(rows.getString("label"), rows.getLong("samples"), Long::sum);
            }
        }
        return samples.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }
}
