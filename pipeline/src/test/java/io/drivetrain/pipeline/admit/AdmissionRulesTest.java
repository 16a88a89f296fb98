package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.route.Header;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdmissionRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] IMAGE = TestSamples.jpeg(160, 120, 1);

    private final AdmissionRules rules = new AdmissionRules(TestSamples.config(Map.of(
            "admission.max-width", "200", "admission.max-pixels", "30000", "image.width", "32", "image.height", "24")));

    @AfterEach
    void close() {
        rules.close();
    }

    @Test
    void aGoodSampleIsAdmittedWithPixelsMeasurementsAndOrigin() {
        LabeledSample sample = TestSamples.sample("drive-1", 4, Domain.TARGET, IMAGE);
        Inspected inspected = judge(sample);
        assertThat(inspected.violations()).isEmpty();
        CuratedSample curated = inspected.draft();
        assertThat(curated.getSampleId()).isEqualTo("drive-1/4");
        assertThat(curated.getImageWidth()).isEqualTo(160);
        assertThat(curated.getImageHeight()).isEqualTo(120);
        assertThat(curated.getImageSha256()).isEqualTo(ImageHash.sha256(ByteBuffer.wrap(IMAGE)));
        assertThat(curated.getPixels().getWidth()).isEqualTo(32);
        assertThat(curated.getPixels().getHeight()).isEqualTo(24);
        assertThat(curated.getPixels().getData().remaining()).isEqualTo(3 * 32 * 24);
        assertThat(curated.getMeasurements().getBrightness()).isBetween(0.01, 0.99);
        assertThat(curated.getQuality().getOddAspect())
                .isEqualTo((double) Math.min(curated.getImageWidth(), curated.getImageHeight())
                        / Math.max(curated.getImageWidth(), curated.getImageHeight()));
        assertThat(curated.getQuality().getDark()).isBetween(0.01, 1.0);
        assertThat(curated.getQuality().getLight()).isBetween(0.0, 1.0);
        assertThat(curated.getAttributes()).containsEntry("timeofday", "daytime");
        assertThat(curated.getPerceptualHash()).matches("[0-9a-f]{16}");
        assertThat(curated.getOrigin().getOffset()).isEqualTo(42);
        assertThat(inspected.image()).isEqualTo(ByteBuffer.wrap(IMAGE));
        assertThat(inspected.path()).isEqualTo("drive-1/drive-1/4");
    }

    @Test
    void aRefusalSaysItsLimitAsTheConfigurationDoesAndWhatToDoWithTextInPlaceOfAnImage() {
        try (AdmissionRules strict = new AdmissionRules(TestSamples.config(Map.of("admission.max-age", "P365D")))) {
            LabeledSample old = TestSamples.sample("drive-1", 4, Domain.TARGET, "no picture".getBytes(UTF_8));
            old.setCapturedAt(Instant.parse("2001-01-01T00:00:00Z"));
            assertThat(strict.inspect(raw(Wire.encode(old)), NOW).violations())
                    .extracting(Violation::getMessage)
                    .containsExactlyInAnyOrder(
                            "Sample drive-1/4 was captured at 2001-01-01T00:00:00Z, longer ago than admission.max-age of P365D; raise it if old images are wanted",
                            "The image of sample drive-1/4 is text, admitted are jpeg, png; send the picture as one of these");
        }
    }

    @Test
    void bytesThatAreNoSampleAreRefusedAndHaveNoSubject() {
        Inspected inspected = rules.inspect(raw("garbage".getBytes(UTF_8)), NOW);
        assertThat(codes(inspected)).containsExactly("undecodable-record");
        assertThat(inspected.subject()).isNull();
        assertThat(codes(rules.inspect(raw(null), NOW))).containsExactly("undecodable-record");
    }

    @Test
    void whatIsInspectedReachesTheNextOperatorAsItWas() throws Exception {
        LabeledSample wrong = good();
        wrong.setLabel(null);
        for (Inspected inspected : List.of(judge(good()), judge(wrong), rules.inspect(raw(null), NOW))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Inspected.Form.INSPECTED.write(inspected, new DataOutputStream(out));
            Inspected read =
                    Inspected.Form.INSPECTED.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
            assertThat(read.violations()).isEqualTo(inspected.violations());
            assertThat(read.subject()).isEqualTo(inspected.subject());
            assertThat(read.draft()).isEqualTo(inspected.draft());
            assertThat(read.image()).isEqualTo(inspected.image());
            assertThat(read.path()).isEqualTo(inspected.path());
            assertThat(read.whole().value()).isEqualTo(inspected.raw().value());
            if (inspected.clean()) {
                assertThat(out.size())
                        .as("the image is written once")
                        .isLessThan(inspected.raw().value().length + 5000);
            }
        }
    }

    @Test
    void anUnknownClassIsNamedWithWhatToDo() {
        LabeledSample sample = good();
        sample.setLabel("trcuk");
        Violation violation = judge(sample).violations().get(0);
        assertThat(violation.getCode()).isEqualTo("unknown-class");
        assertThat(violation.getMessage())
                .isEqualTo("Unknown class 'trcuk' in sample drive-1/4; add it to classes in drivetrain.yaml"
                        + " (now no-pedestrian, pedestrian) or correct the source");
    }

    @Test
    void allViolationsOfASampleAreReportedTogether() {
        LabeledSample sample = good();
        sample.setLabel(null);
        sample.setImageBytes(ByteBuffer.wrap(Arrays.copyOf(IMAGE, IMAGE.length / 2)));
        Inspected inspected = judge(sample);
        assertThat(codes(inspected)).containsExactly("missing-label", "truncated-image");
        assertThat(inspected.subject().sampleId()).isEqualTo("drive-1/4");
    }

    @Test
    void sizesAreJudgedFromTheHeaderBeforeAnyPixelIsDecoded() {
        LabeledSample sample = good();
        byte[] wide = TestSamples.jpeg(201, 100, 2);
        sample.setImageBytes(ByteBuffer.wrap(Arrays.copyOf(wide, wide.length / 2)));
        assertThat(codes(judge(sample))).containsExactly("dimensions-out-of-limits");
        sample.setImageBytes(ByteBuffer.wrap(TestSamples.jpeg(200, 151, 2)));
        assertThat(codes(judge(sample))).containsExactly("dimensions-out-of-limits");
        sample.setImageBytes(ByteBuffer.wrap(TestSamples.jpeg(15, 100, 2)));
        assertThat(codes(judge(sample))).containsExactly("dimensions-out-of-limits");
    }

    @Test
    void aSampleWithoutAnImageSaysSo() {
        LabeledSample sample = good();
        sample.setImageBytes(null);
        assertThat(codes(judge(sample))).containsExactly("missing-image");
        sample.setImageBytes(ByteBuffer.allocate(0));
        assertThat(codes(judge(sample))).containsExactly("empty-image");
    }

    @Test
    void anImageByReferenceIsReadIfItIsTheOnePromised(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("frame 1.jpg"), IMAGE);
        LabeledSample sample = good();
        sample.setImageBytes(null);
        String sha256 = ImageHash.sha256(ByteBuffer.wrap(IMAGE));
        sample.setImageReference(new ImageReference(file.toUri().toString(), (long) IMAGE.length, sha256));
        assertThat(judge(sample).path()).isEqualTo(file.toUri().toString());

        sample.setImageReference(new ImageReference(file.toUri().toString(), IMAGE.length + 1L, sha256));
        assertThat(message(sample, "hash-mismatch"))
                .contains("the file does not have the %d bytes of the reference".formatted(IMAGE.length + 1))
                .doesNotContain(Integer.toString(IMAGE.length) + " ");
        sample.setImageReference(new ImageReference(file.toUri().toString(), (long) IMAGE.length, "00"));
        assertThat(message(sample, "hash-mismatch"))
                .contains("the file's SHA-256 is not the one in the reference")
                .doesNotContain(sha256);
        sample.setImageReference(new ImageReference("ftp://server/frame.jpg", 10L, "00"));
        assertThat(message(sample, "missing-image")).contains("only file:, s3: and https: URIs are read");
        for (String uri :
                List.of("s3://bucket/frame.jpg", "https://server/frame.jpg", "http://169.254.169.254/latest")) {
            sample.setImageReference(new ImageReference(uri, 10L, "00"));
            assertThat(message(sample, "missing-image")).as(uri).contains("it is outside of admission.reference-roots");
        }
        sample.setImageReference(new ImageReference("no uri at all", 10L, "00"));
        assertThat(message(sample, "missing-image")).contains("it is not a valid URI of a file");
    }

    @Test
    void boxesAreInTheFrameOfTheImageAsItIsShown() {
        byte[] upright = TestSamples.jpeg(120, 80, 3);
        // APP1 with an EXIF orientation of 6: a viewer turns it by 90 degrees.
        byte[] exif =
                HexFormat.of().parseHex("ffe100224578696600004d4d002a00000008000101120003000000010006000000000000");
        byte[] turned = ByteBuffer.allocate(upright.length + exif.length)
                .put(upright, 0, 2)
                .put(exif)
                .put(upright, 2, upright.length - 2)
                .array();
        LabeledSample sample = good();
        sample.setBoxes(List.of(new Box("car", 10.0, 90.0, 70.0, 115.0)));
        sample.setImageBytes(ByteBuffer.wrap(upright));
        assertThat(codes(judge(sample))).containsExactly("box-outside-frame");
        sample.setImageBytes(ByteBuffer.wrap(turned));
        Inspected inspected = judge(sample);
        assertThat(codes(inspected)).isEmpty();
        assertThat(inspected.draft().getImageWidth()).isEqualTo(80);
        assertThat(inspected.draft().getImageHeight()).isEqualTo(120);
        sample.setBoxes(List.of(new Box("car", 90.0, 10.0, 115.0, 70.0)));
        assertThat(codes(judge(sample))).containsExactly("box-outside-frame");
    }

    @Test
    void valuesAreShortenedInViolations() {
        LabeledSample sample = good();
        sample.setLabel("x".repeat(5000));
        assertThat(judge(sample).violations().get(0).getValue()).hasSize(200);
    }

    private String message(LabeledSample sample, String code) {
        Inspected rejected = judge(sample);
        assertThat(codes(rejected)).containsExactly(code);
        return rejected.violations().get(0).getMessage();
    }

    private static LabeledSample good() {
        return TestSamples.sample("drive-1", 4, Domain.SOURCE, IMAGE);
    }

    private Inspected judge(LabeledSample sample) {
        return rules.inspect(raw(Wire.encode(sample)), NOW);
    }

    private static RawRecord raw(byte[] value) {
        return new RawRecord(
                "samples.raw", 1, 42, 1000, "key".getBytes(UTF_8), value, List.of(new Header("h", new byte[] {1})));
    }

    private static List<String> codes(Inspected rejected) {
        return rejected.violations().stream().map(Violation::getCode).toList();
    }
}
