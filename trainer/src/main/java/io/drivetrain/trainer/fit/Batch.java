package io.drivetrain.trainer.fit;

import java.util.Optional;

/**
 * Normalised samples on their way to the device.
 *
 * @param pixels {@code size × channels × height × width} values
 * @param labels {@code size} class indices
 * @param weights of the samples in the loss, {@code size} values; empty if all count the same
 */
record Batch(float[] pixels, int[] labels, Optional<float[]> weights) {
    int size() {
        return labels.length;
    }
}
