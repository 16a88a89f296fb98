package io.drivetrain.trainer.build;

import java.util.List;

/**
 * What is needed to build a network, the same every time.
 *
 * @param name one of {@link Networks#names()}
 * @param channels input channels, 1 or more
 * @param height input rows in pixels
 * @param width input columns in pixels
 * @param classes number of classes, 2 or more
 * @param seed of the initial weights
 * @param learningRate step size of Adam, above 0
 */
public record NetworkSpec(
        String name, int channels, int height, int width, int classes, long seed, double learningRate) {
    public NetworkSpec {
        List<String> known = Networks.names();
        if (!known.contains(name)) {
            throw new IllegalArgumentException(
                    "Unknown network '%s'; training.network must be one of %s".formatted(name, known));
        }
        if (channels < 1) {
            throw new IllegalArgumentException(
                    "Cannot build %s for inputs of %d channels: it needs at least 1".formatted(name, channels));
        }
        int smallest = Networks.smallestInput(name);
        if (height < smallest || width < smallest) {
            throw new IllegalArgumentException(
                    "%s needs inputs of at least %d×%d pixels, got %d×%d; raise image.height and image.width"
                            .formatted(name, smallest, smallest, height, width));
        }
        if (classes < 2) {
            throw new IllegalArgumentException(
                    "Cannot build %s for %d classes: a classifier needs at least 2".formatted(name, classes));
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException(
                    "training.learning-rate is %s; it must be a number above 0".formatted(learningRate));
        }
    }

    /** Bytes of one input, {@code channels × height × width}. */
    public int pixels() {
        return channels * height * width;
    }
}
