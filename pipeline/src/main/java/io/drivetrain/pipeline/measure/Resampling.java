package io.drivetrain.pipeline.measure;

import java.util.Arrays;

/**
 * Resizes one plane of 8-bit samples to another size, to the last bit as Pillow does it: separable, horizontal before
 * vertical, coefficients in 22-bit fixed point, results of both passes rounded and clipped to 0..255 (Pillow,
 * {@code Resample.c}). Holds its work space, so it is not safe for use by several threads.
 */
final class Resampling {

    /** The kernels, with their reach in pixels of the smaller picture. */
    enum Filter {
        BOX(0.5) {
            @Override
            double at(double x) {
                return x > -0.5 && x <= 0.5 ? 1 : 0;
            }
        },
        BICUBIC(2) {
            @Override
            double at(double x) {
                double d = Math.abs(x);
                if (d < 1) {
                    return ((A + 2) * d - (A + 3)) * d * d + 1;
                }
                return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
            }
        },
        LANCZOS(3) {
            @Override
            double at(double x) {
                return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
            }
        };

        private static final double A = -0.5;
        private final double support;

        Filter(double support) {
            this.support = support;
        }

        abstract double at(double x);

        private static double sinc(double x) {
            return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
        }
    }

    private static final int PRECISION_BITS = 32 - 8 - 2;
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private final int width;
    private final int height;
    private final int toWidth;
    private final int toHeight;
    private final Coefficients across;
    private final Coefficients down;
    private final int[] column;
    private final int[] rows;
    private final int[] row;

    /** A resize of pictures of one size, all in pixels, all 1 or more. */
    Resampling(int width, int height, int toWidth, int toHeight, Filter filter) {
        this.width = width;
        this.height = height;
        this.toWidth = toWidth;
        this.toHeight = toHeight;
        across = Coefficients.of(width, toWidth, filter);
        down = Coefficients.of(height, toHeight, filter);
        column = new int[height];
        rows = new int[toWidth * height];
        row = new int[toWidth];
    }

    /** Resizes samples with rows from the top, skipping {@code step - 1} samples between two of the plane. */
    int[] resize(byte[] samples, int first, int step) {
        int[] columns = new int[width * height];
        for (int y = 0, p = first; y < height; y++) {
            for (int x = 0; x < width; x++, p += step) {
                columns[x * height + y] = samples[p] & 0xFF;
            }
        }
        int[] result = new int[toWidth * toHeight];
        resize(columns, result);
        return result;
    }

    /**
     * Resizes samples, 0..255.
     *
     * @param columns from the left, each from the top: so every inner loop runs over neighbours and is vectorised
     * @param result of toWidth * toHeight samples, rows from the top
     */
    void resize(int[] columns, int[] result) {
        for (int x = 0; x < toWidth; x++) {
            if (width == toWidth) {
                System.arraycopy(columns, x * height, column, 0, height);
            } else {
                combine(columns, height, across, x, column);
            }
            for (int y = 0; y < height; y++) {
                rows[y * toWidth + x] = column[y];
            }
        }
        for (int y = 0; y < toHeight; y++) {
            if (height == toHeight) {
                System.arraycopy(rows, y * toWidth, row, 0, toWidth);
            } else {
                combine(rows, toWidth, down, y, row);
            }
            System.arraycopy(row, 0, result, y * toWidth, toWidth);
        }
    }

    private static void combine(int[] lines, int length, Coefficients coefficients, int index, int[] sum) {
        Arrays.fill(sum, 0, length, HALF);
        int[] weights = coefficients.weights[index];
        int line = coefficients.first[index] * length;
        for (int weight : weights) {
            add(lines, line, weight, sum, length);
            line += length;
        }
        for (int i = 0; i < length; i++) {
            sum[i] = Math.max(0, Math.min(255, sum[i] >> PRECISION_BITS));
        }
    }

    private static void add(int[] lines, int from, int weight, int[] sum, int length) {
        for (int i = 0; i < length; i++) {
            sum[i] += weight * lines[from + i];
        }
    }

    /**
     * Which samples make one of the result, and with which weight.
     *
     * @param first sample, by sample of the result
     * @param weights in fixed point, by sample of the result
     */
    private record Coefficients(int[] first, int[][] weights) {

        static Coefficients of(int size, int toSize, Filter filter) {
            double scale = (double) size / toSize;
            double stretch = Math.max(scale, 1);
            double support = filter.support * stretch;
            double shrink = 1 / stretch;
            int[] first = new int[toSize];
            int[][] weights = new int[toSize][];
            for (int i = 0; i < toSize; i++) {
                double center = (i + 0.5) * scale;
                int low = Math.max(0, (int) (center - support + 0.5));
                int high = Math.min(size, (int) (center + support + 0.5));
                double[] exact = new double[high - low];
                double sum = 0;
                for (int k = 0; k < exact.length; k++) {
                    exact[k] = filter.at((k + low - center + 0.5) * shrink);
                    sum += exact[k];
                }
                first[i] = low;
                weights[i] = new int[exact.length];
                for (int k = 0; k < exact.length; k++) {
                    double weight = (sum == 0 ? exact[k] : exact[k] / sum) * (1 << PRECISION_BITS);
                    weights[i][k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                }
            }
            return new Coefficients(first, weights);
        }
    }
}
