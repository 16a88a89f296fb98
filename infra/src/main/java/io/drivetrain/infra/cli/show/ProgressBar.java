package io.drivetrain.infra.cli.show;

import java.util.Locale;

/**
 * One line of progress: a bar, how many of how many, rate and time left.
 *
 * @param before how many were done when the clock started; they do not count for the rate
 */
public record ProgressBar(String label, String unit, long total, long before) {
    private static final int LABEL = 14;
    private static final int ROOM_FOR_RATE_AND_TIME = ", 12,345/s, 59 min 59 s left".length();
    private static final int SMALLEST_BAR = 5;
    private static final int LARGEST_BAR = 30;

    /**
     * Returns the line; where the terminal is too narrow for both, the numbers without the bar.
     *
     * @param done of total; more than total counts as total
     * @param seconds since the beginning
     */
    public String text(Terminal terminal, long done, double seconds) {
        double share = total <= 0 ? 0 : Math.min(1.0, (double) done / total);
        double rate = seconds > 0 ? Math.max(0, done - before) / seconds : 0;
        String speed = rate > 0 ? String.format(Locale.ROOT, ", %,.0f/s", rate) : "";
        String left =
                rate > 0 && done < total ? ", " + duration((total - done) / rate) + " left" : ", " + duration(seconds);
        String numbers = String.format(Locale.ROOT, "%,d/%,d %s%s%s", done, total, unit, speed, left);
        // By the largest numbers, so that the bar does not change its length.
        int largest =
                String.format(Locale.ROOT, "%,d/%,d %s", total, total, unit).length() + ROOM_FOR_RATE_AND_TIME;
        int cells = Math.min(LARGEST_BAR, terminal.width() - 1 - "  ".length() - LABEL - "  ".length() - largest);
        return cells < SMALLEST_BAR
                ? "  " + numbers
                : String.format(Locale.ROOT, "  %-" + LABEL + "s %s %s", label, terminal.bar(share, cells), numbers);
    }

    /** Seconds as a person says them: {@code 8 s}, {@code 2 min 05 s}, {@code 5 h 07 min}. */
    public static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }
}
