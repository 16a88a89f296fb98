package io.drivetrain.infra.cli.show;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Where a person reads along: what it can show, and a progress line that stays in place.
 *
 * <p>Safe for use by several threads.
 */
public final class Terminal {
    private static final int NARROWEST = 40;
    private static final int WIDEST = 100;
    private static final long PLAIN_PROGRESS_NANOS = 3_000_000_000L;
    private static final String CLEAR_LINE = "\r\u001b[2K";

    /**
     * Begins a colour of ours, with a number that nobody outside this process knows: names of others may hold colours, too,
     * and only ours become some.
     */
    private static final String OWN_COLOUR = "\u001b[" + new SecureRandom().nextInt(1_000_000_000) + ";";

    private static final String COLOUR = "\u001b[";

    private final PrintStream out;
    private final boolean interactive;
    private final boolean colour;
    private final boolean unicode;
    private final int width;
    private final LongSupplier nanoTime;
    private boolean progressShown;
    private boolean muted;
    private long lastPlainProgress;
    private String lastPlainText = "";

    /**
     * Describes a terminal.
     *
     * @param out where to write, in UTF-8
     * @param interactive whether lines can be overwritten
     * @param width in columns
     */
    public Terminal(PrintStream out, boolean interactive, boolean colour, boolean unicode, int width) {
        this(out, interactive, colour, unicode, width, System::nanoTime);
    }

    Terminal(PrintStream out, boolean interactive, boolean colour, boolean unicode, int width, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.out = out;
        this.interactive = interactive;
        this.colour = colour;
        this.unicode = unicode;
        this.width = Math.max(NARROWEST, Math.min(WIDEST, width));
    }

    /** Describes stdout from what the launcher found out and the environment (NO_COLOR, TERM, LANG). */
    public static Terminal detect() {
        return detect(System.out, Boolean.getBoolean("drivetrain.terminal"));
    }

    /** Describes stderr, for commands whose stdout is a JSON document: no line is overwritten there. */
    public static Terminal onErr() {
        return detect(System.err, false);
    }

    private static Terminal detect(PrintStream stream, boolean terminal) {
        Map<String, String> environment = System.getenv();
        boolean capable = terminal && !"dumb".equals(environment.get("TERM"));
        String noColour = environment.getOrDefault("NO_COLOR", "");
        return new Terminal(
                new PrintStream(stream, true, StandardCharsets.UTF_8),
                capable,
                capable && noColour.isEmpty(),
                Boolean.parseBoolean(System.getProperty("drivetrain.unicode", "true")) && unicode(environment),
                columnsFromLauncher());
    }

    private static int columnsFromLauncher() {
        try {
            return Integer.parseInt(System.getProperty("drivetrain.columns", "80"));
        } catch (NumberFormatException e) {
            return 80;
        }
    }

    /** A locale that names no charset, as in most containers, is on a UTF-8 terminal today. */
    static boolean unicode(Map<String, String> environment) {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                String upper = value.toUpperCase(Locale.ROOT);
                return upper.contains("UTF-8") || upper.contains("UTF8");
            }
        }
        return true;
    }

    public int width() {
        return width;
    }

    public boolean unicode() {
        return unicode;
    }

    /** Says no more: the process is ending, and the prompt belongs to the user again. */
    public synchronized void mute() {
        endProgress();
        muted = true;
    }

    /** Writes one line, above the progress line if there is one. */
    public synchronized void line(String text) {
        if (muted) {
            return;
        }
        endProgress();
        out.println(shown(text));
    }

    /** Writes a heading that begins a screen. */
    public synchronized void heading(String text) {
        line("");
        line(bold(text));
        line(dim((unicode ? "─" : "-").repeat(Math.min(width, Math.max(text.length(), NARROWEST)))));
    }

    /**
     * Shows text in place of the last progress text, or takes that away if it is empty; where lines cannot be overwritten, a
     * line every few seconds, as long as it says something else.
     */
    public synchronized void progress(String text) {
        if (muted || text.isEmpty()) {
            endProgress();
            return;
        }
        String shown = fit(shown(text), width - 1);
        if (interactive) {
            out.print(CLEAR_LINE + shown);
            out.flush();
            progressShown = true;
        } else if (!shown.equals(lastPlainText) && nanoTime.getAsLong() - lastPlainProgress > PLAIN_PROGRESS_NANOS) {
            lastPlainProgress = nanoTime.getAsLong();
            // In place it would be seen once; below each other, twice the same looks like two events.
            lastPlainText = shown;
            out.println(shown);
        }
    }

    private String shown(String text) {
        StringBuilder shown = new StringBuilder();
        int from = 0;
        for (int own = text.indexOf(OWN_COLOUR); own >= 0; own = text.indexOf(OWN_COLOUR, from)) {
            shown.append(Harmless.lines(text.substring(from, own))).append(COLOUR);
            from = own + OWN_COLOUR.length();
        }
        shown.append(Harmless.lines(text.substring(from)));
        return unicode ? shown.toString() : ascii(shown.toString());
    }

    /** What somebody else has written, on one line, and with nothing that could move or colour the text around it. */
    public static String foreign(String text) {
        return Harmless.text(text);
    }

    /** Returns the text without our colours. */
    public static String plain(String text) {
        return text.replaceAll("\u001b\\[[0-9;]*m", "");
    }

    /** Takes the progress line away. */
    public synchronized void endProgress() {
        if (progressShown) {
            out.print(CLEAR_LINE);
            out.flush();
            progressShown = false;
        }
    }

    /** A tick or a cross. */
    public String mark(boolean good) {
        String sign = unicode ? (good ? "✓" : "✗") : (good ? "+" : "x");
        return styled(good ? "32" : "31", sign);
    }

    public String bold(String text) {
        return styled("1", text);
    }

    public String dim(String text) {
        return styled("2", text);
    }

    public String red(String text) {
        return styled("31", text);
    }

    public String green(String text) {
        return styled("32", text);
    }

    public String yellow(String text) {
        return styled("33", text);
    }

    public String blue(String text) {
        return styled("36", text);
    }

    private String styled(String code, String text) {
        return colour ? OWN_COLOUR + code + "m" + text + OWN_COLOUR + "0m" : text;
    }

    /** Returns a bar of the given width for a share of 0..1. */
    public String bar(double share, int cells) {
        double clamped = Math.max(0, Math.min(1, share));
        int full = (int) Math.round(clamped * cells);
        return blue((unicode ? "█" : "#").repeat(full)) + dim((unicode ? "░" : ".").repeat(cells - full));
    }

    /** Leaves out whole parts at the end, because half a number is a wrong one. */
    static String fit(String text, int visible) {
        String kept = cut(text, visible);
        int comma = kept.equals(text) ? -1 : kept.lastIndexOf(", ");
        return comma < 0
                ? kept
                : cut(
                        text,
                        kept.substring(0, comma)
                                .replaceAll("\u001b\\[[^m]*m", "")
                                .length());
    }

    /** Cuts to a number of visible characters; colour sequences take none. */
    static String cut(String text, int visible) {
        StringBuilder kept = new StringBuilder();
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\u001b') {
                int end = text.indexOf('m', i);
                if (end < 0) {
                    break;
                }
                kept.append(text, i, end + 1);
                i = end;
            } else if (count < visible) {
                kept.append(c);
                count++;
            }
        }
        return kept.toString();
    }

    /** Replaces what a terminal without Unicode cannot show. */
    static String ascii(String text) {
        return text.replace("…", "...")
                .replace("–", "-")
                .replace("−", "-")
                .replace("→", "->")
                .replace("·", "-")
                .replace("×", "x")
                .replace("≤", "<=")
                .replace("≥", ">=");
    }

    /** Breaks text at spaces so that each line fits, with an indent before each. */
    public void paragraph(String text, int indent) {
        wrapped(text, indent).forEach(this::line);
    }

    /** The lines of {@link #paragraph}, for a view that returns its lines. */
    public List<String> wrapped(String text, int indent) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split("\\s+")) {
            if (line.length() > 0 && indent + plain(line + " " + word).length() > width) {
                lines.add(" ".repeat(indent) + line);
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(" ".repeat(indent) + line);
        return lines;
    }
}
