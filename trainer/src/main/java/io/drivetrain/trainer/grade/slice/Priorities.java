package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.SlicePriority;

/**
 * How much worth fixing a slice is, among the slices of one report. The guide's example is its measure: with the same
 * priority of effort, a slice that adds 1.0 points to the test-dev error comes high, one of 0.3 medium, one of 0.1 low.
 *
 * <ol>
 *   <li>{@code NOT_ENOUGH_DATA}: fewer drives than {@link SliceSettings#minDrives()} on test-dev, in the slice or outside
 *       of it.
 *   <li>{@code LOW}: what fixing it brings is not distinguishable from zero once corrected for the number of slices looked
 *       at ({@link StandsOut}), or is below a fifth of what the best slice brings, or below a hundredth of the error.
 *   <li>{@code HIGH}: at least half of what the best slice brings.
 *   <li>{@code MEDIUM}: all others.
 * </ol>
 */
final class Priorities {
    /** A p-value up to this, after correction for the number of slices, is not chance. */
    static final double SIGNIFICANCE = 0.05;

    private static final double HIGH_SHARE = 0.5;
    private static final double MEDIUM_SHARE = 0.2;
    private static final double LEAST_SHARE_OF_ERROR = 0.01;

    private Priorities() {}

    /**
     * Of a slice with enough data.
     *
     * @param gain what fixing it brings, 0..1
     * @param distinguishable whether that is not chance
     * @param largest gain of the distinguishable slices
     * @param error of test-dev, 0..1
     */
    static SlicePriority of(double gain, boolean distinguishable, double largest, double error) {
        if (!distinguishable || gain < MEDIUM_SHARE * largest || gain < LEAST_SHARE_OF_ERROR * error) {
            return SlicePriority.LOW;
        }
        return gain >= HIGH_SHARE * largest ? SlicePriority.HIGH : SlicePriority.MEDIUM;
    }
}
