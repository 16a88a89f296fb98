package io.drivetrain.infra.cli.show;

/**
 * Text of others as a terminal may show it: what could move the cursor, colour, ring or turn the reading direction is written
 * out as {@code \u001b}, so that an id is seen as it is.
 */
public final class Harmless {
    private Harmless() {}

    /** Returns the text as one line. */
    public static String text(String text) {
        return escaped(text, false);
    }

    /** As {@link #text}, but line ends and tabs stay. */
    public static String lines(String text) {
        return escaped(text, true);
    }

    private static String escaped(String text, boolean lines) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean harmless = lines && (c == '\n' || c == '\t') || !harmful(c);
            if (!harmless && out == null) {
                out = new StringBuilder(text.length() + 10).append(text, 0, i);
            }
            if (out != null) {
                if (harmless) {
                    out.append(c);
                } else {
                    out.append(String.format("\\u%04x", (int) c));
                }
            }
        }
        return out == null ? text : out.toString();
    }

    /** Controls, marks and overrides of the direction, and the line ends of Unicode. */
    private static boolean harmful(char c) {
        return Character.isISOControl(c)
                || c == '\u061c'
                || c == '\u200e'
                || c == '\u200f'
                || c >= '\u2028' && c <= '\u202e'
                || c >= '\u2066' && c <= '\u2069';
    }
}
