package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells whether two requests would fit the same network to the same samples in the same way. */
final class RequestFingerprint {
    /** Changes when the mathematics of a fit does, so that no fit goes on in another way than it began. */
    private static final String FORMAT = "fit 2";

    /** Reading them all would take as long as an epoch's worth of reading, and the first batch waits for these. */
    private static final int SAMPLES_READ = 500;

    private RequestFingerprint() {}

    /**
     * SHA-256, in hexadecimal, of the network, the settings, the weights at the start, the normalisation, all labels and
     * drives, and the pixels and telemetry of 500 samples of each split at equal distances.
     *
     * @param threads in use
     */
    static String of(FitRequest request, StartingPoint.Ready start, int threads) {
        MessageDigest digest = sha256();
        for (Object part : new Object[] {
            FORMAT, request.network(), request.settings(), start.origin(), start.normalisation(), threads
        }) {
            digest.update(part.toString().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        update(digest, request.train());
        update(digest, request.trainDev());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, SampleStore store) {
        int size = store.size();
        ByteBuffer index = ByteBuffer.allocate((2 * size + 1) * Integer.BYTES);
        index.putInt(size);
        for (int i = 0; i < size; i++) {
            index.putInt(store.label(i)).putInt(store.drive(i));
        }
        digest.update(index.flip());
        byte[] pixels = new byte[store.channels() * store.height() * store.width()];
        float[] telemetry = new float[store.telemetryCount()];
        ByteBuffer numbers = ByteBuffer.allocate(telemetry.length * Float.BYTES);
        int read = Math.min(size, SAMPLES_READ);
        for (int i = 0; i < read; i++) {
            int sample = (int) ((long) i * size / read);
            store.readPixels(sample, pixels, 0);
            digest.update(pixels);
            store.readTelemetry(sample, telemetry, 0);
            numbers.clear().asFloatBuffer().put(telemetry);
            digest.update(numbers);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which every Java must have", e);
        }
    }
}
