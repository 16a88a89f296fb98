package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.HeldSamples;
import java.util.Random;

/** 16×16 RGB noise with a bright square on the left (class 0) or on the right (class 1). */
record BrightSquares(byte[][] pixels, int[] labels) implements HeldSamples {
    static final int SIDE = 16;
    private static final int CHANNELS = 3;

    static BrightSquares of(int size, long seed) {
        Random random = new Random(seed);
        byte[][] pixels = new byte[size][CHANNELS * SIDE * SIDE];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            random.nextBytes(pixels[i]);
            labels[i] = random.nextInt(2);
            int top = random.nextInt(SIDE - 4);
            int left = labels[i] * (SIDE / 2) + random.nextInt(SIDE / 2 - 4);
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (int y = top; y < top + 4; y++) {
                    for (int x = left; x < left + 4; x++) {
                        pixels[i][(channel * SIDE + y) * SIDE + x] = (byte) 255;
                    }
                }
            }
        }
        return new BrightSquares(pixels, labels);
    }

    BrightSquares withLabel(int index, int label) {
        int[] changed = labels.clone();
        changed[index] = label;
        return new BrightSquares(pixels, changed);
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
}
