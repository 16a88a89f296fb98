package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.ImageReference;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** At least one record for every code that needs no other record, and exactly that code comes out. */
class StatelessViolationsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] JPEG = TestSamples.jpeg(160, 120, 1);
    private static final byte[] PNG = TestSamples.png(160, 120, 1, BufferedImage.TYPE_3BYTE_BGR);

    /** These need what was admitted before; the tests of drive, content and identity stage have them. */
    private static final Set<ViolationCode> OF_OTHER_RECORDS = EnumSet.of(
            ViolationCode.DUPLICATE_SAMPLE_ID,
            ViolationCode.DUPLICATE_ID_DIFFERENT_CONTENT,
            ViolationCode.DUPLICATE_CONTENT,
            ViolationCode.CONFLICTING_LABELS,
            ViolationCode.NEAR_DUPLICATE_ACROSS_SPLITS,
            ViolationCode.DRIVE_IN_TWO_DOMAINS,
            ViolationCode.EMBARGOED_DRIVE);

    private final AdmissionRules rules = new AdmissionRules(TestSamples.config(Map.of(
            "admission.retired-classes", "tram,walker=pedestrian",
            "admission.box-categories", "car,person",
            "admission.max-age", "P365D",
            "admission.max-record-bytes", "2000000",
            "admission.check-attributes-against-pixels", "true",
            "image.width", "32",
            "image.height", "24")));

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        rules.close();
    }

    private record Case(String name, ViolationCode code, byte[] value) {}

    private final List<Case> cases = new ArrayList<>();

    @TestFactory
    Collection<DynamicTest> exactlyThatCodeComesOut() throws IOException {
        records();
        identities();
        labelsAndTimes();
        images();
        references();
        boxes();
        attributes();
        telemetry();
        return cases.stream()
                .map(each -> DynamicTest.dynamicTest(each.code.code() + ": " + each.name, () -> {
                    List<Violation> violations = inspect(each.value);
                    assertThat(violations)
                            .extracting(Violation::getCode)
                            .as(() -> violations.toString())
                            .containsExactly(each.code.code());
                    assertThat(violations.get(0).getMessage())
                            .isNotBlank()
                            .doesNotContain("\n")
                            .doesNotContainPattern("%[sdf]");
                    assertThat(violations.get(0).getValue()).hasSizeLessThanOrEqualTo(200);
                }))
                .toList();
    }

    @Test
    void everyCodeHasARecordHereOrNeedsOtherRecords() throws IOException {
        exactlyThatCodeComesOut();
        Set<ViolationCode> covered = EnumSet.copyOf(OF_OTHER_RECORDS);
        cases.forEach(each -> covered.add(each.code));
        assertThat(covered).containsExactlyInAnyOrder(ViolationCode.values());
    }

    @Test
    void whatIsRightHasNoViolation() {
        Map<String, Consumer<LabeledSample>> right = new LinkedHashMap<>();
        right.put("as it is", sample -> {});
        right.put("PNG", sample -> sample.setImageBytes(ByteBuffer.wrap(PNG)));
        right.put("grey PNG", sample -> image(sample, TestSamples.png(28, 28, 1, BufferedImage.TYPE_BYTE_GRAY)));
        right.put(
                "16-bit grey PNG", sample -> image(sample, TestSamples.png(28, 28, 1, BufferedImage.TYPE_USHORT_GRAY)));
        right.put("palette PNG", sample -> image(sample, TestSamples.png(64, 64, 1, BufferedImage.TYPE_BYTE_INDEXED)));
        right.put(
                "grey JPEG",
                sample -> image(
                        sample,
                        TestSamples.encode(TestSamples.picture(100, 70, 3, BufferedImage.TYPE_BYTE_GRAY), "jpg")));
        right.put(
                "progressive JPEG",
                sample -> image(
                        sample,
                        HostileImages.progressiveJpeg(
                                TestSamples.picture(333, 217, 5, BufferedImage.TYPE_3BYTE_BGR), 0.8f)));
        right.put("flat JPEG of 4K", sample -> notDaytime(image(sample, HostileImages.flatJpeg(3840, 2160))));
        right.put(
                "flat progressive JPEG of 4K",
                sample -> notDaytime(image(
                        sample,
                        HostileImages.progressiveJpeg(
                                new BufferedImage(3840, 2160, BufferedImage.TYPE_3BYTE_BGR), 0.5f))));
        right.put("flat RGB PNG of 4K", sample -> notDaytime(image(sample, HostileImages.flatPng(3840, 2160, 8, 2))));
        right.put("flat grey PNG of 4K", sample -> notDaytime(image(sample, HostileImages.flatPng(3840, 2160, 8, 0))));
        right.put(
                "flat JPEG of 24 megapixels", sample -> notDaytime(image(sample, HostileImages.flatJpeg(6000, 4000))));
        right.put("bytes behind the end", sample -> image(sample, HostileImages.concat(JPEG, new byte[50])));
        right.put(
                "hash",
                sample -> sample.setImageSha256(
                        ImageHash.sha256(ByteBuffer.wrap(JPEG)).toUpperCase(java.util.Locale.ROOT)));
        right.put(
                "boxes",
                sample -> sample.setBoxes(List.of(
                        new Box("car", 0.0, 0.0, 160.0, 120.0),
                        new Box("car", -1.0, -1.0, 161.0, 121.0),
                        new Box("person", 0.0, 0.0, 160.0, 120.0))));
        right.put(
                "attributes of others",
                sample -> sample.setAttributes(Map.of(
                        "light",
                        "dim",
                        "weather",
                        "partly cloudy",
                        "scene",
                        "gas stations",
                        "timeofday",
                        "dawn/dusk")));
        right.put("a little fast clock", sample -> sample.setCapturedAt(NOW.plus(Duration.ofMinutes(5))));
        right.put("ids of the world", sample -> sample.setSampleId("日本/größe 1"));
        right.forEach((name, change) ->
                assertThat(inspect(Wire.encode(good(change)))).as(name).isEmpty());
    }

    private void records() {
        byte[] whole = Wire.encode(good(sample -> {}));
        add("text", ViolationCode.UNDECODABLE_RECORD, "{\"sampleId\": 1}".getBytes(UTF_8));
        add("nothing", ViolationCode.UNDECODABLE_RECORD, (byte[]) null);
        add("no byte", ViolationCode.UNDECODABLE_RECORD, new byte[0]);
        add("half a record", ViolationCode.UNDECODABLE_RECORD, Arrays.copyOf(whole, whole.length / 2));
        add("one byte more", ViolationCode.UNDECODABLE_RECORD, Arrays.copyOf(whole, whole.length + 1));
        byte[] bomb = whole.clone();
        Arrays.fill(bomb, 10, 14, (byte) 0xFF);
        add("a length of 2 GB", ViolationCode.UNDECODABLE_RECORD, bomb);
        byte[] foreign = whole.clone();
        Arrays.fill(foreign, 2, 10, (byte) 7);
        add("another fingerprint", ViolationCode.UNKNOWN_SCHEMA, foreign);
        add("too many bytes", ViolationCode.RECORD_TOO_LARGE, sample -> image(sample, new byte[2_000_001]));
        add("too many boxes", ViolationCode.RECORD_TOO_LARGE, sample -> {
            List<Box> boxes = new ArrayList<>();
            for (int i = 0; i <= 10_000; i++) {
                boxes.add(new Box("car", 1.0, 1.0, 2.0 + i, 2.0));
            }
            sample.setBoxes(boxes);
        });
        add("too many attributes", ViolationCode.RECORD_TOO_LARGE, sample -> {
            Map<String, String> attributes = new HashMap<>();
            for (int i = 0; i <= 100; i++) {
                attributes.put("a" + i, "");
            }
            sample.setAttributes(attributes);
        });
        add(
                "a long attribute",
                ViolationCode.RECORD_TOO_LARGE,
                sample -> sample.setAttributes(Map.of("a", "x".repeat(513))));
        add(
                "a long attribute name",
                ViolationCode.RECORD_TOO_LARGE,
                sample -> sample.setAttributes(Map.of("x".repeat(513), "a")));
        add("a long label source", ViolationCode.RECORD_TOO_LARGE, sample -> sample.setLabelSource("x".repeat(513)));
    }

    private void identities() {
        for (String id : List.of("", "  ", "a\nb", "a\0", "\u001B[2J", "x".repeat(513))) {
            add(Findings.shown(id), ViolationCode.MISSING_SAMPLE_ID, sample -> sample.setSampleId(id));
            add(Findings.shown(id), ViolationCode.MISSING_DRIVE_ID, sample -> sample.setDriveId(id));
        }
        add("-1", ViolationCode.FRAME_ORDER_BROKEN, sample -> sample.setFrameIndex(-1));
    }

    private void labelsAndTimes() {
        add("null", ViolationCode.MISSING_LABEL, sample -> sample.setLabel(null));
        add("revision", ViolationCode.NEGATIVE_LABEL_REVISION, sample -> sample.setLabelRevision(-1));
        add("blank", ViolationCode.MISSING_LABEL, sample -> sample.setLabel(" "));
        add("misspelt", ViolationCode.UNKNOWN_CLASS, sample -> sample.setLabel("pedestrain"));
        add("huge", ViolationCode.UNKNOWN_CLASS, sample -> sample.setLabel("\u0007".repeat(100_000)));
        add("without replacement", ViolationCode.RETIRED_CLASS, sample -> sample.setLabel("tram"));
        add("with replacement", ViolationCode.RETIRED_CLASS, sample -> sample.setLabel("walker"));
        add("zero", ViolationCode.CAPTURE_TIME_MISSING, sample -> sample.setCapturedAt(Instant.EPOCH));
        add(
                "negative",
                ViolationCode.CAPTURE_TIME_MISSING,
                sample -> sample.setCapturedAt(Instant.ofEpochMilli(Long.MIN_VALUE)));
        add(
                "six minutes",
                ViolationCode.CAPTURE_TIME_IN_FUTURE,
                sample -> sample.setCapturedAt(NOW.plus(Duration.ofMinutes(6))));
        add(
                "microseconds for milliseconds",
                ViolationCode.CAPTURE_TIME_IN_FUTURE,
                sample -> sample.setCapturedAt(Instant.ofEpochMilli(Long.MAX_VALUE)));
        add(
                "two years",
                ViolationCode.CAPTURE_TIME_TOO_OLD,
                sample -> sample.setCapturedAt(NOW.minus(Duration.ofDays(730))));
    }

    private void images() throws IOException {
        add("null", ViolationCode.MISSING_IMAGE, sample -> sample.setImageBytes(null));
        addImage("no byte", ViolationCode.EMPTY_IMAGE, new byte[0]);
        addImage("half a JPEG", ViolationCode.TRUNCATED_IMAGE, Arrays.copyOf(JPEG, JPEG.length / 2));
        addImage("a JPEG without its last byte", ViolationCode.TRUNCATED_IMAGE, Arrays.copyOf(JPEG, JPEG.length - 1));
        addImage("the head of a JPEG", ViolationCode.TRUNCATED_IMAGE, Arrays.copyOf(JPEG, 30));
        addImage("half a PNG", ViolationCode.TRUNCATED_IMAGE, Arrays.copyOf(PNG, PNG.length / 2));
        addImage("the head of a PNG", ViolationCode.TRUNCATED_IMAGE, Arrays.copyOf(PNG, 20));
        addImage(
                "a JPEG with text in it",
                ViolationCode.UNDECODABLE_IMAGE,
                HostileImages.jpegOverwritten(JPEG, 0.5, "\u00FFHello\u00FF".getBytes(ISO_8859_1)));
        addImage(
                "a JPEG with a restart where none is",
                ViolationCode.UNDECODABLE_IMAGE,
                HostileImages.jpegOverwritten(JPEG, 0.5, new byte[] {(byte) 0xFF, (byte) 0xD3}));
        byte[] busy = TestSamples.encode(noise(), "jpg");
        addImage(
                "a JPEG with a hole",
                ViolationCode.UNDECODABLE_IMAGE,
                HostileImages.jpegOverwritten(busy, 0.4, new byte[512]));
        byte[] flipped = PNG.clone();
        flipped[PNG.length / 2] ^= 4;
        addImage("a PNG with one bit flipped", ViolationCode.UNDECODABLE_IMAGE, flipped);
        addImage("a PNG of no pixel", ViolationCode.UNDECODABLE_IMAGE, HostileImages.png(0, 5, 8, 0, 10));
        addImage("a PNG whose data is no zlib stream", ViolationCode.UNDECODABLE_IMAGE, notDeflated());
        addImage("a JPEG of segments only", ViolationCode.UNDECODABLE_IMAGE, new byte[] {
            -1, (byte) 0xD8, -1, (byte) 0xDA, 0, 2, 1, 2, 3, -1, (byte) 0xD9
        });
        for (String head : List.of(
                "GIF89a",
                "BM......",
                "II*\0",
                "RIFF....WEBPVP8 ",
                "....ftypheic",
                "....ftypavif",
                "....jP  \r\n",
                "%PDF-1.7",
                "P6\n3 3\n255\n",
                "<!DOCTYPE html>",
                "{\"image\":",
                "just text",
                "\0\0\0\0",
                "/9j/4AAQSkZJRg")) {
            addImage(Findings.shown(head), ViolationCode.FORMAT_NOT_ALLOWED, head.getBytes(ISO_8859_1));
        }
        addImage("too small", ViolationCode.DIMENSIONS_OUT_OF_LIMITS, TestSamples.jpeg(15, 40, 1));
        addImage("too wide", ViolationCode.DIMENSIONS_OUT_OF_LIMITS, HostileImages.flatPng(8200, 1000, 8, 0));
        addImage(
                "too many pixels",
                ViolationCode.DIMENSIONS_OUT_OF_LIMITS,
                HostileImages.jpegClaiming(HostileImages.concat(JPEG, new byte[300_000]), 8000, 8000));
        addImage("eleven to one", ViolationCode.ASPECT_RATIO_OUT_OF_LIMITS, TestSamples.jpeg(440, 40, 1));
        addImage(
                "flat black and white, 36 megapixels",
                ViolationCode.DECOMPRESSION_BOMB,
                HostileImages.flatPng(6000, 6000, 1, 0));
        addImage("flat RGB, 36 megapixels", ViolationCode.DECOMPRESSION_BOMB, HostileImages.flatPng(6000, 6000, 8, 2));
        addImage(
                "a PNG that claims 24 megapixels",
                ViolationCode.DECOMPRESSION_BOMB,
                HostileImages.png(6000, 4000, 8, 2, 1000));
        addImage(
                "a PNG that claims 2 megapixels",
                ViolationCode.DECOMPRESSION_BOMB,
                HostileImages.png(2000, 1000, 8, 2, 1000));
        addImage(
                "a JPEG that claims 8 megapixels",
                ViolationCode.DECOMPRESSION_BOMB,
                HostileImages.jpegClaiming(JPEG, 4000, 2000));
        byte[][] texts = new byte[33][];
        Arrays.fill(texts, HostileImages.chunk("zTXt", new byte[] {'k', 0, 0}));
        addImage(
                "a PNG of 33 texts", ViolationCode.DECOMPRESSION_BOMB, HostileImages.png(32, 32, 8, 0, 32 * 33, texts));
        addImage("a JPEG of 101 scans", ViolationCode.DECOMPRESSION_BOMB, HostileImages.jpegWithScans(JPEG, 101));
    }

    private static BufferedImage noise() {
        BufferedImage image = new BufferedImage(320, 240, BufferedImage.TYPE_3BYTE_BGR);
        Random random = new Random(1);
        for (int i = 0; i < 320 * 240; i++) {
            image.setRGB(i % 320, i / 320, random.nextInt());
        }
        return image;
    }

    private static byte[] notDeflated() throws IOException {
        byte[] png = HostileImages.png(32, 32, 8, 0, 0);
        byte[] head = Arrays.copyOf(png, 33);
        byte[] data = HostileImages.chunk("IDAT", "these bytes are no zlib stream at all".getBytes(UTF_8));
        return HostileImages.concat(HostileImages.concat(head, data), HostileImages.chunk("IEND", new byte[0]));
    }

    private void references() throws IOException {
        Path file = Files.write(folder.resolve("frame 1.jpg"), JPEG);
        String uri = file.toUri().toString();
        String sha256 = ImageHash.sha256(ByteBuffer.wrap(JPEG));
        reference("another length", ViolationCode.HASH_MISMATCH, uri, JPEG.length + 1L, sha256);
        reference("another hash", ViolationCode.HASH_MISMATCH, uri, JPEG.length, "00");
        reference("no such file", ViolationCode.MISSING_IMAGE, uri + "x", JPEG.length, sha256);
        reference("a folder", ViolationCode.MISSING_IMAGE, folder.toUri().toString(), JPEG.length, sha256);
        reference("a device", ViolationCode.MISSING_IMAGE, "file:///dev/zero", 100, sha256);
        reference("http", ViolationCode.MISSING_IMAGE, "http://169.254.169.254/latest", 100, sha256);
        reference("s3", ViolationCode.MISSING_IMAGE, "s3://bucket/a.jpg", 100, sha256);
        reference("no URI", ViolationCode.MISSING_IMAGE, "no uri at all", 100, sha256);
        reference("a NUL", ViolationCode.MISSING_IMAGE, "file:///tmp/a%00b", 100, sha256);
        reference("a gigabyte", ViolationCode.MISSING_IMAGE, uri, 1L << 30, sha256);
        reference("a negative length", ViolationCode.MISSING_IMAGE, uri, -1, sha256);
        add("reference, another promise beside it", ViolationCode.HASH_MISMATCH, sample -> {
            sample.setImageBytes(null);
            sample.setImageReference(new ImageReference(uri, (long) JPEG.length, sha256));
            sample.setImageSha256("00");
        });
        Path empty = Files.createFile(folder.resolve("empty.jpg"));
        reference(
                "an empty file",
                ViolationCode.EMPTY_IMAGE,
                empty.toUri().toString(),
                0,
                ImageHash.sha256(ByteBuffer.allocate(0)));
        add("inline", ViolationCode.HASH_MISMATCH, sample -> sample.setImageSha256("00"));
    }

    private void reference(String name, ViolationCode code, String uri, long length, String sha256) {
        add("reference, " + name, code, sample -> {
            sample.setImageBytes(null);
            sample.setImageReference(new ImageReference(uri, length, sha256));
        });
    }

    private void boxes() {
        box(ViolationCode.BOX_NOT_A_NUMBER, "car", Double.NaN, 1, 2, 2);
        box(ViolationCode.BOX_NOT_A_NUMBER, "car", 1, 1, Double.POSITIVE_INFINITY, 2);
        box(ViolationCode.BOX_INVERTED, "car", 10, 1, 5, 2);
        box(ViolationCode.BOX_INVERTED, "car", 1, 10, 5, 2);
        box(ViolationCode.BOX_EMPTY, "car", 1, 1, 1, 2);
        box(ViolationCode.BOX_EMPTY, "car", 1, 2, 5, 2);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", 1, 1, 161.5, 2);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", 1, 1, 2, 121.5);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", -1.5, 1, 2, 2);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", 160, 1, 160.5, 2);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", 1, 120, 2, 120.5);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", -0.5, 1, 0, 2);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", 1, -0.5, 2, 0);
        box(ViolationCode.BOX_OUTSIDE_FRAME, "car", 5000, 5000, Double.MAX_VALUE, Double.MAX_VALUE);
        box(ViolationCode.UNKNOWN_BOX_CATEGORY, "cra", 1, 1, 2, 2);
        box(ViolationCode.UNKNOWN_BOX_CATEGORY, "", 1, 1, 2, 2);
        Box twice = new Box("car", 1.0, 1.0, 2.0, 2.0);
        add(
                "the third is the first",
                ViolationCode.BOX_DUPLICATE,
                sample -> sample.setBoxes(List.of(twice, new Box("person", 1.0, 1.0, 2.0, 2.0), twice)));
    }

    private void box(ViolationCode code, String category, double x1, double y1, double x2, double y2) {
        Box box = new Box(category, x1, y1, x2, y2);
        add(box.toString(), code, sample -> sample.setBoxes(List.of(box)));
    }

    private void attributes() {
        for (String name : List.of("weather", "scene", "timeofday")) {
            add(name, ViolationCode.ATTRIBUTE_NOT_IN_VOCABULARY, sample -> sample.setAttributes(Map.of(name, "Clear")));
        }
        add(
                "daytime, black",
                ViolationCode.ATTRIBUTE_CONTRADICTS_PIXELS,
                sample -> image(sample, HostileImages.flatJpeg(100, 100)));
    }

    private void telemetry() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            add(
                    "speed " + value,
                    ViolationCode.TELEMETRY_NOT_FINITE,
                    sample -> sample.setTelemetry(Map.of("speed", value, "yaw-rate", 0.1)));
        }
        Map<String, Double> many = new HashMap<>();
        for (int i = 0; i <= 100; i++) {
            many.put("number-" + i, 1.0);
        }
        add("telemetry of 101 numbers", ViolationCode.RECORD_TOO_LARGE, sample -> sample.setTelemetry(many));
    }

    private void addImage(String name, ViolationCode code, byte[] image) {
        add(name, code, sample -> image(sample, image));
    }

    private void add(String name, ViolationCode code, Consumer<LabeledSample> change) {
        add(name, code, Wire.encode(good(change)));
    }

    private void add(String name, ViolationCode code, byte[] value) {
        cases.add(new Case(name, code, value));
    }

    private static LabeledSample good(Consumer<LabeledSample> change) {
        LabeledSample sample = TestSamples.sample("drive-1", 4, Domain.SOURCE, JPEG);
        change.accept(sample);
        return sample;
    }

    private static LabeledSample image(LabeledSample sample, byte[] image) {
        sample.setImageBytes(ByteBuffer.wrap(image));
        return sample;
    }

    private static void notDaytime(LabeledSample sample) {
        sample.setAttributes(Map.of());
    }

    private List<Violation> inspect(byte[] value) {
        RawRecord raw = new RawRecord("samples.raw", 1, 42, 1000, "key".getBytes(UTF_8), value, List.of());
        return rules.inspect(raw, NOW).violations();
    }
}
