package io.drivetrain.pipeline.measure;

import io.drivetrain.pipeline.measure.Resampling.Filter;

/**
 * The perceptual hashes of ImageHash 4.3, bit by bit. The job needs one of them ({@link PerceptualHash}); the others are
 * for comparison with collections that were hashed elsewhere. A side is the square root of the bits, a power of two.
 */
public final class PictureHashes {
    private static final int HIGH_FREQUENCY_FACTOR = 4;
    private static final int HUES = 6;
    private static final int BLACK_BELOW = 256 / 8;
    private static final int GREY_BELOW = 256 / 3;
    private static final int BRIGHT_ABOVE = 256 * 2 / 3;
    private static final double WAVELET = 0.7071067811865476;

    private PictureHashes() {}

    /** Pixels brighter than the mean. */
    public static HashBits average(Picture picture, int side) {
        int[] samples = shrink(picture, side, side);
        long sum = 0;
        for (int sample : samples) {
            sum += sample;
        }
        return above(doubles(samples), (double) sum / samples.length);
    }

    /** Pixels brighter than their left neighbour. */
    public static HashBits difference(Picture picture, int side) {
        int[] samples = shrink(picture, side + 1, side);
        boolean[] bits = new boolean[side * side];
        for (int i = 0; i < bits.length; i++) {
            int left = i / side * (side + 1) + i % side;
            bits[i] = samples[left + 1] > samples[left];
        }
        return new HashBits(bits);
    }

    /** Pixels brighter than the one above. */
    public static HashBits verticalDifference(Picture picture, int side) {
        int[] samples = shrink(picture, side, side + 1);
        boolean[] bits = new boolean[side * side];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = samples[i + side] > samples[i];
        }
        return new HashBits(bits);
    }

    /** Coefficients of the two-dimensional DCT above their median. */
    public static HashBits perceptual(Picture picture, int side) {
        double[] low = lowFrequencies(picture, side);
        return above(low, PerceptualHash.median(low));
    }

    /** The lowest side * side coefficients of the DCT of the luma at four times the side. */
    public static double[] lowFrequencies(Picture picture, int side) {
        int large = side * HIGH_FREQUENCY_FACTOR;
        return CosineTransform.low(shrink(picture, large, large), large, side);
    }

    /** Coefficients of the DCT along rows, the first left out, above their mean. */
    public static HashBits simplePerceptual(Picture picture, int side) {
        int large = side * HIGH_FREQUENCY_FACTOR;
        int[] samples = shrink(picture, large, large);
        double[] low = new double[side * side];
        double sum = 0;
        for (int y = 0; y < side; y++) {
            double[] row = new double[large];
            for (int x = 0; x < large; x++) {
                row[x] = samples[y * large + x];
            }
            double[] coefficients = CosineTransform.low(row, side + 1);
            for (int k = 0; k < side; k++) {
                low[y * side + k] = coefficients[k + 1];
                sum += coefficients[k + 1];
            }
        }
        return above(low, sum / low.length);
    }

    /** Coefficients of the Haar wavelet, without the mean of the picture, above their median. */
    public static HashBits wavelet(Picture picture, int side) {
        int natural = Integer.highestOneBit(Math.min(picture.width(), picture.height()));
        int scale = Math.max(natural, side);
        int[] samples = shrink(picture, scale, scale);
        double[] pixels = new double[samples.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = samples[i] / 255.0;
        }
        withoutMean(pixels, scale);
        double[] low = pixels;
        for (int size = scale; size > side; size /= 2) {
            low = quarters(low, size)[0];
        }
        return above(low, PerceptualHash.median(low));
    }

    /**
     * Shares of black, grey and six faint and six bright hues, 14 in all.
     *
     * @param bitsEach of a share
     */
    public static HashBits colour(Picture picture, int bitsEach) {
        int black = 0;
        int grey = 0;
        int[] hues = new int[2 * HUES];
        byte[] luma = picture.luma();
        Picture.Mode mode = picture.mode();
        for (int i = 0, p = 0; i < luma.length; i++, p += mode.samples()) {
            int red = picture.samples()[p + mode.red()] & 0xFF;
            int green = picture.samples()[p + mode.green()] & 0xFF;
            int blue = picture.samples()[p + mode.blue()] & 0xFF;
            int saturation = saturation(red, green, blue);
            if ((luma[i] & 0xFF) < BLACK_BELOW) {
                black++;
            } else if (saturation < GREY_BELOW) {
                grey++;
            } else {
                int hue = Math.min(HUES - 1, (int) (hue(red, green, blue) / (255.0 / HUES)));
                // The count of all colours is kept beside the two saturations: one value between them is in neither.
                if (saturation < BRIGHT_ABOVE) {
                    hues[hue]++;
                } else if (saturation > BRIGHT_ABOVE) {
                    hues[HUES + hue]++;
                }
            }
        }
        int colours = Math.max(1, luma.length - black - grey);
        boolean[] bits = new boolean[(2 + hues.length) * bitsEach];
        set(bits, 0, bitsEach, (double) black / luma.length);
        set(bits, 1, bitsEach, (double) grey / luma.length);
        for (int hue = 0; hue < hues.length; hue++) {
            set(bits, 2 + hue, bitsEach, (double) hues[hue] / colours);
        }
        return new HashBits(bits);
    }

    /** Luma of a picture at another size (Lanczos), by row. */
    public static int[] shrink(Picture picture, int width, int height) {
        return new Resampling(picture.width(), picture.height(), width, height, Filter.LANCZOS)
                .resize(picture.luma(), 0, 1);
    }

    // ImageHash does not write a share in binary: its second bit is also set for the fourth of eight, and so on.
    private static void set(boolean[] bits, int index, int bitsEach, double share) {
        int most = 1 << bitsEach;
        int value = Math.min(most - 1, (int) (share * most));
        for (int i = 0; i < bitsEach; i++) {
            bits[index * bitsEach + i] = (value >> (bitsEach - i - 1)) % (1 << (bitsEach - i)) > 0;
        }
    }

    private static int saturation(int red, int green, int blue) {
        int most = Math.max(red, Math.max(green, blue));
        int least = Math.min(red, Math.min(green, blue));
        float saturation = most == least ? 0 : (float) (most - least) / most;
        return (int) (saturation * 255.0);
    }

    // Pillow's hue, with its single-precision intermediate results.
    private static int hue(int red, int green, int blue) {
        int most = Math.max(red, Math.max(green, blue));
        float range = most - Math.min(red, Math.min(green, blue));
        if (range == 0) {
            return 0;
        }
        float fromRed = (most - red) / range;
        float fromGreen = (most - green) / range;
        float fromBlue = (most - blue) / range;
        float hue;
        if (red == most) {
            hue = fromBlue - fromGreen;
        } else if (green == most) {
            hue = (float) (2.0 + fromRed - fromBlue);
        } else {
            hue = (float) (4.0 + fromGreen - fromRed);
        }
        hue = (float) ((hue / 6.0 + 1.0) % 1.0);
        return Math.max(0, Math.min(255, (int) (hue * 255.0)));
    }

    // The picture is taken apart down to its mean, which becomes 0, and put together again.
    private static void withoutMean(double[] pixels, int size) {
        if (size == 1) {
            pixels[0] = 0;
            return;
        }
        double[][] quarters = quarters(pixels, size);
        withoutMean(quarters[0], size / 2);
        int half = size / 2;
        for (int y = 0; y < half; y++) {
            for (int x = 0; x < half; x++) {
                int q = y * half + x;
                double lowLeft = WAVELET * quarters[0][q] + WAVELET * quarters[1][q];
                double lowRight = WAVELET * quarters[0][q] - WAVELET * quarters[1][q];
                double highLeft = WAVELET * quarters[2][q] + WAVELET * quarters[3][q];
                double highRight = WAVELET * quarters[2][q] - WAVELET * quarters[3][q];
                int p = 2 * y * size + 2 * x;
                pixels[p] = WAVELET * lowLeft + WAVELET * highLeft;
                pixels[p + 1] = WAVELET * lowRight + WAVELET * highRight;
                pixels[p + size] = WAVELET * lowLeft - WAVELET * highLeft;
                pixels[p + size + 1] = WAVELET * lowRight - WAVELET * highRight;
            }
        }
    }

    /** Low and high along rows of what is low along columns, then the same of what is high along columns. */
    private static double[][] quarters(double[] pixels, int size) {
        int half = size / 2;
        double[][] quarters = new double[4][half * half];
        for (int y = 0; y < half; y++) {
            for (int x = 0; x < half; x++) {
                int p = 2 * y * size + 2 * x;
                double lowLeft = WAVELET * pixels[p + size] + WAVELET * pixels[p];
                double lowRight = WAVELET * pixels[p + size + 1] + WAVELET * pixels[p + 1];
                double highLeft = -WAVELET * pixels[p + size] + WAVELET * pixels[p];
                double highRight = -WAVELET * pixels[p + size + 1] + WAVELET * pixels[p + 1];
                int q = y * half + x;
                quarters[0][q] = WAVELET * lowRight + WAVELET * lowLeft;
                quarters[1][q] = -WAVELET * lowRight + WAVELET * lowLeft;
                quarters[2][q] = WAVELET * highRight + WAVELET * highLeft;
                quarters[3][q] = -WAVELET * highRight + WAVELET * highLeft;
            }
        }
        return quarters;
    }

    private static HashBits above(double[] values, double threshold) {
        boolean[] bits = new boolean[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = values[i] > threshold;
        }
        return new HashBits(bits);
    }

    private static double[] doubles(int[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
