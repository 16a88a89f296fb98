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
 * @param telemetry names of the numbers that the car sends with each frame, for the networks that read them
 * @param sequenceLength frames of a drive, up to the labelled one, that a recurrent network reads, 1 or more
 * @param weightDecay decoupled from the gradient (Loshchilov and Hutter, 2019): the share of every weight that an update
 *     takes away, as a multiple of the learning rate; 0 for none. Biases and batch normalisation are left alone
 * @param dropout share of the values before the output layer that training leaves out, from 0 to below 1
 */
public record NetworkSpec(
        String name,
        int channels,
        int height,
        int width,
        int classes,
        long seed,
        double learningRate,
        List<String> telemetry,
        int sequenceLength,
        double weightDecay,
        double dropout) {
    public NetworkSpec {
        // A model.json that was written before networks read sequences has neither of the two.
        telemetry = telemetry == null ? List.of() : List.copyOf(telemetry);
        sequenceLength = sequenceLength == 0 ? 1 : sequenceLength;
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
        if (telemetry.isEmpty() && Networks.needsTelemetry(name)) {
            throw new IllegalArgumentException(
                    "%s reads telemetry beside the image; name at least one number of the car in training.telemetry"
                            .formatted(name));
        }
        if (sequenceLength < 1) {
            throw new IllegalArgumentException(
                    "training.sequence-length is %d; it must be at least 1".formatted(sequenceLength));
        }
        if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
            throw new IllegalArgumentException(
                    "improve.weight-decay is %s; it must be a number from 0".formatted(weightDecay));
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "improve.dropout is %s; it must be from 0 to below 1".formatted(dropout));
        }
    }

    /** Of an image alone, without regularisation. */
    public NetworkSpec(String name, int channels, int height, int width, int classes, long seed, double learningRate) {
        this(name, channels, height, width, classes, seed, learningRate, List.of(), 1, 0, 0);
    }

    /** Whether the network takes telemetry as an input. */
    public boolean readsTelemetry() {
        List<NetworkInput> inputs = Networks.inputs(this);
        return inputs.contains(NetworkInput.TELEMETRY) || inputs.contains(NetworkInput.TELEMETRY_SEQUENCE);
    }

    /** Bytes of one image, {@code channels × height × width}. */
    public int pixels() {
        return channels * height * width;
    }
}
