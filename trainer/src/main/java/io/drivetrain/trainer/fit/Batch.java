package io.drivetrain.trainer.fit;

/**
 * Normalised samples on their way to the device.
 *
 * @param pixels {@code size × channels × height × width} values
 * @param labels {@code size} class indices
 */
record Batch(float[] pixels, int[] labels) {
    int size() {
        return labels.length;
    }
}
