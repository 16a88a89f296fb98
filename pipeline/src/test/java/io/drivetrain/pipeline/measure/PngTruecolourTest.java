package io.drivetrain.pipeline.measure;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the decoder makes of an image, against libpng in OpenCV. */
class PngTruecolourTest {
    private static final byte[] IHDR_REST = {8, 2, 0, 0, 0};

    private final PngTruecolour decoder = new PngTruecolour();

    @AfterEach
    void close() {
        decoder.close();
    }

    @ParameterizedTest(name = "{0} x {1}, filter {2}, level {3}, {4} bytes a chunk")
    @CsvSource({
        "64,36,0,6,100000",
        "64,36,1,6,100000",
        "64,36,2,6,100000",
        "64,36,3,6,100000",
        "64,36,4,6,100000",
        "64,36,-1,6,100000",
        "64,36,-1,9,1",
        "64,36,-1,0,100000",
        "1,1,-1,6,100000",
        "1,200,-1,6,100000",
        "200,1,-1,6,7",
        "333,217,-1,1,1000",
        "640,360,-1,9,8192",
    })
    void pixelsAreThoseOfLibpng(int width, int height, int filter, int level, int chunk) {
        SplittableRandom random = new SplittableRandom(width * 31L + height + filter);
        byte[] png = png(width, height, deflated(lines(width, height, filter, random), level), chunk);
        assertThat(decode(png, width, height)).isTrue();
        assertThat(Arrays.copyOf(decoder.rgb(), 3 * width * height)).isEqualTo(ofOpenCv(png, width, height));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsDamagedUnderRightChecksumsIsLeftToLibpngOrHasItsPixels(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] data = deflated(lines(24, 18, -1, random), 6);
        int left = 0;
        int taken = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = data.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            byte[] png = png(24, 18, random.nextInt(10) == 0 ? data : damaged, 1 + random.nextInt(400));
            if (decode(png, 24, 18)) {
                taken++;
                assertThat(Arrays.copyOf(decoder.rgb(), 3 * 24 * 18)).isEqualTo(ofOpenCv(png, 24, 18));
            } else {
                left++;
            }
        }
        assertThat(taken).isGreaterThan(100);
        assertThat(left).isGreaterThan(100);
    }

    @Test
    void everyByteOfAFileCounts() {
        byte[] png = png(24, 18, deflated(lines(24, 18, -1, new SplittableRandom(5)), 6), 300);
        for (int at = 8; at < png.length; at++) {
            byte[] damaged = png.clone();
            damaged[at] ^= 0x10;
            assertThat(decode(damaged, 24, 18)).as("byte %d", at).isFalse();
            assertThat(decode(Arrays.copyOf(png, at), 24, 18))
                    .as("cut to %d", at)
                    .isFalse();
        }
        assertThat(decode(png, 24, 18)).isTrue();
    }

    @Test
    void moreOrFewerLinesThanTheHeaderSaysAreLeft() {
        byte[] data = deflated(lines(24, 18, 0, new SplittableRandom(6)), 6);
        assertThat(decode(png(24, 17, data, 300), 24, 17)).isFalse();
        assertThat(decode(png(24, 19, data, 300), 24, 19)).isFalse();
        byte[] longer = Arrays.copyOf(data, data.length + 1);
        assertThat(decode(png(24, 18, longer, 300), 24, 18)).isFalse();
    }

    @Test
    void anUnknownFilterIsLeft() {
        assertThat(decode(png(24, 18, deflated(lines(24, 18, 5, new SplittableRandom(7)), 6), 300), 24, 18))
                .isFalse();
    }

    @Test
    void chunksThatMaySayMoreAboutThePixelsAreLeft() {
        byte[] data = deflated(lines(24, 18, 0, new SplittableRandom(8)), 6);
        for (String type : new String[] {"tRNS", "eXIf", "acTL", "PLTE", "abCD"}) {
            byte[] png = png(24, 18, data, 300, type, new byte[6]);
            assertThat(decode(png, 24, 18)).as(type).isFalse();
        }
        assertThat(decode(png(24, 18, data, 300, "tEXt", "n\0text".getBytes(US_ASCII)), 24, 18))
                .isTrue();
    }

    @Test
    void aWindowSmallerThanTheImageIsLeft() {
        byte[] data = deflated(lines(24, 18, 0, new SplittableRandom(9)), 6);
        // 256 bytes; the lowest five bits make the two bytes a multiple of 31.
        data[0] = 0x08;
        data[1] = 0x1D;
        assertThat(decode(png(24, 18, data, 300), 24, 18)).isFalse();
    }

    private boolean decode(byte[] png, int width, int height) {
        // Somewhere in a larger array, as in a record of Kafka.
        ByteBuffer held = ByteBuffer.allocate(png.length + 20);
        held.position(7);
        held.put(png).flip().position(7);
        return decoder.decode(held, new ImageHeader.Readable(ImageHeader.Format.PNG, width, height, 12));
    }

    private static byte[] ofOpenCv(byte[] png, int width, int height) {
        try (BytePointer encoded = new BytePointer(png);
                Mat bytes = new Mat(1, png.length, org.bytedeco.opencv.global.opencv_core.CV_8U, encoded);
                Mat decoded = imdecode(bytes, IMREAD_COLOR)) {
            assertThat(decoded.cols()).isEqualTo(width);
            assertThat(decoded.rows()).isEqualTo(height);
            byte[] pixels = new byte[3 * width * height];
            decoded.data().get(pixels);
            for (int i = 0; i < pixels.length; i += 3) {
                byte blue = pixels[i];
                pixels[i] = pixels[i + 2];
                pixels[i + 2] = blue;
            }
            return pixels;
        }
    }

    /** Lines of anything that rises slowly, with a filter before each; -1 for any of the five. */
    private static byte[] lines(int width, int height, int filter, SplittableRandom random) {
        byte[] lines = new byte[height * (1 + 3 * width)];
        for (int y = 0, at = 0; y < height; y++) {
            lines[at++] = (byte) (filter < 0 ? random.nextInt(5) : filter);
            for (int x = 0; x < 3 * width; x++) {
                lines[at++] = (byte) (x / 2 + 3 * y + random.nextInt(9));
            }
        }
        return lines;
    }

    private static byte[] deflated(byte[] lines, int level) {
        Deflater deflater = new Deflater(level);
        deflater.setInput(lines);
        deflater.finish();
        byte[] out = new byte[2 * lines.length + 100];
        int length = deflater.deflate(out);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    private static byte[] png(int width, int height, byte[] data, int chunk) {
        return png(width, height, data, chunk, "tIME", new byte[] {7, (byte) 0xE9, 1, 1, 1, 1, 1});
    }

    private static byte[] png(int width, int height, byte[] data, int chunk, String type, byte[] more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(8).putLong(0x89504E470D0A1A0AL).array());
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(IHDR_REST);
        out.writeBytes(chunk("IHDR", header.array()));
        out.writeBytes(chunk(type, more));
        for (int at = 0; at < data.length; at += chunk) {
            out.writeBytes(chunk("IDAT", Arrays.copyOfRange(data, at, Math.min(data.length, at + chunk))));
        }
        out.writeBytes(chunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    private static byte[] chunk(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length);
        chunk.put(type.getBytes(US_ASCII)).put(data);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) crc.getValue()).array();
    }
}
