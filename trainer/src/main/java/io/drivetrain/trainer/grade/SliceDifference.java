package io.drivetrain.trainer.grade;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two models on the samples of one slice.
 *
 * @param slice for example {@code timeofday=night}
 * @param samples in the slice
 * @param drives that have such samples
 * @param difference error rate of the candidate minus that of the champion, −1..1
 * @param interval 95 %, of this slice alone; empty where it has too few drives
 * @param pValue two-sided, of no difference, after Holm's correction for all slices that were compared; empty where it
 *     has too few drives
 */
public record SliceDifference(
        String slice, long samples, int drives, double difference, Optional<Interval> interval, OptionalDouble pValue) {

    /** The candidate has more errors here, with less than 5 % chance of saying so of any slice wrongly. */
    public boolean significantlyWorse() {
        return difference > 0 && pValue.isPresent() && pValue.getAsDouble() < PromotionRule.SIGNIFICANCE;
    }
}
