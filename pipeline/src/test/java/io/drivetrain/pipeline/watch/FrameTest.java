package io.drivetrain.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final Instant CAPTURED = Instant.parse("2026-11-01T08:00:00Z");

    @Test
    void aCorrectedSampleIsOneFrameAndNotTwo() {
        CuratedSample sample = CuratedSample.newBuilder()
                .setSampleId("d/0")
                .setDriveId("d")
                .setFrameIndex(0)
                .setCapturedAt(CAPTURED)
                .setDomain(Domain.TARGET)
                .setSplit(Split.TEST)
                .setLabel("pedestrian")
                .setImageWidth(1)
                .setImageHeight(1)
                .setImageSha256("00")
                .setMeasurements(new Measurements(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 7.0, 8.0))
                .setPixels(new Pixels(3, 1, 1, ByteBuffer.wrap(new byte[3])))
                .setOrigin(new Origin("samples.raw", 0, 0L, CAPTURED))
                .setLabelRevision(1)
                .build();
        assertThat(Frame.of(sample))
                .as("the first record, whatever its revision")
                .hasValueSatisfying(frame -> {
                    assertThat(frame.driveId()).isEqualTo("d");
                    assertThat(frame.values()).containsExactly(Measurement.values(sample.getMeasurements()));
                });
        sample.setLabelRevision(2);
        sample.setCorrects(true);
        assertThat(Frame.of(sample)).isEmpty();
    }
}
