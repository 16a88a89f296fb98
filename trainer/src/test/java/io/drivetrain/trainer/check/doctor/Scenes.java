package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.HeldSamples;
import java.util.Random;

/**
 * Small road scenes: a bluish sky over a brownish road in noise, each drive with a brightness of its own, and a bright
 * square whose place is the class.
 */
record Scenes(byte[][] pixels, int[] labels, int[] drives, int channels, int side) implements HeldSamples {
    /** What a set of scenes looks like; each {@code with} gives a changed copy. */
    record Look(
            int classes,
            int channels,
            int side,
            int framesPerDrive,
            double noise,
            double brightness,
            double labelNoise,
            boolean imbalanced,
            int constantChannel,
            boolean grey) {
        static final Look STANDARD = new Look(3, 3, 16, 4, 30, 1, 0, false, -1, false);

        Look withClasses(int value) {
            return new Look(
                    value,
                    channels,
                    side,
                    framesPerDrive,
                    noise,
                    brightness,
                    labelNoise,
                    imbalanced,
                    constantChannel,
                    grey);
        }

        Look withChannels(int value) {
            return new Look(
                    classes,
                    value,
                    side,
                    framesPerDrive,
                    noise,
                    brightness,
                    labelNoise,
                    imbalanced,
                    constantChannel,
                    grey);
        }

        Look withSide(int value) {
            return new Look(
                    classes,
                    channels,
                    value,
                    framesPerDrive,
                    noise,
                    brightness,
                    labelNoise,
                    imbalanced,
                    constantChannel,
                    grey);
        }

        Look withFramesPerDrive(int value) {
            return new Look(
                    classes, channels, side, value, noise, brightness, labelNoise, imbalanced, constantChannel, grey);
        }

        Look withNoise(double value) {
            return new Look(
                    classes,
                    channels,
                    side,
                    framesPerDrive,
                    value,
                    brightness,
                    labelNoise,
                    imbalanced,
                    constantChannel,
                    grey);
        }

        Look withBrightness(double value) {
            return new Look(
                    classes,
                    channels,
                    side,
                    framesPerDrive,
                    noise,
                    value,
                    labelNoise,
                    imbalanced,
                    constantChannel,
                    grey);
        }

        Look withLabelNoise(double value) {
            return new Look(
                    classes,
                    channels,
                    side,
                    framesPerDrive,
                    noise,
                    brightness,
                    value,
                    imbalanced,
                    constantChannel,
                    grey);
        }

        Look withImbalance() {
            return new Look(
                    classes,
                    channels,
                    side,
                    framesPerDrive,
                    noise,
                    brightness,
                    labelNoise,
                    true,
                    constantChannel,
                    grey);
        }

        Look withConstantChannel(int value) {
            return new Look(
                    classes, channels, side, framesPerDrive, noise, brightness, labelNoise, imbalanced, value, grey);
        }

        Look withGrey() {
            return new Look(
                    classes,
                    channels,
                    side,
                    framesPerDrive,
                    noise,
                    brightness,
                    labelNoise,
                    imbalanced,
                    constantChannel,
                    true);
        }
    }

    static Scenes of(int size, Look look, long seed) {
        Random random = new Random(seed);
        int side = look.side();
        byte[][] pixels = new byte[size][look.channels() * side * side];
        int[] labels = new int[size];
        int[] drives = new int[size];
        double brightness = 0;
        for (int i = 0; i < size; i++) {
            drives[i] = i / look.framesPerDrive();
            if (i % look.framesPerDrive() == 0) {
                brightness = 10 * random.nextGaussian();
            }
            int shown = look.imbalanced() && random.nextDouble() < 0.8 ? 0 : random.nextInt(look.classes());
            draw(pixels[i], look, shown, brightness, random);
            labels[i] = random.nextDouble() < look.labelNoise() ? random.nextInt(look.classes()) : shown;
        }
        return new Scenes(pixels, labels, drives, look.channels(), side);
    }

    private static void draw(byte[] into, Look look, int shown, double brightness, Random random) {
        int side = look.side();
        int columns = (int) Math.ceil(Math.sqrt(look.classes()));
        int cell = side / columns;
        int left = shown % columns * cell + random.nextInt(Math.max(1, cell / 4));
        int top = shown / columns * cell + random.nextInt(Math.max(1, cell / 4));
        int size = Math.max(2, cell * 3 / 4);
        double[][] colours = {{70, 110, 160}, {120, 95, 60}};
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                boolean square = x >= left && x < left + size && y >= top && y < top + size;
                double grey = look.noise() * random.nextGaussian();
                for (int channel = 0; channel < look.channels(); channel++) {
                    double colour = colours[2 * y < side ? 0 : 1][look.grey() ? 1 : channel % 3];
                    double noise = look.grey() ? grey : look.noise() * random.nextGaussian();
                    double value = (colour + brightness + noise + (square ? 90 : 0)) * look.brightness();
                    int level = channel == look.constantChannel() ? 128 : (int) Math.round(value);
                    into[(channel * side + y) * side + x] = (byte) Math.max(0, Math.min(255, level));
                }
            }
        }
    }

    Scenes withLabels(int[] other) {
        return new Scenes(pixels, other, drives, channels, side);
    }

    Scenes withPixels(byte[][] other) {
        return new Scenes(other, labels, drives, channels, side);
    }

    Scenes withDrives(int[] other) {
        return new Scenes(pixels, labels, other, channels, side);
    }

    /** Some other scenes' first images and labels in place of the first of these. */
    Scenes withFirstOf(Scenes other, int count) {
        byte[][] changed = pixels.clone();
        int[] changedLabels = labels.clone();
        for (int i = 0; i < count; i++) {
            changed[i] = other.pixels[i].clone();
            changedLabels[i] = other.labels[i];
        }
        return new Scenes(changed, changedLabels, drives, channels, side);
    }

    @Override
    public int height() {
        return side;
    }

    @Override
    public int width() {
        return side;
    }

    @Override
    public int drive(int index) {
        return drives[index];
    }
}
