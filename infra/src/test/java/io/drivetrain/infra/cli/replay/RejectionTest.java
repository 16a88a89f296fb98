package io.drivetrain.infra.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectionTest {
    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    @TempDir
    private Path folder;

    private static Rejection rejection(long offset, byte[] value, List<RawHeader> headers, String... codes) {
        return new Rejection(new RejectedSample(
                new Origin("samples.raw", 3, offset, START),
                null,
                ByteBuffer.wrap(value),
                headers,
                "drive-1/" + offset,
                "drive-1",
                Stream.of(codes)
                        .map(code -> new Violation(code, "field", "value", code + " at " + offset + "; mend it"))
                        .toList(),
                START.plusSeconds(offset)));
    }

    private static RejectionFilter filter(Set<String> codes, Instant since, Instant until, String place) {
        return new RejectionFilter(
                codes,
                Optional.empty(),
                Optional.empty(),
                Optional.ofNullable(since),
                Optional.ofNullable(until),
                Optional.ofNullable(place));
    }

    @Test
    void aFilterTakesAnyOfItsCodesWithinItsTimes() {
        Rejection both = rejection(5, new byte[1], List.of(), "a", "b");
        assertThat(filter(Set.of(), null, null, null).takes(both)).isTrue();
        assertThat(filter(Set.of("b", "c"), null, null, null).takes(both)).isTrue();
        assertThat(filter(Set.of("c"), null, null, null).takes(both)).isFalse();
        assertThat(filter(Set.of(), START.plusSeconds(5), START.plusSeconds(6), null)
                        .takes(both))
                .isTrue();
        assertThat(filter(Set.of(), START.plusSeconds(6), null, null).takes(both))
                .isFalse();
        assertThat(filter(Set.of(), null, START.plusSeconds(5), null).takes(both))
                .isFalse();
        assertThat(filter(Set.of(), null, null, "samples.raw-3@5").takes(both)).isTrue();
        assertThat(filter(Set.of(), null, null, "samples.raw-3@6").takes(both)).isFalse();
    }

    @Test
    void aSummaryCountsEachCodeOfASampleAndKeepsTheNewestOnly() {
        RejectionSummary summary = new RejectionSummary(2);
        // Partitions are read side by side.
        summary.add(rejection(4, new byte[1], List.of(), "b"));
        summary.add(rejection(1, new byte[1], List.of(), "a"));
        summary.add(rejection(3, new byte[1], List.of(), "b", "b"));
        summary.add(rejection(2, new byte[1], List.of(), "a", "b"));

        assertThat(summary.samples()).isEqualTo(4);
        assertThat(summary.codes())
                .extracting(RejectionSummary.Code::code, RejectionSummary.Code::samples)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("b", 3L), org.assertj.core.groups.Tuple.tuple("a", 2L));
        assertThat(summary.codes().get(0).example()).isEqualTo("b at 4; mend it");
        assertThat(summary.codes().get(1).first()).isEqualTo(START.plusSeconds(1));
        assertThat(summary.newest()).extracting(Rejection::place).containsExactly("samples.raw-3@4", "samples.raw-3@3");
    }

    @Test
    void aRecordThatWasSentAgainNamesTheFirst() {
        RawHeader header =
                new RawHeader(Rejection.REPLAY_OF, ByteBuffer.wrap("samples.raw-0@7".getBytes(StandardCharsets.UTF_8)));
        assertThat(rejection(9, new byte[1], List.of(header), "a").replayOf()).hasValue("samples.raw-0@7");
        assertThat(rejection(9, new byte[1], List.of(), "a").replayOf()).isEmpty();
    }

    @Test
    void picturesThatCanBeShownBecomeThumbnailsAndTheRestIsCounted() throws IOException {
        Thumbnails thumbnails = new Thumbnails(folder.resolve("new"), 64);
        thumbnails.add(rejection(1, sample(png(400, 200)), List.of(), "unknown-class"));
        thumbnails.add(rejection(2, sample(new byte[] {1, 2, 3}), List.of(), "undecodable-image"));
        thumbnails.add(rejection(3, "no record".getBytes(StandardCharsets.UTF_8), List.of(), "undecodable-record"));

        assertThat(thumbnails.finish())
                .isEqualTo("1 thumbnails and a sheet in %s; 2 samples have no picture that can be shown"
                        .formatted(folder.resolve("new/sheet.png")));
        BufferedImage small =
                ImageIO.read(folder.resolve("new/samples.raw-3@1.png").toFile());
        assertThat(small.getWidth()).isEqualTo(64);
        assertThat(small.getHeight()).isEqualTo(32);
        assertThat(small.getRGB(32, 16) & 0xFFFFFF).isEqualTo(0x204080);
        try (Stream<Path> files = Files.list(folder.resolve("new"))) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void ofTheNewestNoImagesAreKeptInMemory() {
        RejectionSummary summary = new RejectionSummary(5);
        summary.add(rejection(1, new byte[1 << 20], List.of(), "a"));
        assertThat(summary.newest()).singleElement().satisfies(kept -> {
            assertThat(kept.sample().getValue()).isNull();
            assertThat(kept.codes()).containsExactly("a");
        });
    }

    @Test
    void largeThumbnailsMakeASheetOfTheFirstThatFitIntoMemory() throws IOException {
        Thumbnails thumbnails = new Thumbnails(folder.resolve("large"), 4096);
        for (int i = 0; i < 20; i++) {
            thumbnails.add(rejection(i, sample(png(40, 20)), List.of(), "unknown-class"));
        }
        assertThat(thumbnails.finish()).startsWith("20 thumbnails and a sheet of the first 1 of 20 samples in");
    }

    @Test
    void aPictureWithARowOfSixtyMillionPixelsIsNotDecoded() throws IOException {
        Thumbnails thumbnails = new Thumbnails(folder.resolve("wide"), 64);
        byte[] wide = png(40, 1);
        ByteBuffer.wrap(wide).putInt(16, 60_000_000).put(24, (byte) 16).put(25, (byte) 6);
        CRC32 crc = new CRC32();
        crc.update(wide, 12, 17);
        ByteBuffer.wrap(wide).putInt(29, (int) crc.getValue());
        thumbnails.add(rejection(1, sample(wide), List.of(), "image-too-large"));
        assertThat(thumbnails.finish()).contains("0 thumbnails", "1 samples have no picture");
    }

    private static byte[] sample(byte[] image) {
        return Wire.encode(new LabeledSample(
                "drive-1/1",
                "drive-1",
                1,
                START,
                Domain.SOURCE,
                "cyclist",
                List.of(),
                Map.of(),
                "test",
                ByteBuffer.wrap(image),
                null,
                null,
                Map.of(),
                0));
    }

    private static byte[] png(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, 0x204080);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
