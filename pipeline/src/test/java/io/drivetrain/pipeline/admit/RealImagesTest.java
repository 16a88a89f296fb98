package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.SharedFolder;
import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Real images of several cameras and encoders; what is refused of them is listed. */
class RealImagesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final SampleChecks checks = new SampleChecks(
            TestSamples.config(Map.of(
                    "admission.min-width", "1", "admission.min-height", "1", "admission.verify-jpeg-data", "true")),
            (image, header) -> false);

    @Test
    void realImagesPassAllChecksThatNeedNoDecoder() throws IOException {
        List<String> refused = new ArrayList<>();
        int images = 0;
        for (Path file : files(shared("data"), ".*\\.(jpe?g|png)")) {
            images++;
            byte[] record = Wire.encode(TestSamples.sample("drive", 1, Domain.SOURCE, Files.readAllBytes(file)));
            SampleChecks.Checked checked = checks.check(record, NOW);
            if (!checked.findings().isEmpty()) {
                refused.add(file + ": " + checked.findings().violations());
            }
        }
        System.out.printf("%d real images, refused: %s%n", images, refused);
        assertThat(refused).isEmpty();
    }

    @Test
    void otherFormatsAreNamed() throws IOException {
        for (Path file : files(shared("data/gtsrb"), ".*\\.ppm")) {
            byte[] record = Wire.encode(TestSamples.sample("drive", 1, Domain.SOURCE, Files.readAllBytes(file)));
            assertThat(checks.check(record, NOW).findings().violations())
                    .singleElement()
                    .satisfies(violation -> {
                        assertThat(violation.getCode()).isEqualTo("format-not-allowed");
                        assertThat(violation.getMessage())
                                .contains("is a Netpbm image")
                                .endsWith("admitted are jpeg, png; send the picture as one of these");
                    });
        }
    }

    private static Path shared(String path) {
        Optional<Path> folder = SharedFolder.find(path);
        Assumptions.assumeTrue(
                folder.isPresent(), "shared/" + path + " is not here; give its parent with -Ddrivetrain.shared");
        return folder.get();
    }

    private static List<Path> files(Path folder, String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        }
    }
}
