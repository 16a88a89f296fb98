package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.Random;

/**
 * Drives of equal length with one number of telemetry.
 *
 * @param images one of {@link BrightSquares}' for each frame
 * @param telemetry of each frame
 * @param labels of each frame
 */
record Drives(BrightSquares images, float[] telemetry, int[] labels, int framesOfDrive) implements SampleStore {
    static final int FRAMES = 20;

    /** Class 1 where either the square is on the right or the number is above 0, not both. */
    static Drives ofSquareOrTelemetry(int size, long seed) {
        BrightSquares images = BrightSquares.of(size, seed);
        float[] telemetry = standardNormal(size, seed + 1);
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = images.label(i) ^ (telemetry[i] > 0 ? 1 : 0);
        }
        return new Drives(images, telemetry, labels, FRAMES);
    }

    /** Class 1 where the frame before has a higher number than the one before that: the order decides. */
    static Drives ofRisingTelemetry(int size, long seed) {
        float[] telemetry = standardNormal(size, seed + 1);
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            int first = i - i % FRAMES;
            labels[i] = telemetry[Math.max(first, i - 1)] > telemetry[Math.max(first, i - 2)] ? 1 : 0;
        }
        return new Drives(BrightSquares.of(size, seed), telemetry, labels, FRAMES);
    }

    /** Class 1 where the square has moved from the left to the right since the frame before: the order decides. */
    static Drives ofCrossingSquares(int size, long seed) {
        BrightSquares images = BrightSquares.of(size, seed);
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            int before = Math.max(i - i % FRAMES, i - 1);
            labels[i] = images.label(before) == 0 && images.label(i) == 1 ? 1 : 0;
        }
        return new Drives(images, new float[size], labels, FRAMES);
    }

    private static float[] standardNormal(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public int channels() {
        return images.channels();
    }

    @Override
    public int height() {
        return images.height();
    }

    @Override
    public int width() {
        return images.width();
    }

    @Override
    public void readPixels(int index, byte[] into, int offset) {
        images.readPixels(index, into, offset);
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public int drive(int index) {
        return index / framesOfDrive;
    }

    @Override
    public int telemetryCount() {
        return 1;
    }

    @Override
    public void readTelemetry(int index, float[] into, int offset) {
        into[offset] = telemetry[index];
    }
}
