package io.drivetrain.infra.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableSnapshotTest {
    @TempDir
    private Path warehouse;

    private DrivetrainConfig config() {
        return ConfigReader.read(Optional.empty(), Map.of(), Map.of("store.warehouse", warehouse.toString()));
    }

    @Test
    void aTableThatIsNotThereYetHasNoRows() throws Exception {
        TableSnapshot table = TableSnapshot.read(config());
        assertThat(table.rows()).isZero();
        assertThat(table.snapshotId()).isEmpty();
    }

    @Test
    void theNewestMetadataCountsAlsoInTheMomentWithoutAHint() throws Exception {
        Path metadata = Files.createDirectories(warehouse.resolve("drivetrain/samples/metadata"));
        Files.writeString(metadata.resolve("v1.metadata.json"), document(1, 10));
        Files.writeString(metadata.resolve("v10.metadata.json"), document(6116060909213451219L, 20));
        Files.writeString(metadata.resolve("v9.metadata.json"), document(7, 15));
        TableSnapshot table = TableSnapshot.read(config());
        assertThat(table.rows()).isEqualTo(20);
        assertThat(table.snapshotId()).hasValue(6116060909213451219L);
    }

    private static String document(long id, long rows) {
        return """
                {"current-snapshot-id": %d, "snapshots": [
                  {"snapshot-id": 5, "summary": {"total-records": "5"}},
                  {"snapshot-id": %d, "summary": {"total-records": "%d"}}]}""".formatted(id, id, rows);
    }

    @Test
    void theQueryRunsOnParquetFilesOfTheTablesShape() throws Exception {
        Path data = Files.createDirectories(warehouse.resolve("drivetrain/samples/data/split=train"));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    COPY (SELECT 'train' AS split, (i %% 11)::VARCHAR AS sample_id, 'drive-' || (i %% 3) AS drive_id, 'car' AS label, 0.5 AS brightness,
                                 {'bytes': 'abc'::BLOB, 'path': 'x'} AS image
                          FROM range(12) t(i)) TO '%s' (FORMAT parquet)""".formatted(data.resolve("a.parquet")));
        }
        assertThat(TableSnapshot.read(config()).answer())
                .hasSize(2)
                .last()
                .satisfies(row ->
                        assertThat(row).as("a corrected sample has two rows").startsWith("train", "11", "3"));
    }
}
