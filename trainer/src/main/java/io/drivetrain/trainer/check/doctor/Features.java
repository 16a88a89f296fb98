package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
import java.util.Arrays;
import java.util.stream.Stream;

/** A few numbers of each image: block means by channel, and how busy each part of it is. */
final class Features {
    private static final int BLOCKS = 8;
    private static final int TEXTURE_BLOCKS = 4;
    private static final int NUMBERS_OF_OTHER_INPUTS = 256;

    private Features() {}

    /** A row for each sample of the scan, from what the network is fed with. */
    static double[][] of(SplitScan scan) {
        double[][] rows = new double[scan.size()][];
        for (int row = 0; row < rows.length; row++) {
            double[] first = scan.image() ? ofImage(scan.input(row), scan.shape()) : ofOther(scan.input(row));
            double[] further = scan.further(row).length == 0 ? new double[0] : ofOther(scan.further(row));
            rows[row] = Stream.of(first, scan.earlier(row), further)
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
        }
        return rows;
    }

    private static double[] ofImage(float[] input, PixelShape shape) {
        int blockHeight = Math.min(BLOCKS, shape.height());
        int blockWidth = Math.min(BLOCKS, shape.width());
        int blocks = blockHeight * blockWidth;
        int textureHeight = Math.min(TEXTURE_BLOCKS, shape.height());
        int textureWidth = Math.min(TEXTURE_BLOCKS, shape.width());
        int texture = textureHeight * textureWidth;
        double[] features = new double[shape.channels() * blocks + 2 * texture];
        int plane = shape.height() * shape.width();
        double perBlock = (double) plane / blocks;
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    int at = channel * plane + y * shape.width() + x;
                    int block = y * blockHeight / shape.height() * blockWidth + x * blockWidth / shape.width();
                    features[channel * blocks + block] += input[at] / perBlock;
                    int busy = shape.channels() * blocks
                            + y * textureHeight / shape.height() * textureWidth
                            + x * textureWidth / shape.width();
                    if (x > 0) {
                        features[busy] += Math.abs(input[at] - input[at - 1]) / perBlock;
                    }
                    if (y > 0) {
                        features[busy + texture] += Math.abs(input[at] - input[at - shape.width()]) / perBlock;
                    }
                }
            }
        }
        return features;
    }

    /** Means of neighbouring numbers. */
    static double[] ofOther(float[] input) {
        int numbers = Math.min(NUMBERS_OF_OTHER_INPUTS, input.length);
        double[] features = new double[numbers];
        double perNumber = (double) input.length / numbers;
        for (int i = 0; i < input.length; i++) {
            features[(int) ((long) i * numbers / input.length)] += input[i] / perNumber;
        }
        return features;
    }
}
