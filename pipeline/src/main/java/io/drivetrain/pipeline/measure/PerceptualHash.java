package io.drivetrain.pipeline.measure;

import java.util.Arrays;

/**
 * The 64-bit pHash of ImageHash: luma in 32 x 32 pixels (Lanczos), its two-dimensional DCT, one bit for each of the
 * 8 x 8 lowest coefficients: whether it is above their median. Bit 63 is the first coefficient, so that 16 hexadecimal
 * digits read as ImageHash prints them.
 *
 * <p>Pictures that look the same differ in few bits ({@link #distance}); pictures of no structure have no hash to speak
 * of ({@link #flat}).
 */
public final class PerceptualHash {
    /** Sides of the picture that is transformed, in pixels. */
    static final int SIDE = 32;

    private static final int LOW = 8;

    // The standard deviation that rounding 32 x 32 pixels to 8 bits gives a coefficient: 4 * 32 / 2 / sqrt(12).
    private static final double ROUNDING = 18.5;
    private static final int NOISY_BITS = LOW * LOW / 4;

    private PerceptualHash() {}

    /**
     * The hash of a picture.
     *
     * @param luma 0..255, rows from the top
     * @throws IllegalArgumentException if there are not width * height bytes, or none
     */
    public static long of(byte[] luma, int width, int height) {
        return hash(lowFrequencies(shrink(luma, width, height)));
    }

    /**
     * Whether a quarter or more of the bits of the hash would be decided by the rounding of pixels to 8 bits, as in
     * pictures of one colour or of bars; such pictures are the same only if their bytes are.
     *
     * @param luma 0..255, rows from the top
     * @throws IllegalArgumentException if there are not width * height bytes, or none
     */
    public static boolean flat(byte[] luma, int width, int height) {
        return flat(lowFrequencies(shrink(luma, width, height)));
    }

    /** Bits that differ, 0..64. */
    public static int distance(long one, long other) {
        return Long.bitCount(one ^ other);
    }

    /** The hash in 16 hexadecimal digits. */
    public static String hex(long hash) {
        String digits = Long.toHexString(hash);
        return "0".repeat(16 - digits.length()) + digits;
    }

    static long hash(double[] low) {
        return hash(low, median(low));
    }

    static long hash(double[] low, double median) {
        long hash = 0;
        for (double coefficient : low) {
            hash = hash << 1 | (coefficient > median ? 1 : 0);
        }
        return hash;
    }

    static boolean flat(double[] low) {
        return flat(low, median(low));
    }

    static boolean flat(double[] low, double median) {
        int noisy = 0;
        for (double coefficient : low) {
            noisy += Math.abs(coefficient - median) < ROUNDING ? 1 : 0;
        }
        return noisy >= NOISY_BITS;
    }

    /** The lowest coefficients of 32 x 32 samples, by row. */
    static double[] lowFrequencies(int[] samples) {
        return CosineTransform.low(samples, SIDE, LOW);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static int[] shrink(byte[] luma, int width, int height) {
        if (width < 1 || height < 1 || luma.length != (long) width * height) {
            throw new IllegalArgumentException(
                    "Cannot hash %d bytes as luma of %d x %d pixels".formatted(luma.length, width, height));
        }
        return new Resampling(width, height, SIDE, SIDE, Resampling.Filter.LANCZOS).resize(luma, 0, 1);
    }
}
