package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;

/** Curated samples whose class shows in the pixels: a bright or a dark square in the middle of noise. */
public final class Samples {
    public static final String BRIGHT = "bright";
    public static final String DARK = "dark";

    private Samples() {}

    /** One sample; the same arguments give the same sample. */
    public static CuratedSample sample(Split split, String drive, int frame, String label, int size) {
        SplittableRandom random = new SplittableRandom((drive + "/" + frame).hashCode());
        byte[] data = new byte[3 * size * size];
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 0; y < size; y++) {
                for (int x = 0; x < size; x++) {
                    boolean middle = Math.abs(2 * y - size) < size / 2 && Math.abs(2 * x - size) < size / 2;
                    int value = 100 + random.nextInt(56) + (middle ? (label.equals(BRIGHT) ? 60 : -60) : 0);
                    data[(channel * size + y) * size + x] = (byte) Math.max(0, Math.min(255, value));
                }
            }
        }
        return CuratedSample.newBuilder()
                .setSampleId(drive + "/" + frame)
                .setDriveId(drive)
                .setFrameIndex(frame)
                .setCapturedAt(Instant.ofEpochSecond(1_700_000_000L + frame))
                .setDomain(Splits.domain(split))
                .setSplit(split)
                .setLabel(label)
                .setAttributes(Map.of("weather", "clear"))
                .setImageWidth(640)
                .setImageHeight(360)
                .setImageSha256("00")
                .setMeasurements(new Measurements(0.1 * frame, 0.2, 0.3, 0.4, 0.5, 0.6, 7.0, 6.5))
                .setPixels(new Pixels(3, size, size, ByteBuffer.wrap(data)))
                .setOrigin(new Origin("samples.raw", 0, (long) frame, Instant.ofEpochSecond(1_700_000_000L)))
                .build();
    }

    public static CuratedSample sample(Split split, String drive, int frame) {
        return sample(split, drive, frame, frame % 2 == 0 ? BRIGHT : DARK, 16);
    }
}
