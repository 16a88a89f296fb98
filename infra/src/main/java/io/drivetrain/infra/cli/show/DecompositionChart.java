package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The five terms of a test error as horizontal bars with their 95 % intervals. */
public final class DecompositionChart {
    private static final int LABEL = 24;
    private static final int NUMBER = 9;
    private static final int INTERVAL = 21;
    private static final int SMALLEST_PLOT = 10;

    private DecompositionChart() {}

    /** The terms by the names that the reports and JSON use, in the order of the sum. */
    public static Map<String, Estimate> terms(Decomposition decomposition) {
        Map<String, Estimate> terms = new LinkedHashMap<>();
        terms.put("irreducible", decomposition.getIrreducible());
        terms.put("bias", decomposition.getBias());
        terms.put("variance", decomposition.getVariance());
        terms.put("shift", decomposition.getShift());
        terms.put("validationOverfitting", decomposition.getValidationOverfitting());
        return terms;
    }

    /** What people call a term. */
    public static String title(String term) {
        return switch (term) {
            case "irreducible" -> "irreducible error";
            case "bias" -> "avoidable bias";
            case "variance" -> "variance";
            case "shift" -> "distribution shift";
            case "validationOverfitting" -> "validation overfitting";
            case "testError" -> "test error";
            default -> term;
        };
    }

    /**
     * Returns the lines of the chart.
     *
     * @param dominant the term to set off; null for none
     */
    public static List<String> lines(Terminal terminal, Decomposition decomposition, String dominant) {
        Map<String, Estimate> terms = new LinkedHashMap<>(terms(decomposition));
        terms.put("testError", decomposition.getTestError());
        double low = 0;
        double high = 0.01;
        for (Estimate term : terms.values()) {
            low = Math.min(low, Math.min(term.getValue(), term.getLow() == null ? 0 : term.getLow()));
            high = Math.max(high, Math.max(term.getValue(), term.getHigh() == null ? 0 : term.getHigh()));
        }
        boolean roomForInterval = terminal.width() >= LABEL + NUMBER + INTERVAL + SMALLEST_PLOT + 4;
        int plot = Math.max(SMALLEST_PLOT, terminal.width() - LABEL - NUMBER - (roomForInterval ? INTERVAL : 0) - 4);
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, Estimate> entry : terms.entrySet()) {
            Estimate term = entry.getValue();
            boolean total = entry.getKey().equals("testError");
            if (total) {
                lines.add("  " + (terminal.unicode() ? "─" : "-").repeat(LABEL + NUMBER));
            }
            String sign = total || entry.getKey().equals("irreducible") ? "" : "+";
            String text = "  %-".concat(LABEL + "s").formatted(title(entry.getKey()));
            String number = String.format(Locale.ROOT, "%" + NUMBER + "s", percent(term.getValue(), !sign.isEmpty()));
            boolean set = entry.getKey().equals(dominant);
            String bar = cells(terminal, term, low, high, plot);
            String coloured = total ? terminal.blue(bar) : set ? terminal.red(bar) : bar;
            String interval = roomForInterval ? "  " + terminal.dim(interval(term)) : "";
            lines.add((set || total ? terminal.bold(text + number) : text + number) + " " + coloured + interval);
        }
        return lines;
    }

    /** A share as percent with one decimal, for example {@code 12.3 %} or {@code +1.0 %}. */
    public static String percent(double share, boolean signed) {
        // Never a negative zero.
        double rounded = Math.round(share * 1000) / 10.0 + 0.0;
        return String.format(Locale.ROOT, signed ? "%+.1f %%" : "%.1f %%", rounded == 0 ? 0.0 : rounded);
    }

    /** The interval in percent, or why there is none. */
    public static String interval(Estimate term) {
        if (term.getLow() == null || term.getHigh() == null) {
            return "";
        }
        return String.format(Locale.ROOT, "[%.1f … %.1f]", term.getLow() * 100 + 0.0, term.getHigh() * 100 + 0.0);
    }

    /** Full cells from zero to the value; a line over the interval, which is lighter inside the bar. */
    private static String cells(Terminal terminal, Estimate term, double low, double high, int count) {
        String full = terminal.unicode() ? "█" : "#";
        String inside = terminal.unicode() ? "▓" : "=";
        String line = terminal.unicode() ? "─" : "-";
        String axis = terminal.unicode() ? "│" : "|";
        double width = (high - low) / count;
        StringBuilder cells = new StringBuilder();
        for (int i = 0; i < count; i++) {
            double centre = low + (i + 0.5) * width;
            boolean bar = centre >= Math.min(0, term.getValue()) && centre <= Math.max(0, term.getValue());
            boolean whisker = term.getLow() != null
                    && term.getHigh() != null
                    && centre >= term.getLow()
                    && centre <= term.getHigh();
            boolean zero = low < 0 && centre - width / 2 <= 0 && centre + width / 2 > 0;
            cells.append(bar ? (whisker ? inside : full) : whisker ? line : zero ? axis : " ");
        }
        return cells.toString();
    }
}
