package io.drivetrain.trainer.assemble;

/**
 * Training-size samples by index, of one split and all of one shape. Safe to read from several threads at once, and
 * the same index gives the same sample for as long as the store is open.
 */
public interface SampleStore {
    /** Number of samples. */
    int size();

    /** Channels of every sample, 3 for RGB. */
    int channels();

    /** Rows of every sample, in pixels. */
    int height();

    /** Columns of every sample, in pixels. */
    int width();

    /**
     * Copies one sample's pixels, {@code channels × height × width} unsigned bytes in CHW order.
     *
     * @param index from 0 to {@code size() - 1}
     * @param into receives the bytes
     * @param offset where in {@code into} the first byte goes
     */
    void readPixels(int index, byte[] into, int offset);

    /** Class index of one sample, from 0 in the order of {@code classes} in the configuration. */
    int label(int index);
}
