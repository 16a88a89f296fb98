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
        Places places = Places.of(scan.shape());
        for (int row = 0; row < rows.length; row++) {
            double[] first = scan.image() ? ofImage(scan.input(row), scan.shape(), places) : ofOther(scan.input(row));
            double[] further = scan.further(row).length == 0 ? new double[0] : ofOther(scan.further(row));
            rows[row] = Stream.of(first, scan.earlier(row), further)
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
        }
        return rows;
    }

    /**
     * The block and the texture block that each pixel of a channel lies in: dividing anew for each image takes longer than
     * all the rest.
     */
    // Arrays, because they are indexed by pixel, and nobody compares them.
    @SuppressWarnings("ArrayRecordComponent")
    private record Places(int blocks, int[] block, int textures, int[] texture) {
        static Places of(PixelShape shape) {
            int plane = shape.height() * shape.width();
            int[] block = new int[plane];
            int[] texture = new int[plane];
            int blocks = fill(block, shape, BLOCKS);
            return new Places(blocks, block, fill(texture, shape, TEXTURE_BLOCKS), texture);
        }

        /** @return the number of blocks */
        private static int fill(int[] places, PixelShape shape, int side) {
            int rows = Math.min(side, shape.height());
            int columns = Math.min(side, shape.width());
            for (int i = 0; i < places.length; i++) {
                int y = i / shape.width();
                int x = i % shape.width();
                places[i] = y * rows / shape.height() * columns + x * columns / shape.width();
            }
            return rows * columns;
        }
    }

    private static double[] ofImage(float[] input, PixelShape shape, Places places) {
        int plane = shape.height() * shape.width();
        int textures = shape.channels() * places.blocks();
        double[] features = new double[textures + 2 * places.textures()];
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    int pixel = y * shape.width() + x;
                    int at = channel * plane + pixel;
                    features[channel * places.blocks() + places.block()[pixel]] += input[at];
                    int busy = textures + places.texture()[pixel];
                    if (x > 0) {
                        features[busy] += Math.abs(input[at] - input[at - 1]);
                    }
                    if (y > 0) {
                        features[busy + places.textures()] += Math.abs(input[at] - input[at - shape.width()]);
                    }
                }
            }
        }
        double perBlock = (double) plane / places.blocks();
        for (int i = 0; i < features.length; i++) {
            features[i] /= perBlock;
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
