package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;

import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.pipeline.measure.ReducedDecoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JpegSegmentsTest {
    private static final int[] SAMPLING = {0x411111, 0x221111, 0x211111, 0x121111, 0x111111};

    private final JpegEntropy entropy = new JpegEntropy();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void whatLibjpegWritesIsNeverDamaged(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] jpeg = encode(random, 1 + random.nextInt(200), 1 + random.nextInt(200), random.nextInt(20));
            assertThat(read(jpeg, true)).satisfies(reading -> {
                assertThat(reading.damage()).isEmpty();
                assertThat(reading.impossible()).isFalse();
                assertThat(reading.scans()).isBetween(1, 20);
            });
        }
    }

    @Test
    void aLostRestartIntervalIsFoundByItsMarkers() {
        byte[] jpeg = encode(new Random(4), 200, 160, 3);
        int first = restart(jpeg, 0xD2);
        int second = restart(jpeg, 0xD3);
        byte[] lost = HostileImages.concat(Arrays.copyOf(jpeg, first), Arrays.copyOfRange(jpeg, second, jpeg.length));
        assertThat(read(lost, false).damage())
                .hasValueSatisfying(damage -> assertThat(damage).contains("is number 3, expected is 2"));
        byte[] swapped = jpeg.clone();
        swapped[first + 1] = (byte) 0xD5;
        assertThat(read(swapped, false).damage()).isPresent();
    }

    @Test
    void lostDataIsFoundByItsCodes() {
        byte[] jpeg = encode(new Random(5), 200, 160, 0);
        int half = jpeg.length / 2;
        byte[] lost =
                HostileImages.concat(Arrays.copyOf(jpeg, half), Arrays.copyOfRange(jpeg, half + 500, jpeg.length));
        assertThat(read(lost, true).damage()).isPresent();
    }

    /** What makes it right to leave the markers alone where the decoder has found every code right. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {6, 7, 8})
    void whatDecodesCodeByCodeHasNoDamageThatMarkersOrCodesWouldShow(long seed) {
        Random random = new Random(seed);
        int decodedDamage = 0;
        int refused = 0;
        try (ReducedDecoder decoder = new ReducedDecoder(8, 8)) {
            for (int i = 0; i < 1000; i++) {
                byte[] jpeg = encode(random, 64 + random.nextInt(100), 64 + random.nextInt(100), random.nextInt(5));
                byte[] damaged = damaged(jpeg, random);
                ByteBuffer image = ByteBuffer.wrap(damaged);
                if (ImageHeader.read(image) instanceof ImageHeader.Readable header
                        && decoder.decodesEveryCode(image, header)) {
                    decodedDamage++;
                    assertThat(read(damaged, true)).isEqualTo(new JpegSegments.Reading(1, Optional.empty(), false));
                } else {
                    refused++;
                }
            }
        }
        assertThat(decodedDamage).isGreaterThan(50);
        assertThat(refused).isGreaterThan(100);
    }

    private static byte[] damaged(byte[] jpeg, Random random) {
        int at = 2 + random.nextInt(jpeg.length - 2);
        byte[] damaged = jpeg.clone();
        switch (random.nextInt(4)) {
            case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> Arrays.fill(damaged, at, Math.min(jpeg.length, at + 40), (byte) 0);
            case 2 -> damaged[at] = (byte) 0xFF;
            default -> {
                int behind = Math.min(jpeg.length, at + 1 + random.nextInt(9));
                return HostileImages.concat(Arrays.copyOf(jpeg, at), Arrays.copyOfRange(jpeg, behind, jpeg.length));
            }
        }
        return damaged;
    }

    private static int restart(byte[] jpeg, int marker) {
        for (int i = 0; i + 1 < jpeg.length; i++) {
            if (jpeg[i] == -1 && (jpeg[i + 1] & 0xFF) == marker) {
                return i;
            }
        }
        throw new AssertionError("no marker " + marker);
    }

    private JpegSegments.Reading read(byte[] jpeg, boolean everyCode) {
        ByteBuffer image = ByteBuffer.wrap(jpeg);
        ImageHeader.Readable header = (ImageHeader.Readable) ImageHeader.read(image);
        return JpegSegments.read(image, header.frameOffset(), entropy, everyCode);
    }

    private static byte[] encode(Random random, int width, int height, int restartInterval) {
        boolean grey = restartInterval > 0 && random.nextInt(4) == 0;
        int[] parameters = {
            IMWRITE_JPEG_QUALITY,
            5 + random.nextInt(96),
            IMWRITE_JPEG_OPTIMIZE,
            random.nextInt(2),
            IMWRITE_JPEG_PROGRESSIVE,
            restartInterval > 0 && random.nextInt(3) == 0 ? 1 : 0,
            IMWRITE_JPEG_RST_INTERVAL,
            restartInterval,
            IMWRITE_JPEG_SAMPLING_FACTOR,
            SAMPLING[random.nextInt(SAMPLING.length)]
        };
        byte[] pixels = new byte[width * height * (grey ? 1 : 3)];
        if (random.nextInt(5) > 0) {
            random.nextBytes(pixels);
            Arrays.fill(pixels, 0, random.nextInt(pixels.length), (byte) 99);
        }
        IntPointer settings = new IntPointer(parameters);
        BytePointer out = new BytePointer();
        try (Mat mat = new Mat(height, width, grey ? CV_8UC1 : CV_8UC3)) {
            mat.data().put(pixels);
            if (!imencode(".jpg", mat, out, settings)) {
                throw new AssertionError("OpenCV cannot encode");
            }
            byte[] jpeg = new byte[(int) out.limit()];
            out.get(jpeg);
            return jpeg;
        } finally {
            out.deallocate();
            settings.deallocate();
        }
    }
}
