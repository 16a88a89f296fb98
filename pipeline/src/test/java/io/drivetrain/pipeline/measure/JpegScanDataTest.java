package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JpegScanDataTest {
    private final JpegScanData data = new JpegScanData();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void theBytesUpToTheMarkerComeWithoutTheirZerosAndWithZerosBehindThem(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            byte[] plain = plain(random);
            byte[] image = stuffed(plain, random);
            int from = 5;
            int marker = image.length - 7;

            assertThat(data.read(ByteBuffer.wrap(image), from, image.length)).isEqualTo(marker);
            assertThat(data.length()).isEqualTo(plain.length);
            assertThat(Arrays.copyOf(data.bytes(), plain.length + 256))
                    .isEqualTo(Arrays.copyOf(plain, plain.length + 256));
            assertThat(data.read(ByteBuffer.wrap(image), from, marker - 2)).isGreaterThan(marker - 2);
        }
    }

    /** Many bytes FF, also one behind the other, and FE and 01, which a look at eight bytes could take for them. */
    private static byte[] plain(Random random) {
        byte[] plain = new byte[random.nextInt(80)];
        byte[] some = {-1, -2, 1, 0, 99};
        for (int i = 0; i < plain.length; i++) {
            plain[i] = some[random.nextInt(some.length)];
        }
        return plain;
    }

    /** Five bytes, the data, a marker with FFs before it, and seven bytes. */
    private static byte[] stuffed(byte[] plain, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {-1, -39, -1, -39, -1});
        for (byte next : plain) {
            out.write(next);
            if (next == -1) {
                out.write(0);
            }
        }
        for (int fill = random.nextInt(3); fill >= 0; fill--) {
            out.write(0xFF);
        }
        out.write(0xD9);
        out.writeBytes(new byte[] {-1, 0, -1, 1, 2, 3, 4});
        return out.toByteArray();
    }
}
