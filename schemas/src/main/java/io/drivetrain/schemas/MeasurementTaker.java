package io.drivetrain.schemas;

/**
 * Measures training-size pixels; the meaning, unit and range of each measurement are in the schema {@link
 * Measurements}. Luma is Rec. 601 in 16-bit fixed point, the Laplacian has four neighbours and skips the border.
 */
public final class MeasurementTaker {
    private static final int DARK_BELOW = 40;
    private static final int GLARE_ABOVE = 245;
    private static final int LEVELS = 256;
    private static final double MAXIMUM = 255.0;

    /** So many squares of a Laplacian, which is at most 4 * 255, fit into an int. */
    private static final int CHUNK = 1024;

    /** 1 / n by n, and 0 by 0: black has no saturation. */
    private static final double[] RECIPROCALS = new double[LEVELS];

    static {
        for (int n = 1; n < LEVELS; n++) {
            RECIPROCALS[n] = 1.0 / n;
        }
    }

    /** n log n by n: a histogram has hundreds of small counts, and a logarithm takes longer than all else about them. */
    private static final double[] WEIGHTED_LOGARITHMS = new double[1024];

    static {
        for (int n = 1; n < WEIGHTED_LOGARITHMS.length; n++) {
            WEIGHTED_LOGARITHMS[n] = n * Math.log(n);
        }
    }

    private MeasurementTaker() {}

    /**
     * Measures one image.
     *
     * @param chw red, green and blue plane, unsigned bytes, rows from the top
     * @throws IllegalArgumentException if there are not 3 * height * width bytes, or none
     */
    public static Measurements measure(byte[] chw, int width, int height) {
        int area = width * height;
        if (area == 0 || chw.length != 3 * area) {
            throw new IllegalArgumentException(
                    "Cannot measure %d bytes as 3 planes of %d x %d pixels".formatted(chw.length, width, height));
        }
        int[] luma = new int[area];
        // Neighbours are of the same level more often than not, and would wait for each other's count.
        int[] histogram = new int[LEVELS];
        int[] other = new int[LEVELS];
        long warmer = 0;
        double saturation = 0;
        for (int i = 0; i < area; i++) {
            int red = chw[i] & 0xFF;
            int green = chw[area + i] & 0xFF;
            int blue = chw[2 * area + i] & 0xFF;
            int y = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
            luma[i] = y;
            ((i & 1) == 0 ? histogram : other)[y]++;
            warmer += red - blue;
            int most = Math.max(red, Math.max(green, blue));
            int least = Math.min(red, Math.min(green, blue));
            saturation += (most - least) * RECIPROCALS[most];
        }
        for (int level = 0; level < LEVELS; level++) {
            histogram[level] += other[level];
        }
        long total = 0;
        double squares = 0;
        long dark = 0;
        long glare = 0;
        for (int level = 0; level < LEVELS; level++) {
            total += (long) histogram[level] * level;
            dark += level < DARK_BELOW ? histogram[level] : 0;
            glare += level > GLARE_ABOVE ? histogram[level] : 0;
        }
        double mean = (double) total / area;
        for (int level = 0; level < LEVELS; level++) {
            squares += histogram[level] * (level - mean) * (level - mean);
        }
        double warmth = ((double) warmer / area + MAXIMUM) / (2 * MAXIMUM);
        return new Measurements(
                mean / MAXIMUM,
                Math.sqrt(squares / area) / MAXIMUM,
                (double) dark / area,
                (double) glare / area,
                saturation / area,
                warmth,
                sharpness(luma, width, height),
                entropy(histogram, area));
    }

    /** Entropy in bits of counts that sum up to a total. */
    public static double entropy(int[] counts, long total) {
        double sum = 0;
        for (int count : counts) {
            if (count == total) {
                return 0;
            }
            sum += count < WEIGHTED_LOGARITHMS.length ? WEIGHTED_LOGARITHMS[count] : count * Math.log(count);
        }
        return (Math.log(total) - sum / total) / Math.log(2);
    }

    private static double sharpness(int[] luma, int width, int height) {
        long inner = (long) (width - 2) * (height - 2);
        if (width < 3 || height < 3) {
            return 0;
        }
        int[] laplacians = new int[luma.length - 2 * width];
        // One loop over all lines, so that the compiler vectorises it; what it makes of their ends is taken out again.
        for (int i = 1, p = width + 1; i < laplacians.length - 1; i++, p++) {
            laplacians[i] = luma[p - 1] + luma[p + 1] + luma[p - width] + luma[p + width] - 4 * luma[p];
        }
        for (int start = 0; start < laplacians.length; start += width) {
            laplacians[start] = 0;
            laplacians[start + width - 1] = 0;
        }
        long sum = 0;
        long squares = 0;
        for (int start = 0; start < laplacians.length; start += CHUNK) {
            int end = Math.min(start + CHUNK, laplacians.length);
            sum += sum(laplacians, start, end);
            squares += sumOfSquares(laplacians, start, end);
        }
        double mean = (double) sum / inner;
        return Math.sqrt(Math.max(0, (double) squares / inner - mean * mean));
    }

    private static int sum(int[] values, int start, int end) {
        int sum = 0;
        for (int i = start; i < end; i++) {
            sum += values[i];
        }
        return sum;
    }

    private static int sumOfSquares(int[] values, int start, int end) {
        int sum = 0;
        for (int i = start; i < end; i++) {
            sum += values[i] * values[i];
        }
        return sum;
    }
}
