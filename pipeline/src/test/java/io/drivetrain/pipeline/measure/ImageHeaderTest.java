package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageHeaderTest {
    private static final byte[] JPEG = TestSamples.jpeg(120, 80, 1);
    private static final byte[] PNG = TestSamples.png(33, 21, 1, BufferedImage.TYPE_INT_ARGB);

    @Test
    void sizesAreReadFromTheHeaderAlone() {
        assertThat(read(JPEG)).isInstanceOfSatisfying(ImageHeader.Readable.class, header -> {
            assertThat(header.format()).isEqualTo(ImageHeader.Format.JPEG);
            assertThat(header.width()).isEqualTo(120);
            assertThat(header.height()).isEqualTo(80);
            assertThat(read(Arrays.copyOf(JPEG, header.frameOffset() + 9))).isEqualTo(header);
        });
        assertThat(read(Arrays.copyOf(PNG, 33)))
                .isEqualTo(new ImageHeader.Readable(ImageHeader.Format.PNG, 33, 21, 12));
    }

    @Test
    void aSliceOfALargerArrayIsReadFromItsOwnStart() {
        byte[] padded = new byte[JPEG.length + 20];
        System.arraycopy(JPEG, 0, padded, 7, JPEG.length);
        assertThat(ImageHeader.read(ByteBuffer.wrap(padded, 7, JPEG.length))).isEqualTo(read(JPEG));
    }

    @Test
    void whatIsNoImageSaysSo() {
        assertThat(read(new byte[0])).isEqualTo(new ImageHeader.Unreadable("the image is empty"));
        assertThat(read("GIF89a of old".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo(new ImageHeader.Unreadable("it is neither a JPEG nor a PNG"));
        assertThat(read(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF})).isInstanceOf(ImageHeader.Unreadable.class);
    }

    @Test
    void sizesOfZeroOrBeyondAnIntAreUnreadable() {
        byte[] png = PNG.clone();
        ByteBuffer.wrap(png).putInt(16, 0);
        assertThat(read(png)).isEqualTo(new ImageHeader.Unreadable("the PNG says it is 0 x 21 pixels"));
        ByteBuffer.wrap(png).putInt(16, -1);
        assertThat(read(png)).isEqualTo(new ImageHeader.Unreadable("the PNG says it is 4294967295 x 21 pixels"));
    }

    @Test
    void wholeImagesAreNotTruncatedAndEveryPrefixOfOneIs() {
        for (byte[] image : new byte[][] {JPEG, PNG}) {
            ImageHeader.Readable header = (ImageHeader.Readable) read(image);
            assertThat(ImageHeader.truncation(ByteBuffer.wrap(image), header)).isEmpty();
            for (int length = header.frameOffset() + 21; length < image.length; length++) {
                assertThat(ImageHeader.truncation(ByteBuffer.wrap(image, 0, length), header))
                        .as("%s of %d bytes", header.format(), length)
                        .isPresent();
            }
        }
    }

    @Test
    void bytesBehindTheEndAreAllowed() {
        byte[] padded = Arrays.copyOf(JPEG, JPEG.length + 100);
        assertThat(ImageHeader.truncation(ByteBuffer.wrap(padded), (ImageHeader.Readable) read(JPEG)))
                .isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void noBytesMakeItThrow(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] source = random.nextBoolean() ? JPEG : PNG;
            byte[] bytes = Arrays.copyOf(source, random.nextInt(Math.min(source.length, 200)));
            for (int flips = random.nextInt(6); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (read(bytes) instanceof ImageHeader.Readable header) {
                assertThat(header.width()).isPositive();
                assertThat(header.height()).isPositive();
                assertThat(ImageHeader.truncation(ByteBuffer.wrap(bytes), header))
                        .isNotNull();
            }
        }
    }

    private static ImageHeader read(byte[] bytes) {
        return ImageHeader.read(ByteBuffer.wrap(bytes));
    }
}
