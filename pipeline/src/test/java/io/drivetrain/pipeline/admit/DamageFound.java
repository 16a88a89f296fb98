package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.ImageHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Prints which share of damage inside JPEGs is found; arguments: image files. Not a test. */
final class DamageFound {
    private static final int TRIALS = 300;

    private DamageFound() {}

    public static void main(String[] files) throws IOException {
        Random random = new Random(7);
        JpegEntropy entropy = new JpegEntropy();
        Map<String, UnaryOperator<byte[]>> kinds = new LinkedHashMap<>();
        kinds.put("one bit flipped", image -> flipped(image, 1, random));
        kinds.put("four bits flipped", image -> flipped(image, 4, random));
        kinds.put("16 random bytes", image -> overwritten(image, 16, random, true));
        kinds.put("512 random bytes", image -> overwritten(image, 512, random, true));
        kinds.put("64 zero bytes", image -> overwritten(image, 64, random, false));
        kinds.put("512 zero bytes", image -> overwritten(image, 512, random, false));
        kinds.put("one byte lost", image -> lost(image, 1, random));
        kinds.put("4096 bytes lost", image -> lost(image, 4096, random));
        for (Map.Entry<String, UnaryOperator<byte[]>> kind : kinds.entrySet()) {
            int[] found = new int[2];
            int trials = 0;
            for (String file : files) {
                byte[] image = Files.readAllBytes(Path.of(file));
                for (int i = 0; i < TRIALS; i++, trials++) {
                    ByteBuffer damaged = ByteBuffer.wrap(kind.getValue().apply(image));
                    int frame = ((ImageHeader.Readable) ImageHeader.read(damaged)).frameOffset();
                    found[0] += JpegSegments.read(damaged, frame, entropy, false)
                                    .damage()
                                    .isPresent()
                            ? 1
                            : 0;
                    found[1] += JpegSegments.read(damaged, frame, entropy, true)
                                    .damage()
                                    .isPresent()
                            ? 1
                            : 0;
                }
            }
            System.out.printf(
                    "%-20s found by default %5.1f %%, with every code %5.1f %%%n",
                    kind.getKey(), 100.0 * found[0] / trials, 100.0 * found[1] / trials);
        }
    }

    // The first kilobytes are tables, the last two bytes the end.
    private static int inside(byte[] image, int length, Random random) {
        return 1000 + random.nextInt(image.length - 1002 - length);
    }

    private static byte[] flipped(byte[] image, int bits, Random random) {
        byte[] changed = image.clone();
        for (int i = 0; i < bits; i++) {
            changed[inside(image, 1, random)] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    private static byte[] overwritten(byte[] image, int length, Random random, boolean withNoise) {
        byte[] changed = image.clone();
        byte[] bytes = new byte[length];
        if (withNoise) {
            random.nextBytes(bytes);
        }
        System.arraycopy(bytes, 0, changed, inside(image, length, random), length);
        return changed;
    }

    private static byte[] lost(byte[] image, int length, Random random) {
        int at = inside(image, length, random);
        byte[] tail = Arrays.copyOfRange(image, at + length, image.length);
        return HostileImages.concat(Arrays.copyOf(image, at), tail);
    }
}
