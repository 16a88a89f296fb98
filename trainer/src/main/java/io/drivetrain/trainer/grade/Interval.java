package io.drivetrain.trainer.grade;

/** A closed interval of rates or of differences of rates. */
public record Interval(double low, double high) {
    private static final double TAIL = 0.025;

    /**
     * The 95 % interval of equally likely draws: each end where the draws leave 2.5 % beyond it on average, interpolated
     * between neighbours (definition 6 of Hyndman and Fan 1996, <i>Sample Quantiles in Statistical Packages</i>).
     *
     * @param sorted from the least, one or more
     */
    public static Interval ofDraws(double[] sorted) {
        return new Interval(quantile(sorted, TAIL), quantile(sorted, 1 - TAIL));
    }

    private static double quantile(double[] sorted, double probability) {
        double position = Math.min(sorted.length - 1, Math.max(0, probability * (sorted.length + 1) - 1));
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    public boolean excludesZero() {
        return low > 0 || high < 0;
    }

    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    Interval clippedTo(double least, double most) {
        return new Interval(Math.min(most, Math.max(least, low)), Math.max(least, Math.min(most, high)));
    }

    Interval minus(double value) {
        return new Interval(low - value, high - value);
    }
}
