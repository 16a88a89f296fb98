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

    /** What happened to a term from one round to the next, as far as the two intervals support it. */
    public enum Change {
        FELL,
        LOWER_BUT_INTERVALS_OVERLAP,
        SAME,
        HIGHER_BUT_INTERVALS_OVERLAP,
        ROSE
    }

    /** Returns the change; without intervals nothing counts as proven. */
    public static Change change(Estimate before, Estimate after) {
        boolean known = before.getLow() != null
                && before.getHigh() != null
                && after.getLow() != null
                && after.getHigh() != null;
        if (after.getValue() < before.getValue()) {
            return known && after.getHigh() < before.getLow() ? Change.FELL : Change.LOWER_BUT_INTERVALS_OVERLAP;
        }
        if (after.getValue() > before.getValue()) {
            return known && after.getLow() > before.getHigh() ? Change.ROSE : Change.HIGHER_BUT_INTERVALS_OVERLAP;
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
                case LOWER_BUT_INTERVALS_OVERLAP, SAME, HIGHER_BUT_INTERVALS_OVERLAP -> " ";
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
        double points = Math.abs(after.getValue() - before.getValue()) * 100;
        return switch (change(before, after)) {
            case FELL ->
                String.format(
                        Locale.ROOT,
                        "%s fell by %.1f percentage points, and the two intervals do not overlap.",
                        name,
                        points);
            case LOWER_BUT_INTERVALS_OVERLAP ->
                String.format(
                        Locale.ROOT,
                        "%s is %.1f percentage points lower, but the intervals overlap: this run alone does not prove"
                                + " that it fell.",
                        name,
                        points);
            case SAME -> name + " did not change.";
            case HIGHER_BUT_INTERVALS_OVERLAP ->
                String.format(
                        Locale.ROOT,
                        "%s did not fall: it is %.1f percentage points higher, within overlapping intervals.",
                        name,
                        points);
            case ROSE ->
                String.format(
                        Locale.ROOT,
                        "%s rose by %.1f percentage points, and the two intervals do not overlap.",
                        name,
                        points);
        };
    }
}
