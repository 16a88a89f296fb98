package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** Prints what each check costs for one image; arguments: image files. Not a test. */
final class AdmissionCost {
    private AdmissionCost() {}

    public static void main(String[] files) throws IOException {
        SampleChecks checks = new SampleChecks(TestSamples.config(Map.of()), (image, header) -> false);
        Instant now = Instant.parse("2026-11-23T12:00:00Z");
        for (String file : files) {
            byte[] image = Files.readAllBytes(Path.of(file));
            byte[] record = Wire.encode(TestSamples.sample("drive", 1, Domain.SOURCE, image));
            ByteBuffer buffer = ByteBuffer.wrap(image);
            ImageHeader.Readable header = (ImageHeader.Readable) ImageHeader.read(buffer);
            System.out.printf("%s, %d bytes, %d x %d%n", file, image.length, header.width(), header.height());
            if (!checks.check(record, now).findings().isEmpty()) {
                System.out.println("  " + checks.check(record, now).findings().violations());
            }
            time("all checks, with decoding the record and SHA-256", () -> checks.check(record, now));
            time("SHA-256", () -> ImageHash.sha256(buffer));
            if (header.format() == ImageHeader.Format.JPEG) {
                JpegEntropy entropy = new JpegEntropy();
                time("segments of the JPEG", () -> JpegSegments.read(buffer, header.frameOffset(), entropy, false));
                time(
                        "segments and every code of the JPEG",
                        () -> JpegSegments.read(buffer, header.frameOffset(), entropy, true));
            } else {
                time("chunks of the PNG", () -> PngChunks.read(buffer));
            }
        }
    }

    private static void time(String what, Runnable check) {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long begin = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                check.run();
            }
            best = Math.min(best, (System.nanoTime() - begin) / 100.0 / 1e3);
        }
        System.out.printf(Locale.ROOT, "  %-50s %8.1f microseconds%n", what, best);
    }
}
