package io.drivetrain.trainer.grade;

/** A closed interval of rates or of differences of rates. */
public record Interval(double low, double high) {
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
