package io.drivetrain.trainer.grade;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A candidate beside a champion on the same test-dev samples.
 *
 * @param difference error rate of the candidate minus that of the champion, −1..1; not a number where there is no sample
 * @param interval 95 %, by the paired cluster bootstrap; empty where there are too few drives
 * @param mcnemarPValue exact and two-sided, as if frames were independent, which those of one drive are not: it says
 *     "different" too readily and is reported, not decided by; empty where there is no sample
 * @param slices by name, those that have enough drives to be compared
 */
public record Comparison(
        double difference, Optional<Interval> interval, OptionalDouble mcnemarPValue, List<SliceDifference> slices) {
    public Comparison {
        slices = List.copyOf(slices);
    }
}
