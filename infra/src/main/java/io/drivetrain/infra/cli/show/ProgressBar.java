package io.drivetrain.infra.cli.show;

import java.util.Locale;

/**
 * One line of progress: a bar, how many of how many, rate and time left.
 *
 * @param before how many were done when the clock started; they do not count for the rate
 */
public record ProgressBar(String label, String unit, long total, long before) {
    private static final int LABEL = 14;
    private static final int ROOM_FOR_NUMBERS = 44;
    private static final int SMALLEST_BAR = 8;

    /**
     * Returns the line.
     *
     * @param done of total; more than total counts as total
     * @param seconds since the beginning
     */
    public String text(Terminal terminal, long done, double seconds) {
        double share = total <= 0 ? 0 : Math.min(1.0, (double) done / total);
        double rate = seconds > 0 ? Math.max(0, done - before) / seconds : 0;
        int cells = Math.max(SMALLEST_BAR, Math.min(30, terminal.width() - LABEL - ROOM_FOR_NUMBERS));
        String speed = rate > 0 ? String.format(Locale.ROOT, ", %,.0f/s", rate) : "";
        String left =
                rate > 0 && done < total ? ", " + duration((total - done) / rate) + " left" : ", " + duration(seconds);
        return String.format(
                Locale.ROOT,
                "  %-" + LABEL + "s %s %,d/%,d %s%s%s",
                label,
                terminal.bar(share, cells),
                done,
                total,
                unit,
                speed,
                left);
    }

    /** Seconds as a person says them: {@code 8 s}, {@code 2 min 05 s}. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60 ? whole + " s" : String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
    }
}
