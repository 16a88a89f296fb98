package io.drivetrain.trainer.assemble;

/** Samples that a test holds in memory, each by its pixels in CHW order and its class index. */
public interface HeldSamples extends SampleStore {
    byte[][] pixels();

    int[] labels();

    @Override
    default int size() {
        return pixels().length;
    }

    @Override
    default void readPixels(int index, byte[] into, int offset) {
        System.arraycopy(pixels()[index], 0, into, offset, pixels()[index].length);
    }

    @Override
    default int label(int index) {
        return labels()[index];
    }
}
