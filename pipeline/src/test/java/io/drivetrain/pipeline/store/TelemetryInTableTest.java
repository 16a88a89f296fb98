package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TelemetryInTableTest {
    @TempDir
    Path folder;

    private static Map<String, Object> telemetry(Table table) throws Exception {
        Map<String, Object> read = new HashMap<>();
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(table).select("sample_id", "telemetry").build()) {
            rows.forEach(row -> read.put(row.getField("sample_id").toString(), row.getField("telemetry")));
        }
        return read;
    }

    @Test
    void whatTheCarMeasuredIsReadAsItWasSent() throws Exception {
        Table table = new StoredSamples(folder).table();
        StoredSamples.append(table, StoredSamples.samples(0, 2));

        assertThat(telemetry(table))
                .containsEntry("drive-000/00000", Map.of("speed", 0.0))
                .containsEntry("drive-000/00001", Map.of());
    }

    @Test
    void aTableOfAReleaseWithoutTelemetryGetsTheColumn() throws Exception {
        StoredSamples stored = new StoredSamples(folder);
        stored.table().updateSchema().deleteColumn("telemetry").commit();

        assertThat(stored.table().schema().findField("telemetry").isOptional()).isTrue();
    }
}
