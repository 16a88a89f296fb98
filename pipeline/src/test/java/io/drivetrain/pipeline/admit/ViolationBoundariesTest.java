package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** On each limit nothing is wrong; the smallest step beyond it is exactly one violation, which says where and what to do. */
class ViolationBoundariesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] JPEG = TestSamples.jpeg(160, 120, 1);
    private static final int MOST_BYTES = 400_000;

    private final AdmissionRules rules = new AdmissionRules(TestSamples.config(Map.of(
            "admission.max-age", "P365D",
            "admission.max-record-bytes", Integer.toString(MOST_BYTES),
            "admission.max-width", "400",
            "admission.max-pixels", "40000",
            "admission.max-aspect-ratio", "10",
            "admission.box-tolerance", "1")));

    @AfterEach
    void close() {
        rules.close();
    }

    /** A limit, as what makes a sample that is on it, and beyond it. */
    private interface Limit extends BiConsumer<LabeledSample, Boolean> {}

    static Stream<Arguments> limits() {
        return Stream.of(
                of(
                        ViolationCode.CAPTURE_TIME_IN_FUTURE,
                        "capturedAt",
                        (sample, beyond) -> sample.setCapturedAt(
                                NOW.plus(Duration.ofMinutes(5)).plusMillis(beyond ? 1 : 0))),
                of(
                        ViolationCode.CAPTURE_TIME_TOO_OLD,
                        "capturedAt",
                        (sample, beyond) -> sample.setCapturedAt(
                                NOW.minus(Duration.ofDays(365)).minusMillis(beyond ? 1 : 0))),
                of(
                        ViolationCode.FRAME_ORDER_BROKEN,
                        "frameIndex",
                        (sample, beyond) -> sample.setFrameIndex(beyond ? -1 : 0)),
                of(
                        ViolationCode.MISSING_SAMPLE_ID,
                        "sampleId",
                        (sample, beyond) -> sample.setSampleId("x".repeat(beyond ? 513 : 512))),
                of(
                        ViolationCode.MISSING_DRIVE_ID,
                        "driveId",
                        (sample, beyond) -> sample.setDriveId("x".repeat(beyond ? 513 : 512))),
                of(
                        ViolationCode.RECORD_TOO_LARGE,
                        "labelSource",
                        (sample, beyond) -> sample.setLabelSource("x".repeat(beyond ? 513 : 512))),
                of(ViolationCode.RECORD_TOO_LARGE, "attributes", (sample, beyond) -> {
                    Map<String, String> attributes = new HashMap<>();
                    for (int i = 0; i < (beyond ? 101 : 100); i++) {
                        attributes.put("a" + i, "");
                    }
                    sample.setAttributes(attributes);
                }),
                of(ViolationCode.RECORD_TOO_LARGE, "telemetry", (sample, beyond) -> {
                    Map<String, Double> numbers = new HashMap<>();
                    for (int i = 0; i < (beyond ? 101 : 100); i++) {
                        numbers.put("n" + i, 1.0);
                    }
                    sample.setTelemetry(numbers);
                }),
                of(ViolationCode.RECORD_TOO_LARGE, "boxes", (sample, beyond) -> {
                    List<Box> boxes = new ArrayList<>();
                    for (int i = 0; i < (beyond ? 10_001 : 10_000); i++) {
                        boxes.add(new Box("c", 0.0, 0.0, 1.0 + i / 1000.0, 2.0));
                    }
                    sample.setBoxes(boxes);
                }),
                of(
                        ViolationCode.DIMENSIONS_OUT_OF_LIMITS,
                        "imageBytes",
                        (sample, beyond) -> image(sample, beyond ? 15 : 16, 40)),
                of(
                        ViolationCode.DIMENSIONS_OUT_OF_LIMITS,
                        "imageBytes",
                        (sample, beyond) -> image(sample, beyond ? 401 : 400, 60)),
                of(
                        ViolationCode.DIMENSIONS_OUT_OF_LIMITS,
                        "imageBytes",
                        (sample, beyond) -> image(sample, 200, beyond ? 201 : 200)),
                of(
                        ViolationCode.ASPECT_RATIO_OUT_OF_LIMITS,
                        "imageBytes",
                        (sample, beyond) -> image(sample, beyond ? 171 : 170, 17)),
                box(ViolationCode.BOX_OUTSIDE_FRAME, "boxes[0].x1", -1.0, 0, 9, 9, 0),
                box(ViolationCode.BOX_OUTSIDE_FRAME, "boxes[0].y1", 0, -1.0, 9, 9, 1),
                box(ViolationCode.BOX_OUTSIDE_FRAME, "boxes[0].x2", 0, 0, 161, 9, 2),
                box(ViolationCode.BOX_OUTSIDE_FRAME, "boxes[0].y2", 0, 0, 9, 121, 3),
                of(
                        ViolationCode.BOX_EMPTY,
                        "boxes[0]",
                        (sample, beyond) -> sample.setBoxes(
                                List.of(new Box("car", 3.0, 3.0, beyond ? 3.0 : Math.nextUp(3.0), 4.0)))),
                of(
                        ViolationCode.BOX_INVERTED,
                        "boxes[0]",
                        (sample, beyond) -> sample.setBoxes(
                                List.of(new Box("car", 3.0, 3.0, beyond ? Math.nextDown(3.0) : 4.0, 4.0)))),
                of(
                        ViolationCode.BOX_DUPLICATE,
                        "boxes[1]",
                        (sample, beyond) -> sample.setBoxes(List.of(
                                new Box("car", 3.0, 3.0, 5.0, 4.0),
                                new Box("car", 3.0, 3.0, beyond ? 5.0 : Math.nextUp(5.0), 4.0)))),
                of(
                        ViolationCode.TRUNCATED_IMAGE,
                        "imageBytes",
                        (sample, beyond) ->
                                sample.setImageBytes(ByteBuffer.wrap(JPEG, 0, JPEG.length - (beyond ? 1 : 0)))));
    }

    private static Arguments of(ViolationCode code, String field, Limit limit) {
        return Arguments.of(code, field, limit);
    }

    /** A box in an image of 160 x 120 pixels, one of whose corners is taken a step further out. */
    private static Arguments box(
            ViolationCode code, String field, double x1, double y1, double x2, double y2, int corner) {
        return of(code, field, (sample, beyond) -> {
            double[] corners = {x1, y1, x2, y2};
            if (beyond) {
                corners[corner] = corner < 2 ? Math.nextDown(corners[corner]) : Math.nextUp(corners[corner]);
            }
            sample.setBoxes(List.of(new Box("car", corners[0], corners[1], corners[2], corners[3])));
        });
    }

    private static void image(LabeledSample sample, int width, int height) {
        sample.setImageBytes(ByteBuffer.wrap(TestSamples.png(width, height, 1, BufferedImage.TYPE_3BYTE_BGR)));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("limits")
    void theLimitIsAllowedAndTheNextStepIsNot(ViolationCode code, String field, Limit limit) {
        assertThat(inspect(Wire.encode(sample(limit, false)))).isEmpty();
        LabeledSample beyond = sample(limit, true);
        assertThat(inspect(Wire.encode(beyond))).singleElement().satisfies(violation -> {
            assertThat(violation.getCode()).isEqualTo(code.code());
            assertThat(violation.getField()).startsWith(field);
            // Where, and, after a semicolon or a colon, what to do.
            assertThat(violation.getMessage()).containsPattern("sample|drive").containsPattern("[;:] \\S+");
        });
    }

    @ParameterizedTest
    @MethodSource("padding")
    void aRecordOfTheGreatestSizeIsAllowedAndOneByteMoreIsNot(int more) {
        LabeledSample sample = TestSamples.sample("drive-1", 4, Domain.SOURCE, JPEG);
        int rest = MOST_BYTES - Wire.encode(sample).length;
        // Bytes behind the end of a JPEG are allowed; a longer length takes up to two bytes itself.
        byte[] record = null;
        for (int pad = rest - 2; pad <= rest + 1; pad++) {
            sample.setImageBytes(ByteBuffer.wrap(HostileImages.concat(JPEG, new byte[pad])));
            byte[] encoded = Wire.encode(sample);
            record = encoded.length == MOST_BYTES + more ? encoded : record;
        }
        assertThat(record).isNotNull();
        assertThat(inspect(record))
                .extracting(Violation::getCode)
                .containsExactlyElementsOf(more == 0 ? List.of() : List.of("record-too-large"));
    }

    static Stream<Integer> padding() {
        return Stream.of(0, 1);
    }

    private static LabeledSample sample(Limit limit, boolean beyond) {
        LabeledSample sample = TestSamples.sample("drive-1", 4, Domain.SOURCE, JPEG);
        limit.accept(sample, beyond);
        return sample;
    }

    private List<Violation> inspect(byte[] value) {
        RawRecord raw = new RawRecord("samples.raw", 1, 42, 1000, "key".getBytes(UTF_8), value, List.of());
        return rules.inspect(raw, NOW).violations();
    }
}
