package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.Wire;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** An endless stream of records that were good once; the same seed gives the same stream. */
final class HostileRecords {
    private static final byte[][] IMAGES = {
        TestSamples.jpeg(160, 120, 1),
        TestSamples.png(64, 48, 1, BufferedImage.TYPE_3BYTE_BGR),
        TestSamples.png(40, 40, 2, BufferedImage.TYPE_BYTE_INDEXED),
        HostileImages.progressiveJpeg(TestSamples.picture(100, 75, 3, BufferedImage.TYPE_3BYTE_BGR), 0.7f)
    };

    private final Random random;
    private int made;

    HostileRecords(long seed) {
        random = new Random(seed);
    }

    /**
     * One of them.
     *
     * @param neverValid whether no reader can make a good sample of it; others may have been hit where it does not matter
     */
    record Hostile(byte[] value, boolean neverValid) {}

    Hostile next() {
        byte[] image = IMAGES[random.nextInt(IMAGES.length)];
        return switch (made++ % 9) {
            case 0 -> maybeValid(flipped(record(image), 1 + random.nextInt(8)));
            case 1 -> neverValid(Arrays.copyOf(record(image), random.nextInt(record(image).length)));
            case 2 -> maybeValid(record(flipped(image, 1 + random.nextInt(4))));
            case 3 -> neverValid(record(Arrays.copyOf(image, random.nextInt(image.length))));
            case 4 -> maybeValid(withLongNumber(record(image)));
            case 5 -> maybeValid(record(overwritten(image)));
            case 6 ->
                neverValid(record("{\"text\": \"in place of an image\"}"
                        .repeat(random.nextInt(50))
                        .getBytes(UTF_8)));
            case 7 -> maybeValid(spliced(record(image), record(IMAGES[random.nextInt(IMAGES.length)])));
            default -> neverValid(noise());
        };
    }

    private static Hostile neverValid(byte[] value) {
        return new Hostile(value, true);
    }

    private static Hostile maybeValid(byte[] value) {
        return new Hostile(value, false);
    }

    private byte[] record(byte[] image) {
        LabeledSample sample = TestSamples.sample("drive", made, Domain.SOURCE, image);
        sample.setBoxes(List.of(new Box("car", 1.0, 2.0, 30.0, 40.0), new Box("person", 3.0, 2.0, 30.0, 40.0)));
        return Wire.encode(sample);
    }

    private byte[] flipped(byte[] bytes, int flips) {
        byte[] changed = bytes.clone();
        for (int i = 0; i < flips; i++) {
            // The head decides most, so half of the flips go there.
            int among = random.nextBoolean() ? Math.min(changed.length, 100) : changed.length;
            changed[random.nextInt(among)] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    /** A number of up to ten bytes somewhere in the record: lengths, counts, branches and positions become huge. */
    private byte[] withLongNumber(byte[] record) {
        byte[] changed = record.clone();
        int at = 10 + random.nextInt(90);
        int length = 1 + random.nextInt(10);
        Arrays.fill(changed, at, at + length, (byte) 0xFF);
        changed[at + length] = (byte) random.nextInt(128);
        return changed;
    }

    private byte[] overwritten(byte[] image) {
        byte[] changed = image.clone();
        int at = random.nextInt(changed.length);
        for (int i = at; i < Math.min(changed.length, at + 1 + random.nextInt(64)); i++) {
            changed[i] = (byte) random.nextInt();
        }
        return changed;
    }

    private byte[] spliced(byte[] first, byte[] second) {
        byte[] head = Arrays.copyOf(first, random.nextInt(first.length));
        return HostileImages.concat(head, Arrays.copyOfRange(second, random.nextInt(second.length), second.length));
    }

    private byte[] noise() {
        byte[] bytes = new byte[random.nextInt(2000)];
        random.nextBytes(bytes);
        if (random.nextBoolean() && bytes.length > 10) {
            // With the marker and fingerprint of a sample, so that Avro has to make sense of it.
            ByteBuffer.wrap(bytes).put(record(IMAGES[0]), 0, 10);
        }
        return bytes;
    }
}
