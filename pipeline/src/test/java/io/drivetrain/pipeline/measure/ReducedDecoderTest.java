package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReducedDecoderTest {
    private static final int SIDE = 64;

    private final ReducedDecoder decoder = new ReducedDecoder(SIDE, SIDE);

    @AfterEach
    void close() {
        decoder.close();
    }

    @ParameterizedTest(name = "{0} x {1} is decoded at 1/{2}")
    @CsvSource({
        "1280,720,8",
        "640,360,4",
        "512,512,8",
        "511,512,8",
        "504,512,4",
        "128,128,2",
        "127,120,1",
        "64,64,1",
        "32,32,1"
    })
    void theSmallestScaleThatCoversTheTrainingSizeIsChosen(int width, int height, int reduction) {
        ImageHeader.Readable header = new ImageHeader.Readable(ImageHeader.Format.JPEG, width, height, 0);
        int least = Math.min((width + reduction - 1) / reduction, (height + reduction - 1) / reduction);
        assertThat(decoder.reduction(header)).isEqualTo(reduction);
        assertThat(least >= SIDE || reduction == 1).isTrue();
    }

    @ParameterizedTest(name = "image type {0}")
    @ValueSource(
            ints = {
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_BYTE_INDEXED,
            })
    void colourIsKeptInTheOrderRedGreenBlue(int imageType) {
        byte[] chw = pixels(TestSamples.encode(halves(imageType), "png"));
        assertThat(rgb(chw, 10, 32)).containsExactly(255, 0, 0);
        assertThat(rgb(chw, 50, 32)).containsExactly(0, 0, 255);
    }

    @Test
    void jpegColoursAreKeptInTheSameOrder() {
        byte[] chw = pixels(TestSamples.encode(halves(BufferedImage.TYPE_3BYTE_BGR), "jpg"));
        assertThat(rgb(chw, 10, 32)[0]).isGreaterThan(240);
        assertThat(rgb(chw, 10, 32)[2]).isLessThan(15);
        assertThat(rgb(chw, 50, 32)[2]).isGreaterThan(240);
    }

    @Test
    void greyImagesBecomeThreeEqualPlanes() {
        byte[] chw = pixels(TestSamples.png(100, 90, 5, BufferedImage.TYPE_BYTE_GRAY));
        byte[] red = Arrays.copyOfRange(chw, 0, SIDE * SIDE);
        assertThat(Arrays.copyOfRange(chw, SIDE * SIDE, 2 * SIDE * SIDE)).isEqualTo(red);
        assertThat(Arrays.copyOfRange(chw, 2 * SIDE * SIDE, 3 * SIDE * SIDE)).isEqualTo(red);
    }

    @Test
    void reducedDecodingIsCloseToAveragingTheFullImage() {
        BufferedImage picture = TestSamples.picture(1280, 720, 9, BufferedImage.TYPE_3BYTE_BGR);
        byte[] reduced = pixels(TestSamples.encode(picture, "jpg"));
        byte[] exact = pixels(TestSamples.encode(picture, "png"));
        double difference = 0;
        for (int i = 0; i < exact.length; i++) {
            difference += Math.abs((reduced[i] & 0xFF) - (exact[i] & 0xFF));
        }
        assertThat(difference / exact.length).isLessThan(3);
    }

    @Test
    void truncatedImagesAreUndecodableNotGrey() {
        for (byte[] image :
                new byte[][] {TestSamples.jpeg(640, 360, 3), TestSamples.png(200, 100, 3, BufferedImage.TYPE_3BYTE_BGR)
                }) {
            for (int percent = 30; percent < 100; percent += 10) {
                assertThat(decode(Arrays.copyOf(image, image.length * percent / 100)))
                        .isInstanceOf(ReducedDecoder.Undecodable.class);
            }
        }
    }

    @Test
    void damagedPngDataIsUndecodable() {
        byte[] png = TestSamples.png(200, 100, 3, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = png.length / 2; i < png.length / 2 + 8; i++) {
            png[i] ^= 0x55;
        }
        assertThat(decode(png)).isInstanceOf(ReducedDecoder.Undecodable.class);
    }

    @Test
    void aHeaderThatPromisesAnotherSizeThanTheDataIsNoPicture() {
        byte[] png = TestSamples.png(100, 90, 5, BufferedImage.TYPE_3BYTE_BGR);
        ImageHeader.Readable lie = new ImageHeader.Readable(ImageHeader.Format.PNG, 100, 80, 12);
        assertThat(decoder.decode(ByteBuffer.wrap(png), lie))
                .isEqualTo(
                        new ReducedDecoder.Undecodable("the header says 100 x 80 pixels, the data holds another size"));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void damageAnywhereNeverThrowsAndLeavesTheDecoderUsable(long seed) {
        Random random = new Random(seed);
        byte[] image = TestSamples.jpeg(200, 150, 4);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = image.clone();
            for (int flips = 0; flips < 5; flips++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            ImageHeader header = ImageHeader.read(ByteBuffer.wrap(damaged));
            if (header instanceof ImageHeader.Readable readable
                    && (long) readable.width() * readable.height() < 1_000_000) {
                assertThat(decoder.decode(ByteBuffer.wrap(damaged), readable)).isNotNull();
            }
        }
        assertThat(decode(image)).isInstanceOf(ReducedDecoder.Pixels.class);
    }

    private static BufferedImage halves(int imageType) {
        BufferedImage image = new BufferedImage(256, 256, imageType);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillRect(0, 0, 128, 256);
        graphics.setColor(Color.BLUE);
        graphics.fillRect(128, 0, 128, 256);
        graphics.dispose();
        return image;
    }

    private ReducedDecoder.Decoding decode(byte[] image) {
        ImageHeader header = ImageHeader.read(ByteBuffer.wrap(image));
        assertThat(header).isInstanceOf(ImageHeader.Readable.class);
        return decoder.decode(ByteBuffer.wrap(image), (ImageHeader.Readable) header);
    }

    private byte[] pixels(byte[] image) {
        ReducedDecoder.Decoding decoding = decode(image);
        assertThat(decoding).isInstanceOf(ReducedDecoder.Pixels.class);
        byte[] chw = ((ReducedDecoder.Pixels) decoding).chw();
        assertThat(chw).hasSize(3 * SIDE * SIDE);
        return chw;
    }

    private static int[] rgb(byte[] chw, int x, int y) {
        int i = y * SIDE + x;
        return new int[] {chw[i] & 0xFF, chw[SIDE * SIDE + i] & 0xFF, chw[2 * SIDE * SIDE + i] & 0xFF};
    }
}
