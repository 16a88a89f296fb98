package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.SliceAnalysis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A slice that was analysed.
 *
 * @param rule which samples are in it
 * @param analysis its figures, without a contact sheet
 * @param restError error rate of test-dev outside of it, 0..1; NaN where nothing is outside
 * @param pValue of "its error rate on test-dev is not higher than the rest's", corrected for the number of slices looked
 *     at; empty where it has too few drives
 * @param judged the drives of test-dev that its figures are counted from, ascending: all, or for a cluster those that it
 *     was not found on
 */
// An array as in SliceCounts, and nobody compares findings.
@SuppressWarnings("ArrayRecordComponent")
public record SliceFinding(
        SliceRule rule, SliceAnalysis analysis, double restError, Optional<Double> pValue, int[] judged) {
    /** Frames of one drive are near-copies; more of them would hide the other drives. */
    private static final int MOST_OF_DRIVE = 2;

    /**
     * The wrongly classified samples of the slice with the highest loss, worst first; at most two of a drive as long as
     * other drives have any.
     *
     * @param most how many at most
     * @return indices into the split
     */
    public List<Integer> worst(GradedSplit split, int most) {
        boolean[] members = rule.members(split);
        List<Integer> wrong = IntStream.range(0, split.size())
                .filter(i -> members[i] && split.wrong(i))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -split.loss(i))
                        .thenComparing(i -> i))
                .toList();
        Map<Integer, Integer> ofDrive = new HashMap<>();
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        for (int i : wrong) {
            boolean few = ofDrive.merge(split.driveOf()[i], 1, Integer::sum) <= MOST_OF_DRIVE;
            (few ? first : second).add(i);
        }
        first.addAll(second);
        return first.stream()
                .limit(most)
                .sorted(Comparator.comparingDouble((Integer i) -> -split.loss(i))
                        .thenComparing(i -> i))
                .toList();
    }
}
