package io.drivetrain.pipeline.measure;

import io.drivetrain.schemas.MeasurementTaker;
import java.util.Arrays;

/**
 * What CleanVision measures of a picture before it scores it ({@link ImageQuality}). Brightness of a pixel is
 * sqrt(0.241 R^2 + 0.691 G^2 + 0.068 B^2) / 255, or L / 255 in pictures without colour.
 *
 * @param brightnessPercentiles 0..1, at {@link #PERCENTILES}
 * @param brightness of the mean colour, 0..1; of pictures with opacity, that of the mean red, as CleanVision has it
 * @param aspectRatio shorter side over longer side
 * @param entropy of the histogram over all channels, in bits
 * @param blurriness standard deviation of the edges of the reduced luma, in grey levels
 * @param grayscaleSpread standard deviation of the 256 counts of the reduced luma's histogram, in pixels
 * @param size square root of the area, in pixels
 */
public record QualityProperties(
        double[] brightnessPercentiles,
        double brightness,
        double aspectRatio,
        double entropy,
        double blurriness,
        double grayscaleSpread,
        double size) {
    /** Which percentiles of brightness are measured. */
    public static final int[] PERCENTILES = {1, 5, 10, 15, 90, 95, 99};

    /** Longest side, in pixels, at which blur is judged. */
    static final int BLUR_SIDE = 64;

    private static final int LEVELS = 256;
    private static final double MAXIMUM = 255;
    private static final double THOUSAND = 1000;

    /** Measures a picture. */
    public static QualityProperties of(Picture picture) {
        int[] reduced = reducedLuma(picture);
        int reducedWidth = reducedSide(picture.width(), picture.width(), picture.height());
        int reducedHeight = reducedSide(picture.height(), picture.width(), picture.height());
        return new QualityProperties(
                percentiles(pixelBrightness(picture)),
                meanBrightness(picture),
                aspectRatio(picture.width(), picture.height()),
                entropy(picture),
                edgeDeviation(reduced, reducedWidth, reducedHeight),
                histogramDeviation(reduced),
                Math.sqrt(picture.width()) * Math.sqrt(picture.height()));
    }

    /** Brightness below which 99 in 100 pixels are, 0..1. */
    public double percentile99() {
        return brightnessPercentiles[6];
    }

    /** Brightness below which 5 in 100 pixels are, 0..1. */
    public double percentile5() {
        return brightnessPercentiles[1];
    }

    /** Shorter side over longer side, 0..1. */
    static double aspectRatio(int width, int height) {
        return Math.min((double) width / height, (double) height / width);
    }

    /** Brightness from the weighted squares of {@link #weightedSquares}. */
    static double brightness(int weightedSquares) {
        return Math.sqrt(weightedSquares / THOUSAND) / MAXIMUM;
    }

    /** A whole number that grows with the brightness of a pixel, 0..65,025,000. */
    static int weightedSquares(int red, int green, int blue) {
        return 241 * red * red + 691 * green * green + 68 * blue * blue;
    }

    /** A side of the picture in which blur is judged, in pixels. */
    static int reducedSide(int side, int width, int height) {
        double ratio = (double) Math.max(width, height) / BLUR_SIDE;
        return ratio > 1 ? Math.max(1, (int) Math.floor(side / ratio)) : side;
    }

    /**
     * Where a percentile lies among sorted values, as numpy interpolates it.
     *
     * @param rank below is the whole part, above the next one
     */
    static double interpolate(double below, double above, double rank) {
        double share = rank - Math.floor(rank);
        double difference = above - below;
        return share >= 0.5 ? above - difference * (1 - share) : below + difference * share;
    }

    /**
     * Standard deviation of a picture of edges (3 x 3, 8 in the centre, clipped, border pixels as they are).
     *
     * @param width up to 30,000, in pixels
     */
    static double edgeDeviation(int[] luma, int width, int height) {
        long sum = 0;
        long squares = 0;
        int[] edges = new int[width];
        int[] columns = new int[width];
        for (int y = 0; y < height; y++) {
            int line = y * width;
            System.arraycopy(luma, line, edges, 0, width);
            if (y > 0 && y < height - 1) {
                addThree(luma, line - width, line, line + width, columns);
                for (int x = 1; x < width - 1; x++) {
                    int sides = columns[x - 1] + columns[x] + columns[x + 1];
                    edges[x] = Math.max(0, Math.min(255, 9 * luma[line + x] - sides));
                }
            }
            int lineSum = 0;
            int lineSquares = 0;
            for (int edge : edges) {
                lineSum += edge;
                lineSquares += edge * edge;
            }
            sum += lineSum;
            squares += lineSquares;
        }
        double count = (double) width * height;
        return Math.sqrt(Math.max(0, (squares - (double) sum * sum / count) / count));
    }

    private static void addThree(int[] samples, int first, int second, int third, int[] sum) {
        for (int x = 0; x < sum.length; x++) {
            sum[x] = samples[first + x] + samples[second + x] + samples[third + x];
        }
    }

    /** Standard deviation of the counts of a histogram of 256 levels. */
    static double histogramDeviation(int[] luma) {
        int[] histogram = new int[LEVELS];
        for (int level : luma) {
            histogram[level]++;
        }
        double mean = (double) luma.length / LEVELS;
        double squares = 0;
        for (int count : histogram) {
            squares += (count - mean) * (count - mean);
        }
        return Math.sqrt(squares / LEVELS);
    }

    private static double entropy(Picture picture) {
        int samples = picture.mode().samples();
        int[] counts = new int[samples * LEVELS];
        int length = picture.area() * samples;
        for (int i = 0; i < length; i++) {
            counts[i % samples * LEVELS + (picture.samples()[i] & 0xFF)]++;
        }
        return MeasurementTaker.entropy(counts, length);
    }

    private static double[] pixelBrightness(Picture picture) {
        Picture.Mode mode = picture.mode();
        byte[] samples = picture.samples();
        double[] values = new double[picture.area()];
        for (int i = 0, p = 0; i < values.length; i++, p += mode.samples()) {
            values[i] = mode.coloured()
                    ? brightness(weightedSquares(
                            samples[p + mode.red()] & 0xFF,
                            samples[p + mode.green()] & 0xFF,
                            samples[p + mode.blue()] & 0xFF))
                    : (samples[p] & 0xFF) / MAXIMUM;
        }
        return values;
    }

    private static double[] percentiles(double[] values) {
        Arrays.sort(values);
        double[] result = new double[PERCENTILES.length];
        for (int i = 0; i < result.length; i++) {
            double rank = (values.length - 1) * (PERCENTILES[i] / 100.0);
            int below = (int) rank;
            result[i] = interpolate(values[below], values[Math.min(below + 1, values.length - 1)], rank);
        }
        return result;
    }

    private static double meanBrightness(Picture picture) {
        Picture.Mode mode = picture.mode();
        double red = mean(picture, mode.red());
        boolean three = mode.samples() == 3;
        double green = three ? mean(picture, mode.green()) : red;
        double blue = three ? mean(picture, mode.blue()) : red;
        return Math.sqrt(0.241 * (red * red) + 0.691 * (green * green) + 0.068 * (blue * blue)) / MAXIMUM;
    }

    private static double mean(Picture picture, int channel) {
        long sum = 0;
        for (int i = 0, p = channel;
                i < picture.area();
                i++, p += picture.mode().samples()) {
            sum += picture.samples()[p] & 0xFF;
        }
        return (double) sum / picture.area();
    }

    private static int[] reducedLuma(Picture picture) {
        int width = reducedSide(picture.width(), picture.width(), picture.height());
        int height = reducedSide(picture.height(), picture.width(), picture.height());
        if (width == picture.width() && height == picture.height()) {
            return unsigned(picture.luma());
        }
        Picture.Mode mode = picture.mode();
        Picture source = mode.transparent() ? Opacity.multiplied(picture) : picture;
        Resampling resampling =
                new Resampling(picture.width(), picture.height(), width, height, Resampling.Filter.BICUBIC);
        int channels = mode.samples();
        byte[] reduced = new byte[width * height * channels];
        for (int channel = 0; channel < channels; channel++) {
            int[] plane = resampling.resize(source.samples(), channel, channels);
            for (int i = 0; i < plane.length; i++) {
                reduced[i * channels + channel] = (byte) plane[i];
            }
        }
        Picture result = new Picture(width, height, mode, reduced);
        return unsigned((mode.transparent() ? Opacity.divided(result) : result).luma());
    }

    private static int[] unsigned(byte[] bytes) {
        int[] values = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i] & 0xFF;
        }
        return values;
    }
}
