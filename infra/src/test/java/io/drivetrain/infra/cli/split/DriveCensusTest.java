package io.drivetrain.infra.cli.split;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DriveCensusTest {
    private static final Instant CAPTURED = Instant.parse("2026-11-01T08:00:00Z");

    private final DriveCensus census = new DriveCensus();

    @Test
    void aCorrectedSampleIsOneSample() {
        census.admitted(sample("a", 0, 5), "");
        CuratedSample correction = sample("a", 0, 9);
        correction.setLabelRevision(1);
        correction.setCorrects(true);
        census.admitted(correction, "");
        census.admitted(sample("a", 1, 6), "");
        CuratedSample correctedBeforeItCame = sample("b", 0, 7);
        correctedBeforeItCame.setLabelRevision(3);
        census.admitted(correctedBeforeItCame, "");
        SplitSearch.Drives drives = census.drives();
        assertThat(drives.samples()).isEqualTo(Map.of(Split.TRAIN, 3L));
        assertThat(drives.first()).extracting(Bound::driveId).containsExactly("a", "b");
    }

    @Test
    void aDriveIsBoundByTheSampleThatCurationReadFirst() {
        census.admitted(sample("a", 1, 6), "");
        census.admitted(sample("a", 0, 5), "");
        census.admitted(sample("a", 2, 7), "");
        assertThat(census.drives().first()).extracting(Bound::sampleId).containsExactly("a/0");
    }

    @Test
    void aDriveThatWasHeldOutAndIsBoundByNowIsNotHeldOut() {
        census.heldOut("a");
        census.heldOut("b");
        census.heldOut("b");
        census.admitted(sample("a", 0, 5), "");
        assertThat(census.drives().heldOut()).isEqualTo(1);
    }

    private static CuratedSample sample(String drive, int frame, long offset) {
        return CuratedSample.newBuilder()
                .setSampleId(drive + "/" + frame)
                .setDriveId(drive)
                .setFrameIndex(frame)
                .setCapturedAt(CAPTURED.plusSeconds(frame))
                .setDomain(Domain.SOURCE)
                .setSplit(Split.TRAIN)
                .setLabel("pedestrian")
                .setImageWidth(1)
                .setImageHeight(1)
                .setImageSha256("00")
                .setMeasurements(new Measurements(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 7.0, 8.0))
                .setPixels(new Pixels(3, 1, 1, ByteBuffer.wrap(new byte[3])))
                .setOrigin(new Origin("samples.raw", 0, offset, CAPTURED))
                .build();
    }
}
