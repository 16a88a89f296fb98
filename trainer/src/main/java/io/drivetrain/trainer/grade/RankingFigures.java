package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalDouble;

/** How well the probability of one class ranks its samples before the others. */
public final class RankingFigures {
    private RankingFigures() {}

    /** Samples of one score, which no threshold tells apart. */
    private interface Group {
        void add(long positives, long negatives);
    }

    /**
     * Area under the receiver operating characteristic, 0..1: the chance that a sample of the class has a higher score than
     * another, equal scores counting half (Hanley and McNeil 1982).
     *
     * @param scores of each sample, higher for the class
     * @param positive whether the sample is of the class, as many
     * @return empty where all samples are of the class or none is
     */
    public static OptionalDouble areaUnderCurve(double[] scores, boolean[] positive) {
        double[] seen = new double[3];
        descending(scores, positive, (positives, negatives) -> {
            seen[2] += negatives * (seen[0] + 0.5 * positives);
            seen[0] += positives;
            seen[1] += negatives;
        });
        return seen[0] == 0 || seen[1] == 0 ? OptionalDouble.empty() : OptionalDouble.of(seen[2] / (seen[0] * seen[1]));
    }

    /**
     * Average precision, 0..1: the mean of the precision at each threshold, weighted by the recall that it adds.
     *
     * @return empty where no sample is of the class
     */
    public static OptionalDouble averagePrecision(double[] scores, boolean[] positive) {
        double[] seen = new double[3];
        descending(scores, positive, (positives, negatives) -> {
            seen[0] += positives;
            seen[1] += negatives;
            seen[2] += positives * seen[0] / (seen[0] + seen[1]);
        });
        return seen[0] == 0 ? OptionalDouble.empty() : OptionalDouble.of(seen[2] / seen[0]);
    }

    private static void descending(double[] scores, boolean[] positive, Group each) {
        Integer[] order = new Integer[scores.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
        for (int i = 0; i < order.length; ) {
            double score = scores[order[i]];
            long positives = 0;
            long negatives = 0;
            for (; i < order.length && scores[order[i]] == score; i++) {
                if (positive[order[i]]) {
                    positives++;
                } else {
                    negatives++;
                }
            }
            each.add(positives, negatives);
        }
    }
}
