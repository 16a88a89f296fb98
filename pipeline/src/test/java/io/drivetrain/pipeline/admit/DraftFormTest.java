package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.QualityScores;
import io.drivetrain.schemas.Split;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;

class DraftFormTest {
    @Test
    void everyFieldOfTheSchemaArrivesAsItWas() throws IOException {
        CuratedSample full = full();
        assertNothingIsLeftOut(full);
        assertThat(there(full)).isEqualTo(full);
    }

    @Test
    void whatASampleDoesNotHaveItDoesNotHaveAfterwards() throws IOException {
        CuratedSample bare = full();
        bare.setLabelSource(null);
        bare.setAttributes(Map.of());
        bare.setTestDevGeneration(null);
        bare.setBoxes(List.of());
        bare.setFlags(List.of());
        bare.setPerceptualHash(null);
        bare.setQuality(null);
        bare.setTelemetry(Map.of());
        assertThat(there(bare)).isEqualTo(bare);
    }

    @Test
    void aPartOfABufferIsWrittenAndNotTheWholeOfIt() throws IOException {
        CuratedSample sample = full();
        sample.getPixels()
                .setData(ByteBuffer.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3).slice());
        assertThat(there(sample).getPixels().getData()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    /** A field that the schema gets later has to be added here, and this test then fails until the form carries it. */
    private static void assertNothingIsLeftOut(SpecificRecordBase record) {
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            assertThat(value)
                    .as(field.name())
                    .isNotNull()
                    .isNotEqualTo(0)
                    .isNotEqualTo(0L)
                    .isNotEqualTo(0.0);
            if (value instanceof Collection<?> collection) {
                assertThat(collection).as(field.name()).isNotEmpty();
            } else if (value instanceof Map<?, ?> map) {
                assertThat(map).as(field.name()).isNotEmpty();
            } else if (value instanceof SpecificRecordBase inner) {
                assertNothingIsLeftOut(inner);
            }
        }
    }

    private static CuratedSample there(CuratedSample sample) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DraftForm.DRAFT.write(sample, new DataOutputStream(out));
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(out.toByteArray()));
        CuratedSample read = DraftForm.DRAFT.read(in);
        assertThat(in.available()).as("bytes left").isZero();
        return read;
    }

    private static CuratedSample full() {
        return new CuratedSample(
                "drive-1/4",
                "drive-1",
                4,
                Instant.parse("2026-11-20T08:00:00.123Z"),
                Domain.TARGET,
                Split.TEST_DEV,
                "pedestrian",
                Map.of("weather", "rainy", "straße", "naß"),
                "annotator-3",
                1280,
                720,
                "ab".repeat(32),
                new Measurements(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 7.0, 8.0),
                new Pixels(3, 1, 2, ByteBuffer.wrap(new byte[] {1, -2, 3, -4, 5, -6})),
                new Origin("samples.raw", 3, 1L << 40, Instant.parse("2026-11-20T08:00:01Z")),
                2,
                List.of(new Box("car", 1.5, 2.5, 30.25, 40.75), new Box("bus", 5.0, 6.0, 7.0, 8.0)),
                List.of("dark", "blurry"),
                "0123456789abcdef",
                new QualityScores(0.11, 0.12, 0.13, 0.14, 0.15),
                Map.of("speed", 13.5, "yaw-rate", -0.25),
                3,
                true);
    }
}
