package io.drivetrain.trainer.fit;

import java.util.List;
import java.util.Optional;

/**
 * Normalised samples on their way to the device.
 *
 * @param inputs of the network, in the order of its graph's inputs
 * @param labels {@code size} class indices
 * @param weights of the samples in the loss, {@code size} values; empty if all count the same
 */
record Batch(List<Input> inputs, int[] labels, Optional<float[]> weights) {
    /**
     * @param values in the order of the last axis first
     * @param shape the samples first
     */
    record Input(float[] values, long[] shape) {}

    int size() {
        return labels.length;
    }
}
