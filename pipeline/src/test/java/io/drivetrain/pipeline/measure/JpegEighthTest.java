package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.drivetrain.pipeline.SharedFolder;
import io.drivetrain.pipeline.TestSamples;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the decoder makes of an image, against libjpeg-turbo at the same scale. */
class JpegEighthTest {
    private static final int FOUR_TWO_ZERO = 0x221111;
    private static final int FOUR_TWO_TWO = 0x211111;
    private static final int FOUR_FOUR_FOUR = 0x111111;
    private static final int FOUR_FOUR_ZERO = 0x121111;

    private final JpegEighth decoder = new JpegEighth();

    @ParameterizedTest(name = "{0} x {1}, quality {2}, sampling {3}, restarts {4}, seed {5}")
    @CsvSource({
        "1280,720,85,420,0,1",
        "1280,720,100,420,0,2",
        "1280,720,5,420,0,3",
        "1279,717,90,420,0,4",
        "641,359,90,422,0,5",
        "640,360,75,422,0,6",
        "333,517,95,444,0,7",
        "640,360,85,420,7,8",
        "17,9,85,420,1,9",
        "8,8,85,444,0,10",
    })
    void pixelsAreThoseOfLibjpegToTheLastBit(
            int width, int height, int quality, int sampling, int restarts, long seed) {
        int factor = switch (sampling) {
            case 420 -> FOUR_TWO_ZERO;
            case 422 -> FOUR_TWO_TWO;
            default -> FOUR_FOUR_FOUR;
        };
        byte[] image = encode(
                noisy(width, height, seed),
                IMWRITE_JPEG_QUALITY,
                quality,
                IMWRITE_JPEG_SAMPLING_FACTOR,
                factor,
                IMWRITE_JPEG_RST_INTERVAL,
                restarts);

        assertThat(decoder.decode(ByteBuffer.wrap(image))).isTrue();
        assertEqualToLibjpeg(image);
    }

    @Test
    void greyAndOptimisedImagesAreDecodedToo() {
        byte[] grey = TestSamples.encode(TestSamples.picture(203, 99, 5, BufferedImage.TYPE_BYTE_GRAY), "jpg");
        assertThat(decoder.decode(ByteBuffer.wrap(grey))).isTrue();
        assertEqualToLibjpeg(grey);

        byte[] optimised = encode(noisy(640, 360, 3), IMWRITE_JPEG_OPTIMIZE, 1, IMWRITE_JPEG_QUALITY, 97);
        assertThat(decoder.decode(ByteBuffer.wrap(optimised))).isTrue();
        assertEqualToLibjpeg(optimised);
    }

    @Test
    void whatItDoesNotKnowItLeavesToOthers() {
        byte[] progressive = encode(noisy(640, 360, 3), IMWRITE_JPEG_PROGRESSIVE, 1);
        byte[] tall = encode(noisy(640, 360, 3), IMWRITE_JPEG_SAMPLING_FACTOR, FOUR_FOUR_ZERO);

        assertThat(decoder.decode(ByteBuffer.wrap(progressive))).isFalse();
        assertThat(decoder.decode(ByteBuffer.wrap(tall))).isFalse();
    }

    @Test
    void noDamageMakesItFailOrHangAndACutIsAlwaysSeen() {
        byte[] image = encode(noisy(320, 180, 11), IMWRITE_JPEG_QUALITY, 80);
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = image.clone();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                damaged[random.nextInt(2, damaged.length)] = (byte) random.nextInt(256);
            }
            refused += decoder.decode(ByteBuffer.wrap(damaged)) ? 0 : 1;
            int cut = random.nextInt(2, image.length - 1);
            assertThat(decoder.decode(ByteBuffer.wrap(image, 0, cut))).isFalse();
        }
        // A flipped bit often leaves valid codes; what is sure is that many do not.
        assertThat(refused).isBetween(500, 3000);
        assertThat(decoder.decode(ByteBuffer.wrap(image))).isTrue();
        assertEqualToLibjpeg(image);
    }

    @Test
    void realImagesEqualLibjpegToo() throws IOException {
        Path folder = SharedFolder.find("data").orElse(null);
        assumeTrue(folder != null, "skipped: there is no ../shared/data here");
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(path -> path.toString().matches(".*\\.jpe?g"))
                    .sorted()
                    .toList();
        }
        int decoded = 0;
        for (Path file : files) {
            byte[] image = Files.readAllBytes(file);
            if (decoder.decode(ByteBuffer.wrap(image))) {
                assertEqualToLibjpeg(image);
                decoded++;
            }
        }
        System.out.printf("decoded %d of %d real JPEGs, all as libjpeg does%n", decoded, files.size());
        assertThat(decoded).isPositive();
    }

    private void assertEqualToLibjpeg(byte[] image) {
        try (BytePointer encoded = new BytePointer(image);
                Mat input = new Mat(1, image.length, org.bytedeco.opencv.global.opencv_core.CV_8U, encoded);
                Mat expected = imdecode(input, IMREAD_REDUCED_COLOR_8)) {
            assertThat(decoder.columns()).isEqualTo(expected.cols());
            assertThat(decoder.rows()).isEqualTo(expected.rows());
            byte[] pixels = new byte[3 * expected.cols() * expected.rows()];
            expected.data().get(pixels);
            assertThat(java.util.Arrays.copyOf(decoder.bgr(), pixels.length)).isEqualTo(pixels);
        }
    }

    private static byte[] encode(BufferedImage image, int... parameters) {
        byte[] png = TestSamples.encode(image, "png");
        try (BytePointer bytes = new BytePointer(png);
                Mat input = new Mat(1, png.length, org.bytedeco.opencv.global.opencv_core.CV_8U, bytes);
                Mat mat = imdecode(input, org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR);
                BytePointer out = new BytePointer();
                IntPointer settings = new IntPointer(parameters)) {
            imencode(".jpg", mat, out, settings);
            byte[] encoded = new byte[(int) out.limit()];
            out.get(encoded);
            return encoded;
        }
    }

    private static BufferedImage noisy(int width, int height, long seed) {
        BufferedImage image = TestSamples.picture(width, height, seed, BufferedImage.TYPE_3BYTE_BGR);
        SplittableRandom random = new SplittableRandom(seed);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = image.getRGB(x, y);
                int noise = random.nextInt(96) * 0x010101 & random.nextInt();
                image.setRGB(x, y, rgb ^ noise);
            }
        }
        return image;
    }
}
