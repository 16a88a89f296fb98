package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Two decompositions beside each other, and what may be said about the difference. */
public final class SideBySide {
    private SideBySide() {}

    /** What happened to a term from one round to the next, as far as the interval of the difference supports it. */
    public enum Change {
        FELL,
        LOWER_BUT_NOT_PROVEN,
        SAME,
        HIGHER_BUT_NOT_PROVEN,
        ROSE
    }

    /**
     * The change of a term, after minus before, with a 95 % interval from the intervals of the two rounds by the method
     * of variance estimates recovery (Zou and Donner, Statistics in Medicine 27, 2008).
     *
     * <p>It takes the rounds as independent. They share their TARGET drives, so their errors go together rather than
     * apart, and the true interval is narrower if anything.
     */
    public static Estimate difference(Estimate before, Estimate after) {
        double change = after.getValue() - before.getValue();
        if (before.getLow() == null || before.getHigh() == null || after.getLow() == null || after.getHigh() == null) {
            return new Estimate(change, null, null);
        }
        double below = Math.hypot(after.getValue() - after.getLow(), before.getHigh() - before.getValue());
        double above = Math.hypot(after.getHigh() - after.getValue(), before.getValue() - before.getLow());
        return new Estimate(change, change - below, change + above);
    }

    /** Returns the change; without intervals nothing counts as proven. */
    public static Change change(Estimate before, Estimate after) {
        Estimate difference = difference(before, after);
        if (difference.getValue() < 0) {
            return difference.getHigh() != null && difference.getHigh() < 0 ? Change.FELL : Change.LOWER_BUT_NOT_PROVEN;
        }
        if (difference.getValue() > 0) {
            return difference.getLow() != null && difference.getLow() > 0 ? Change.ROSE : Change.HIGHER_BUT_NOT_PROVEN;
        }
        return Change.SAME;
    }

    /** Returns the lines of the table. */
    public static List<String> lines(Terminal terminal, Decomposition before, Decomposition after) {
        Map<String, Estimate> first = new LinkedHashMap<>(DecompositionChart.terms(before));
        Map<String, Estimate> second = new LinkedHashMap<>(DecompositionChart.terms(after));
        first.put("testError", before.getTestError());
        second.put("testError", after.getTestError());
        boolean wide = terminal.width() >= 78;
        List<String> lines = new ArrayList<>();
        lines.add(terminal.bold(
                wide
                        ? "  %-22s %24s %24s".formatted("", "before", "after")
                        : "  %-22s %8s %8s".formatted("", "before", "after")));
        first.forEach((term, old) -> {
            Estimate now = second.get(term);
            boolean signed = !term.equals("testError") && !term.equals("irreducible");
            String left = DecompositionChart.percent(old.getValue(), signed);
            String right = DecompositionChart.percent(now.getValue(), signed);
            String arrow = switch (change(old, now)) {
                case FELL -> terminal.green(terminal.unicode() ? "▼" : "v");
                case ROSE -> terminal.red(terminal.unicode() ? "▲" : "^");
                case LOWER_BUT_NOT_PROVEN, SAME, HIGHER_BUT_NOT_PROVEN -> " ";
            };
            lines.add(
                    wide
                            ? "  %-22s %8s %-15s %8s %-15s %s"
                                    .formatted(
                                            DecompositionChart.title(term),
                                            left,
                                            DecompositionChart.interval(old),
                                            right,
                                            DecompositionChart.interval(now),
                                            arrow)
                            : "  %-22s %8s %8s %s".formatted(DecompositionChart.title(term), left, right, arrow));
        });
        return lines;
    }

    /** One sentence about a term, which claims no more than the intervals support. */
    public static String sentence(String term, Estimate before, Estimate after) {
        String title = DecompositionChart.title(term);
        String name = Character.toUpperCase(title.charAt(0)) + title.substring(1);
        Estimate difference = difference(before, after);
        double points = Math.abs(difference.getValue()) * 100;
        String interval = difference.getLow() == null
                ? "there is no interval"
                : String.format(
                        Locale.ROOT,
                        "95 %% interval of the change: %+.1f to %+.1f points",
                        difference.getLow() * 100,
                        difference.getHigh() * 100);
        return switch (change(before, after)) {
            case FELL -> String.format(Locale.ROOT, "%s fell by %.1f percentage points (%s).", name, points, interval);
            case LOWER_BUT_NOT_PROVEN ->
                String.format(
                        Locale.ROOT,
                        "%s is %.1f percentage points lower, but this run does not prove that it fell (%s).",
                        name,
                        points,
                        interval);
            case SAME -> name + " did not change.";
            case HIGHER_BUT_NOT_PROVEN ->
                String.format(
                        Locale.ROOT,
                        "%s did not fall: it is %.1f percentage points higher, which may be chance (%s).",
                        name,
                        points,
                        interval);
            case ROSE -> String.format(Locale.ROOT, "%s rose by %.1f percentage points (%s).", name, points, interval);
        };
    }
}
