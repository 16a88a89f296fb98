package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.CuratedSample;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColumnsOfTheTableTest {
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

    @Test
    void aTableOfAReleaseWithoutCorrectionsGetsTheRevisionOfTheLabelAndItsOldRowsHaveNone() throws Exception {
        StoredSamples stored = new StoredSamples(folder);
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 1));
        stored.table().updateSchema().deleteColumn("label_revision").commit();
        CuratedSample corrected = StoredSamples.sample(1);
        corrected.setLabelRevision(2);
        StoredSamples.append(stored.table(), List.of(corrected));

        Map<String, Object> read = new HashMap<>();
        try (CloseableIterable<Record> rows =
                IcebergGenerics.read(stored.table()).build()) {
            rows.forEach(row -> read.put(row.getField("sample_id").toString(), row.getField("label_revision")));
        }
        assertThat(read).containsEntry("drive-000/00000", null).containsEntry("drive-000/00001", 2);
    }
}
