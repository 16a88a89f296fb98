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
        int[] histogram = new int[LEVELS];
        long reds = 0;
        long blues = 0;
        double saturation = 0;
        for (int i = 0; i < area; i++) {
            int red = chw[i] & 0xFF;
            int green = chw[area + i] & 0xFF;
            int blue = chw[2 * area + i] & 0xFF;
            int y = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
            luma[i] = y;
            histogram[y]++;
            reds += red;
            blues += blue;
            int most = Math.max(red, Math.max(green, blue));
            int least = Math.min(red, Math.min(green, blue));
            if (most > 0) {
                saturation += (double) (most - least) / most;
            }
        }
        double mean = 0;
        double squares = 0;
        double entropy = 0;
        long dark = 0;
        long glare = 0;
        for (int level = 0; level < LEVELS; level++) {
            double share = (double) histogram[level] / area;
            mean += share * level;
            if (share > 0) {
                entropy -= share * Math.log(share);
            }
            dark += level < DARK_BELOW ? histogram[level] : 0;
            glare += level > GLARE_ABOVE ? histogram[level] : 0;
        }
        for (int level = 0; level < LEVELS; level++) {
            squares += (double) histogram[level] / area * (level - mean) * (level - mean);
        }
        double warmth = ((double) (reds - blues) / area + MAXIMUM) / (2 * MAXIMUM);
        return new Measurements(
                mean / MAXIMUM,
                Math.sqrt(squares) / MAXIMUM,
                (double) dark / area,
                (double) glare / area,
                saturation / area,
                warmth,
                sharpness(luma, width, height),
                entropy / Math.log(2));
    }

    private static double sharpness(int[] luma, int width, int height) {
        long inner = (long) (width - 2) * (height - 2);
        if (width < 3 || height < 3) {
            return 0;
        }
        long sum = 0;
        long squares = 0;
        for (int y = 1; y < height - 1; y++) {
            int above = (y - 1) * width;
            int line = y * width;
            int below = (y + 1) * width;
            for (int x = 1; x < width - 1; x++) {
                int laplacian = luma[line + x - 1]
                        + luma[line + x + 1]
                        + luma[above + x]
                        + luma[below + x]
                        - 4 * luma[line + x];
                sum += laplacian;
                squares += laplacian * laplacian;
            }
        }
        double mean = (double) sum / inner;
        return Math.sqrt(Math.max(0, (double) squares / inner - mean * mean));
    }
}
