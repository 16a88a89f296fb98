package io.drivetrain.pipeline.measure;

import java.util.Arrays;

/**
 * Resizes planes of 8-bit samples to another size, to the last bit as Pillow does it: separable, horizontal before
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
    private final int planes;
    private final Coefficients across;
    private final Coefficients down;
    private final int[] column;
    private final int[][] rows;
    private final int[] row;

    /** A resize of one plane of pictures of one size; sides are in pixels, all 1 or more. */
    Resampling(int width, int height, int toWidth, int toHeight, Filter filter) {
        this(1, width, height, toWidth, toHeight, filter);
    }

    /** A resize of several planes at once. */
    Resampling(int planes, int width, int height, int toWidth, int toHeight, Filter filter) {
        this.planes = planes;
        this.width = width;
        this.height = height;
        this.toWidth = toWidth;
        this.toHeight = toHeight;
        across = Coefficients.of(width, toWidth, filter);
        down = Coefficients.of(height, toHeight, filter);
        column = new int[planes * height];
        rows = new int[height][planes * toWidth];
        row = new int[planes * toWidth];
    }

    /** Resizes samples with rows from the top, skipping {@code step - 1} samples between two of the plane. */
    int[] resize(byte[] samples, int first, int step) {
        int[][] columns = new int[width][height];
        for (int y = 0, p = first; y < height; y++) {
            for (int x = 0; x < width; x++, p += step) {
                columns[x][y] = samples[p] & 0xFF;
            }
        }
        int[] result = new int[toWidth * toHeight];
        resize(columns, result);
        return result;
    }

    /**
     * Resizes samples, 0..255.
     *
     * @param columns from the left, each with its planes after each other, each from the top; arrays of their own, because
     *     the compiler vectorises only loops that have the same index into all arrays
     * @param result planes * toWidth * toHeight samples: rows from the top, each with its planes after each other
     */
    void resize(int[][] columns, int[] result) {
        for (int x = 0; x < toWidth; x++) {
            int[] scaled = width == toWidth ? columns[x] : combine(columns, across, x, column);
            for (int plane = 0, i = 0; plane < planes; plane++) {
                for (int y = 0; y < height; y++) {
                    rows[y][plane * toWidth + x] = scaled[i++];
                }
            }
        }
        int length = planes * toWidth;
        for (int y = 0; y < toHeight; y++) {
            int[] scaled = height == toHeight ? rows[y] : combine(rows, down, y, row);
            System.arraycopy(scaled, 0, result, y * length, length);
        }
    }

    private static int[] combine(int[][] lines, Coefficients coefficients, int index, int[] sum) {
        Arrays.fill(sum, HALF);
        int[] weights = coefficients.weights[index];
        int line = coefficients.first[index];
        int k = 0;
        for (; k + 4 <= weights.length; k += 4, line += 4) {
            addFour(lines[line], lines[line + 1], lines[line + 2], lines[line + 3], weights, k, sum);
        }
        for (; k < weights.length; k++, line++) {
            add(lines[line], weights[k], sum);
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] = Math.max(0, Math.min(255, sum[i] >> PRECISION_BITS));
        }
        return sum;
    }

    private static void add(int[] line, int weight, int[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * line[i];
        }
    }

    private static void addFour(int[] first, int[] second, int[] third, int[] fourth, int[] weights, int k, int[] sum) {
        int weight1 = weights[k];
        int weight2 = weights[k + 1];
        int weight3 = weights[k + 2];
        int weight4 = weights[k + 3];
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight1 * first[i] + weight2 * second[i] + weight3 * third[i] + weight4 * fourth[i];
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
