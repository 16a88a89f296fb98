package io.drivetrain.pipeline.measure;

import java.util.Arrays;

/**
 * How far each of a set of pictures is from the usual size, as CleanVision scores it: 1 in the middle of the range that
 * the quartiles span, widened by a factor of their distance on both sides, and less than {@link #threshold} outside.
 *
 * @param scores 0..1, by picture
 * @param threshold below it a size is odd
 */
public record OddSize(double[] scores, double threshold) {

    /**
     * Scores sizes.
     *
     * @param sizes {@link QualityProperties#size}, one or more
     * @param factor 3 is usual
     */
    public static OddSize of(double[] sizes, double factor) {
        double[] sorted = sizes.clone();
        Arrays.sort(sorted);
        double low = quantile(sorted, 0.25);
        double high = quantile(sorted, 0.75);
        double least = low - factor * (high - low);
        double most = high + factor * (high - low);
        double middle = (least + most) / 2;
        double gap = most - least;
        double unit = gap > 0 ? gap : middle;
        double[] scores = new double[sizes.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = 1 - Math.max(0, Math.min(1, Math.abs(sizes[i] - middle) / unit));
        }
        return new OddSize(scores, gap > 0 ? 0.5 : 1);
    }

    private static double quantile(double[] sorted, double share) {
        double rank = (sorted.length - 1) * share;
        int below = (int) rank;
        return QualityProperties.interpolate(sorted[below], sorted[Math.min(below + 1, sorted.length - 1)], rank);
    }
}
