package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.HeldSamples;
import java.util.Arrays;
import java.util.Random;

/**
 * Wide images of coarse random patterns, one pattern for each class, on a street that every drive has its own light for,
 * with speed and yaw rate beside them. Other scenes than those that the doctor was made with.
 */
record Signs(byte[][] pixels, int[] labels, int[] drives, float[][] telemetry, int channels, int height, int width)
        implements HeldSamples {
    static final int CELLS = 4;

    /**
     * @param contrast of all that is in the image, 1 for the full range
     * @param rare share of the samples that is not of class 0; below 0 for equal shares
     */
    record Kind(
            int classes,
            int channels,
            int height,
            int width,
            int framesOfDrive,
            double contrast,
            double rare,
            double labelNoise,
            boolean grey) {
        static final Kind PLAIN = new Kind(3, 3, 20, 28, 6, 1, -1, 0, false);

        Kind classes(int value) {
            return new Kind(value, channels, height, width, framesOfDrive, contrast, rare, labelNoise, grey);
        }

        Kind channels(int value) {
            return new Kind(classes, value, height, width, framesOfDrive, contrast, rare, labelNoise, grey);
        }

        Kind size(int rows, int columns) {
            return new Kind(classes, channels, rows, columns, framesOfDrive, contrast, rare, labelNoise, grey);
        }

        Kind framesOfDrive(int value) {
            return new Kind(classes, channels, height, width, value, contrast, rare, labelNoise, grey);
        }

        Kind contrast(double value) {
            return new Kind(classes, channels, height, width, framesOfDrive, value, rare, labelNoise, grey);
        }

        Kind rare(double value) {
            return new Kind(classes, channels, height, width, framesOfDrive, contrast, value, labelNoise, grey);
        }

        Kind labelNoise(double value) {
            return new Kind(classes, channels, height, width, framesOfDrive, contrast, rare, value, grey);
        }

        Kind grey(boolean value) {
            return new Kind(classes, channels, height, width, framesOfDrive, contrast, rare, labelNoise, value);
        }
    }

    static Signs of(int size, Kind kind, long seed) {
        Random random = new Random(seed);
        double[][] patterns = patterns(kind);
        byte[][] pixels = new byte[size][kind.channels() * kind.height() * kind.width()];
        int[] labels = new int[size];
        int[] drives = new int[size];
        float[][] telemetry = new float[size][];
        double[] light = new double[4];
        for (int i = 0; i < size; i++) {
            drives[i] = i / kind.framesOfDrive();
            if (i % kind.framesOfDrive() == 0) {
                for (int k = 0; k < light.length; k++) {
                    light[k] = (k == 0 ? 20 : 6) * random.nextGaussian();
                }
            }
            int shown = kind.rare() < 0 || random.nextDouble() < kind.rare() ? random.nextInt(kind.classes()) : 0;
            labels[i] = random.nextDouble() < kind.labelNoise() ? random.nextInt(kind.classes()) : shown;
            telemetry[i] = new float[] {
                (float) (12 + 3 * random.nextGaussian() + 2 * shown), (float) (0.1 * random.nextGaussian())
            };
            draw(pixels[i], kind, patterns[shown], light, random);
        }
        return new Signs(pixels, labels, drives, telemetry, kind.channels(), kind.height(), kind.width());
    }

    private static double[][] patterns(Kind kind) {
        Random random = new Random(99);
        double[][] patterns = new double[kind.classes()][kind.channels() * CELLS * CELLS];
        for (double[] pattern : patterns) {
            for (int i = 0; i < pattern.length; i++) {
                pattern[i] = kind.grey() && i >= CELLS * CELLS
                        ? pattern[i % (CELLS * CELLS)]
                        : random.nextBoolean() ? 60 : -60;
            }
        }
        return patterns;
    }

    private static void draw(byte[] into, Kind kind, double[] pattern, double[] light, Random random) {
        double[] sky = {90, 130, 190};
        double[] road = {110, 100, 90};
        int sign = Math.min(kind.height(), kind.width()) * 3 / 5;
        int top = (kind.height() - sign) / 2 + random.nextInt(3) - 1;
        int left = (kind.width() - sign) / 2 + random.nextInt(5) - 2;
        for (int y = 0; y < kind.height(); y++) {
            for (int x = 0; x < kind.width(); x++) {
                double grain = 15 * random.nextGaussian();
                for (int c = 0; c < kind.channels(); c++) {
                    int tint = kind.grey() ? 1 : c % 3;
                    double part = (double) y / kind.height();
                    double level = sky[tint] * (1 - part)
                            + road[tint] * part
                            + light[0]
                            + (kind.grey() ? 0 : light[1 + c % 3])
                            + (kind.grey() ? grain : 15 * random.nextGaussian());
                    int row = y - top;
                    int column = x - left;
                    if (row >= 0 && row < sign && column >= 0 && column < sign) {
                        level += pattern[(c * CELLS + row * CELLS / sign) * CELLS + column * CELLS / sign];
                    }
                    level = 128 + (level - 128) * kind.contrast();
                    into[(c * kind.height() + y) * kind.width() + x] =
                            (byte) Math.max(0, Math.min(255, Math.round(level)));
                }
            }
        }
    }

    Signs withLabels(int[] other) {
        return new Signs(pixels, other, drives, telemetry, channels, height, width);
    }

    Signs withDrives(int[] other) {
        return new Signs(pixels, labels, other, telemetry, channels, height, width);
    }

    /** A change of the levels of one image, each 0 to 255. */
    interface PixelChange {
        /** Level at a place after the change. */
        double of(int[] levels, int sample, int channel, int y, int x);
    }

    int at(int channel, int y, int x) {
        return (channel * height + Math.floorMod(y, height)) * width + Math.floorMod(x, width);
    }

    Signs withPixels(PixelChange change) {
        byte[][] changed = new byte[pixels.length][];
        for (int i = 0; i < changed.length; i++) {
            int[] levels = new int[pixels[i].length];
            for (int k = 0; k < levels.length; k++) {
                levels[k] = pixels[i][k] & 0xff;
            }
            changed[i] = new byte[levels.length];
            for (int c = 0; c < channels; c++) {
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        changed[i][at(c, y, x)] =
                                (byte) Math.max(0, Math.min(255, Math.round(change.of(levels, i, c, y, x))));
                    }
                }
            }
        }
        return new Signs(changed, labels, drives, telemetry, channels, height, width);
    }

    interface TelemetryChange {
        float of(float value, int sample, int number);
    }

    Signs withTelemetry(TelemetryChange change) {
        float[][] changed = new float[telemetry.length][];
        for (int i = 0; i < changed.length; i++) {
            changed[i] = telemetry[i].clone();
            for (int k = 0; k < changed[i].length; k++) {
                changed[i][k] = change.of(telemetry[i][k], i, k);
            }
        }
        return new Signs(pixels, labels, drives, changed, channels, height, width);
    }

    /** With some images, labels and telemetry of others in place of its own, from a place on. */
    Signs withSome(Signs other, int from, int count, int at) {
        byte[][] images = pixels.clone();
        int[] classes = labels.clone();
        for (int i = 0; i < count; i++) {
            images[at + i] = other.pixels[from + i].clone();
            classes[at + i] = other.labels[from + i];
        }
        return new Signs(images, classes, drives, telemetry, channels, height, width);
    }

    Signs inOrder(Integer[] order) {
        return new Signs(
                Arrays.stream(order).map(i -> pixels[i]).toArray(byte[][]::new),
                Arrays.stream(order).mapToInt(i -> labels[i]).toArray(),
                Arrays.stream(order).mapToInt(i -> drives[i]).toArray(),
                Arrays.stream(order).map(i -> telemetry[i]).toArray(float[][]::new),
                channels,
                height,
                width);
    }

    @Override
    public int drive(int index) {
        return drives[index];
    }

    @Override
    public int telemetryCount() {
        return telemetry.length == 0 ? 0 : 2;
    }

    @Override
    public void readTelemetry(int index, float[] into, int offset) {
        System.arraycopy(telemetry[index], 0, into, offset, 2);
    }
}
