package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.Estimate;
import java.util.Locale;

/** Figures as the views write them, each with its 95 % interval or the word that there is none. */
final class Figures {
    static final String NONE = "none";

    private static final String NO_INTERVAL = "[no interval]";

    private Figures() {}

    /** A share of 0..1 in percent: {@code 12.3 % [10.0 … 14.6]}. */
    static String rate(Estimate share) {
        return share == null
                ? NONE
                : DecompositionChart.percent(share.getValue(), false) + " "
                        + (bounded(share) ? DecompositionChart.interval(share) : NO_INTERVAL);
    }

    /** A share of 0..1 in percent, under a head that says so: {@code 12.3 [10.0 … 14.6]}. */
    static String percents(Estimate share) {
        return rate(share).replace(" %", "");
    }

    /** A difference of two shares in percentage points: {@code +1.3 [0.6 … 1.9]}. */
    static String points(Estimate difference) {
        return difference == null
                ? NONE
                : points(difference.getValue()) + " "
                        + (bounded(difference) ? DecompositionChart.interval(difference) : NO_INTERVAL);
    }

    /** A difference of two shares in percentage points, with its sign. */
    static String points(double difference) {
        return DecompositionChart.percent(difference, true).replace(" %", "");
    }

    /** A value that is no share, with three decimals: {@code 0.693 [0.650 … 0.731]}. */
    static String plain(Estimate value) {
        if (value == null) {
            return NONE;
        }
        return bounded(value)
                ? String.format(Locale.ROOT, "%.3f [%.3f … %.3f]", value.getValue(), value.getLow(), value.getHigh())
                : String.format(Locale.ROOT, "%.3f %s", value.getValue(), NO_INTERVAL);
    }

    private static boolean bounded(Estimate estimate) {
        return estimate.getLow() != null && estimate.getHigh() != null;
    }

    /** Fits a name into a column. */
    static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }
}
