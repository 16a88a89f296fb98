package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.Random;

/** 16×16 RGB noise with a bright square on the left (class 0) or on the right (class 1). */
record BrightSquares(byte[][] samples, int[] labels) implements SampleStore {
    static final int SIDE = 16;
    private static final int CHANNELS = 3;

    static BrightSquares of(int size, long seed) {
        Random random = new Random(seed);
        byte[][] samples = new byte[size][CHANNELS * SIDE * SIDE];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            random.nextBytes(samples[i]);
            labels[i] = random.nextInt(2);
            int top = random.nextInt(SIDE - 4);
            int left = labels[i] * (SIDE / 2) + random.nextInt(SIDE / 2 - 4);
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (int y = top; y < top + 4; y++) {
                    for (int x = left; x < left + 4; x++) {
                        samples[i][(channel * SIDE + y) * SIDE + x] = (byte) 255;
                    }
                }
            }
        }
        return new BrightSquares(samples, labels);
    }

    BrightSquares withLabel(int index, int label) {
        int[] changed = labels.clone();
        changed[index] = label;
        return new BrightSquares(samples, changed);
    }

    @Override
    public int size() {
        return samples.length;
    }

    @Override
    public int channels() {
        return CHANNELS;
    }

    @Override
    public int height() {
        return SIDE;
    }

    @Override
    public int width() {
        return SIDE;
    }

    @Override
    public void readPixels(int index, byte[] into, int offset) {
        System.arraycopy(samples[index], 0, into, offset, samples[index].length);
    }

    @Override
    public int label(int index) {
        return labels[index];
    }
}
