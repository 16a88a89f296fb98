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

    /**
     * Drive of one sample, as a number from 0. Frames of one drive have consecutive indices, in the order of time.
     */
    default int drive(int index) {
        return index;
    }

    /** Numbers of telemetry that every sample has. */
    default int telemetryCount() {
        return 0;
    }

    /**
     * Copies one sample's telemetry, in SI units; NaN stands for a number that the car did not send.
     *
     * @param into receives {@link #telemetryCount()} numbers
     * @param offset where in {@code into} the first goes
     */
    default void readTelemetry(int index, float[] into, int offset) {}
}
