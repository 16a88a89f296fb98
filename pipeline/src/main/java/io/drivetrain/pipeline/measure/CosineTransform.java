package io.drivetrain.pipeline.measure;

/**
 * The lowest coefficients of the unnormalised DCT-II, 2 * sum x[n] cos(pi k (2n + 1) / 2N), as {@code
 * scipy.fftpack.dct} computes it. The input is folded before it is multiplied, so that coefficients that are 0 by
 * symmetry are 0 exactly, as they are there.
 */
final class CosineTransform {
    private static final int LARGEST = 10;
    private static final double[][] COSINES = new double[LARGEST + 1][];

    static {
        for (int bits = 0; bits <= LARGEST; bits++) {
            int size = 1 << bits;
            COSINES[bits] = new double[4 * size];
            for (int i = 0; i < 4 * size; i++) {
                COSINES[bits][i] = 2 * Math.cos(Math.PI * i / (2.0 * size));
            }
        }
    }

    private CosineTransform() {}

    /**
     * The transform along columns and then along rows.
     *
     * @param samples side * side of them, by row
     * @param side a power of two, up to 1024
     * @param low coefficients in each direction, up to side
     * @return low * low coefficients, by row
     */
    static double[] low(int[] samples, int side, int low) {
        double[][] lines = new double[side][side];
        for (int y = 0; y < side; y++) {
            double[] line = lines[y];
            for (int x = 0, i = y * side; x < side; x++, i++) {
                line[x] = samples[i];
            }
        }
        double[][] rows = new double[low][side];
        transformColumns(lines, side, rows, 1);
        double[] result = new double[low * low];
        double[] coefficients = new double[low];
        for (int k = 0; k < low; k++) {
            transform(rows[k], side, coefficients, low, 1);
            System.arraycopy(coefficients, 0, result, k * low, low);
        }
        return result;
    }

    // The same sums as transform's, in the same order, of all columns at once, so that the compiler vectorises them.
    private static void transformColumns(double[][] lines, int size, double[][] result, int stride) {
        if (size == 1) {
            multiplyAdd(lines[0], 2, result[0]);
            return;
        }
        double[] cosines = COSINES[Integer.numberOfTrailingZeros(size)];
        int half = size / 2;
        int period = 4 * size - 1;
        for (int n = 0; n < half; n++) {
            fold(lines[n], lines[size - 1 - n]);
        }
        for (int k = 1; k * stride < result.length; k += 2) {
            for (int n = 0; n < half; n++) {
                multiplyAdd(lines[size - 1 - n], cosines[k * (2 * n + 1) & period], result[k * stride]);
            }
        }
        transformColumns(lines, half, result, 2 * stride);
    }

    /** Puts the sums into the first line and the differences into the second. */
    private static void fold(double[] first, double[] second) {
        for (int x = 0; x < first.length; x++) {
            double sum = first[x] + second[x];
            second[x] = first[x] - second[x];
            first[x] = sum;
        }
    }

    private static void multiplyAdd(double[] line, double factor, double[] sum) {
        for (int x = 0; x < line.length; x++) {
            sum[x] += line[x] * factor;
        }
    }

    /** The lowest coefficients of one line of samples. */
    static double[] low(double[] samples, int low) {
        double[] coefficients = new double[low];
        transform(samples.clone(), samples.length, coefficients, low, 1);
        return coefficients;
    }

    // Even coefficients are those of the folded sums at half the size, odd ones come from the folded differences.
    private static void transform(double[] line, int size, double[] result, int low, int stride) {
        if (size == 1) {
            result[0] = 2 * line[0];
            return;
        }
        double[] cosines = COSINES[Integer.numberOfTrailingZeros(size)];
        int half = size / 2;
        int period = 4 * size - 1;
        for (int k = 1; k * stride < low; k += 2) {
            double sum = 0;
            for (int n = 0; n < half; n++) {
                sum += (line[n] - line[size - 1 - n]) * cosines[k * (2 * n + 1) & period];
            }
            result[k * stride] = sum;
        }
        for (int n = 0; n < half; n++) {
            line[n] += line[size - 1 - n];
        }
        transform(line, half, result, low, 2 * stride);
    }
}
