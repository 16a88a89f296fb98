package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {

    @ParameterizedTest(name = "orientation {0}")
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void theSizeIsThatOfThePictureThatTheDecoderMakes(int orientation) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            check(jpeg(TestSamples.jpeg(120, 80, 1), orientation, order), "a JPEG, " + order);
            check(
                    png(TestSamples.png(120, 80, 1, BufferedImage.TYPE_3BYTE_BGR), orientation, order),
                    "a PNG, " + order);
        }
    }

    @Test
    void onItsSideAreTheLastFourOfAJpeg() {
        for (int orientation = 1; orientation <= 8; orientation++) {
            byte[] image = jpeg(TestSamples.jpeg(120, 80, 1), orientation, ByteOrder.BIG_ENDIAN);
            ImageHeader.Readable header = (ImageHeader.Readable) ImageHeader.read(ByteBuffer.wrap(image));
            assertThat(Orientation.onItsSide(ByteBuffer.wrap(image), header)).isEqualTo(orientation >= 5);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void damageNeverThrows(long seed) {
        Random random = new Random(seed);
        byte[][] images = {
            jpeg(TestSamples.jpeg(20, 10, 1), 6, ByteOrder.BIG_ENDIAN),
            png(TestSamples.png(20, 10, 1, BufferedImage.TYPE_3BYTE_BGR), 6, ByteOrder.LITTLE_ENDIAN)
        };
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = images[i % 2].clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                damaged[random.nextInt(Math.min(80, damaged.length))] = (byte) random.nextInt();
            }
            ByteBuffer image = ByteBuffer.wrap(Arrays.copyOf(damaged, 20 + random.nextInt(damaged.length - 20)));
            if (ImageHeader.read(image) instanceof ImageHeader.Readable header) {
                ImageHeader.displayed(image, header);
                ImageHeader.grey(image, header);
            }
        }
    }

    private static void check(byte[] image, String what) {
        ByteBuffer bytes = ByteBuffer.wrap(image);
        ImageHeader.Readable header = (ImageHeader.Readable) ImageHeader.read(bytes);
        ImageHeader.Readable shown = ImageHeader.displayed(bytes, header);
        try (ReducedDecoder decoder = new ReducedDecoder(80, 80)) {
            assertThat(decoder.decode(bytes, header)).as(what).isInstanceOf(ReducedDecoder.Pixels.class);
            assertThat(decoder.picture().width()).as(what).isEqualTo(shown.width());
            assertThat(decoder.picture().height()).as(what).isEqualTo(shown.height());
        }
    }

    static byte[] jpeg(byte[] image, int orientation, ByteOrder order) {
        byte[] tiff = tiff(orientation, order);
        return ByteBuffer.allocate(image.length + 10 + tiff.length)
                .put(image, 0, 2)
                .putShort((short) 0xFFE1)
                .putShort((short) (8 + tiff.length))
                .putInt(0x45786966)
                .putShort((short) 0)
                .put(tiff)
                .put(image, 2, image.length - 2)
                .array();
    }

    private static byte[] png(byte[] image, int orientation, ByteOrder order) {
        byte[] tiff = tiff(orientation, order);
        byte[] chunk = ByteBuffer.allocate(4 + tiff.length)
                .putInt(0x65584966)
                .put(tiff)
                .array();
        CRC32 check = new CRC32();
        check.update(chunk);
        return ByteBuffer.allocate(image.length + 8 + chunk.length)
                .put(image, 0, 33)
                .putInt(tiff.length)
                .put(chunk)
                .putInt((int) check.getValue())
                .put(image, 33, image.length - 33)
                .array();
    }

    private static byte[] tiff(int orientation, ByteOrder order) {
        return ByteBuffer.allocate(26)
                .order(order)
                .putShort((short) (order == ByteOrder.LITTLE_ENDIAN ? 0x4949 : 0x4D4D))
                .putShort((short) 42)
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }
}
