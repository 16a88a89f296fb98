package io.drivetrain.trainer.fit;

/** Changes the pixels of a training sample on their way into a batch; called from several threads at once. */
@FunctionalInterface
interface PixelTransform {
    /** Leaves every sample as it is. */
    PixelTransform NONE = (chw, sample, position) -> {};

    /**
     * Changes one sample in place, as a function of the arguments alone, so that the threads which prepare batches cannot
     * change the result.
     *
     * @param chw the sample's {@code channels × height × width} unsigned bytes
     * @param sample index in the store
     * @param position in the order of the epoch, from 0: a sample that is drawn twice is changed in two ways
     */
    void apply(byte[] chw, int sample, int position);
}
