package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.ShiftSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The shift term in its two parts, by slice, in percentage points that sum to the term. */
final class ShiftTable {
    private static final int SMALLEST_NAME = 12;
    private static final int LARGEST_NAME = 24;
    private static final int NUMBERS = 67;

    private ShiftTable() {}

    static List<String> lines(Terminal terminal, ShiftParts parts) {
        List<String> lines = new ArrayList<>();
        lines.add("  %s by %s, in percentage points"
                .formatted(terminal.bold("Distribution shift"), parts.getAttribute()));
        int name = Math.max(SMALLEST_NAME, Math.min(LARGEST_NAME, terminal.width() - NUMBERS));
        lines.add(terminal.dim(("  %-" + name + "s %9s %8s  %-21s %s")
                .formatted("slice", "train-dev", "test-dev", "composition", "within slice")));
        for (ShiftSlice slice : parts.getSlices()) {
            lines.add(row(
                    name,
                    // The title names the attribute; its values are what tells the rows apart.
                    withoutAttribute(slice.getSlice(), parts.getAttribute()),
                    share(slice.getTrainDevShare()),
                    share(slice.getTestDevShare()),
                    slice.getComposition(),
                    slice.getWithinSlice()));
        }
        lines.add(terminal.bold(row(name, "sum", "", "", parts.getComposition(), parts.getWithinSlice())));
        lines.addAll(terminal.wrapped(
                "composition: test-dev has another mixture; within slice: the same slice is harder there", 2));
        return lines;
    }

    private static String row(
            int width, String name, String trainDev, String testDev, Estimate composition, Estimate within) {
        return ("  %-" + width + "s %9s %8s  %-21s %s")
                .formatted(
                        Figures.cut(name, width),
                        trainDev,
                        testDev,
                        Figures.points(composition),
                        Figures.points(within))
                .stripTrailing();
    }

    private static String withoutAttribute(String slice, String attribute) {
        return slice.startsWith(attribute + "=") ? slice.substring(attribute.length() + 1) : slice;
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
