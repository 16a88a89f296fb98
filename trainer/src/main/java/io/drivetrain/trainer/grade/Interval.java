package io.drivetrain.trainer.grade;

/** A closed interval of rates or of differences of rates. */
public record Interval(double low, double high) {
    private static final double TAIL = 0.025;

    /**
     * The 95 % interval of equally likely draws: each end where the draws leave 2.5 % beyond it on average.
     *
     * @param sorted from the least, one or more
     */
    public static Interval ofDraws(double[] sorted) {
        return new Interval(Quantiles.ofDraws(sorted, TAIL), Quantiles.ofDraws(sorted, 1 - TAIL));
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
