package io.drivetrain.trainer.grade;

/**
 * Quantiles of sorted values, interpolated between neighbours (Hyndman and Fan 1996, <i>Sample Quantiles in Statistical
 * Packages</i>).
 */
public final class Quantiles {
    private Quantiles() {}

    /**
     * Their definition 7, which most packages have: the least value at 0, the greatest at 1.
     *
     * @param sorted from the least, one or more
     * @param probability 0..1
     */
    public static double ofValues(double[] sorted, double probability) {
        return at(sorted, probability * (sorted.length - 1));
    }

    /** Their definition 6, for equally likely draws: as much probability lies beyond it on average as is said. */
    static double ofDraws(double[] sorted, double probability) {
        return at(sorted, Math.min(sorted.length - 1, Math.max(0, probability * (sorted.length + 1) - 1)));
    }

    private static double at(double[] sorted, double position) {
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
