package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.trainer.grade.Interval;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Optional;

/** Numbers as records and as people read them. */
final class Figures {
    private static final MathContext THREE_DIGITS = new MathContext(3);

    private Figures() {}

    /** The nearest number of three significant digits, so that what is printed is what was used. */
    static double rounded(double value) {
        return new BigDecimal(value).round(THREE_DIGITS).doubleValue();
    }

    static String plain(double value) {
        return new BigDecimal(value).round(THREE_DIGITS).stripTrailingZeros().toPlainString();
    }

    static Estimate estimate(double value, Optional<Interval> interval) {
        return new Estimate(
                value,
                interval.map(Interval::low).orElse(null),
                interval.map(Interval::high).orElse(null));
    }

    static boolean excludesZero(Estimate estimate) {
        return estimate.getLow() != null && (estimate.getLow() > 0 || estimate.getHigh() < 0);
    }

    static String percent(double rate) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * rate);
    }

    /** With its interval, if it has one. */
    static String percent(Estimate rate) {
        return percent(rate.getValue())
                + (rate.getLow() == null
                        ? ""
                        : String.format(Locale.ROOT, " (%.1f to %.1f)", 100 * rate.getLow(), 100 * rate.getHigh()));
    }

    /** In percentage points, with its interval, if it has one. */
    static String points(Estimate difference) {
        return String.format(Locale.ROOT, "%.1f points", 100 * difference.getValue())
                + (difference.getLow() == null
                        ? ""
                        : String.format(
                                Locale.ROOT, " (%.1f to %.1f)", 100 * difference.getLow(), 100 * difference.getHigh()));
    }
}
