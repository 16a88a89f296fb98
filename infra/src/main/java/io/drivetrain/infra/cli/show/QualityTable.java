package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.BalanceComparison;
import io.drivetrain.schemas.BalanceReference;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.ClassShare;
import io.drivetrain.schemas.LabelSourceReport;
import io.drivetrain.schemas.SliceBalance;
import io.drivetrain.schemas.SourceRate;
import io.drivetrain.schemas.SourceVerdict;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.WindowKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Class balance and label sources as tables with bars. */
public final class QualityTable {
    private static final int NAME = 18;
    private static final int SMALLEST_BAR = 6;
    private static final int LARGEST_BAR = 24;
    private static final int NUMBERS = 58;
    private static final double SURE = 1e-4;

    private QualityTable() {}

    /** The classes of a split: shares since the start, weights, what is missing, and the verdict on the window. */
    public static List<String> classes(Terminal terminal, ClassBalanceReport report) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s %s",
                terminal.bold(Splits.label(report.getSplit())),
                terminal.dim(String.format(
                        Locale.ROOT,
                        "%,d samples of %,d drives; %,d samples of %,d drives in the window from %s",
                        sum(report.getTotals()),
                        report.getTotalDrives(),
                        sum(report.getCounts()),
                        report.getDrives(),
                        report.getWindowStart()))));
        int bar = Math.max(SMALLEST_BAR, Math.min(LARGEST_BAR, terminal.width() - NAME - NUMBERS));
        lines.add(terminal.dim(String.format(
                Locale.ROOT,
                "  %-" + NAME + "s %-" + bar + "s %6s %13s %8s %7s %6s %6s",
                "class",
                "share",
                "",
                "95 %",
                "samples",
                "drives",
                "w-eff",
                "w-inv")));
        for (ClassShare share : report.getClasses()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-" + NAME + "s %s %6s %13s %,8d %,7d %6s %6s",
                    cut(share.getLabel(), NAME),
                    terminal.bar(share.getShare() == null ? 0 : share.getShare(), bar),
                    percent(share.getShare()),
                    share.getShareLow() == null
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    "[%.1f … %.1f]",
                                    100 * share.getShareLow(),
                                    100 * share.getShareHigh()),
                    share.getTotalSamples(),
                    share.getTotalDrives(),
                    weight(share.getEffectiveWeight()),
                    weight(share.getInverseFrequencyWeight())));
        }
        report.getClasses().stream()
                .filter(ClassShare::getStarved)
                .forEach(share -> lines.add("  "
                        + terminal.red("starved: ")
                        + "no %s in any split since %s"
                                .formatted(
                                        share.getLabel(),
                                        share.getLastSeen() == null ? "the start" : share.getLastSeen())));
        String lacking = report.getClasses().stream()
                .filter(share -> share.getLackingSamples() > 0 || share.getLackingDrives() > 0)
                .map(share -> share.getLabel() + " " + lacking(share))
                .collect(Collectors.joining(", "));
        if (!lacking.isEmpty()) {
            String reproach = notTrustworthy(report) ? "not trustworthy, still lacking:" : "still lacking:";
            List<String> wrapped = new ArrayList<>(terminal.wrapped(reproach + " " + lacking, 2));
            String coloured = notTrustworthy(report) ? terminal.red(reproach) : terminal.yellow(reproach);
            wrapped.set(0, wrapped.get(0).replace(reproach, coloured));
            lines.addAll(wrapped);
        }
        imbalance(report).ifPresent(text -> lines.add("  " + text));
        if (report.getComparison() != null) {
            lines.add("  " + verdict(terminal, report.getComparison()));
        }
        return lines;
    }

    /** At least one of the two is lacking. */
    private static String lacking(ClassShare share) {
        String samples = String.format(Locale.ROOT, "%,d samples", share.getLackingSamples());
        String drives = String.format(Locale.ROOT, "%,d drives", share.getLackingDrives());
        if (share.getLackingDrives() == 0) {
            return samples;
        }
        return share.getLackingSamples() == 0 ? drives : samples + " and " + drives;
    }

    /** Whether models are graded on the split and it has less of a class than its figures need. */
    public static boolean notTrustworthy(ClassBalanceReport report) {
        return switch (report.getSplit()) {
            case TRAIN_DEV, TEST_DEV -> !report.getLackingClasses().isEmpty();
            case TRAIN, TEST -> false;
        };
    }

    private static Optional<String> imbalance(ClassBalanceReport report) {
        if (report.getTotals().isEmpty()) {
            return Optional.of("no sample yet");
        }
        String whole = ratio(report.getImbalanceRatio(), report.getMissingClasses());
        if (whole.isEmpty()) {
            return Optional.empty();
        }
        String window = report.getCounts().isEmpty()
                ? ""
                : ratio(report.getWindowImbalanceRatio(), report.getWindowMissingClasses());
        return Optional.of("imbalance " + whole + (window.isEmpty() ? "" : "; in the window " + window));
    }

    private static String ratio(Double ratio, List<String> missing) {
        return ratio != null
                ? String.format(Locale.ROOT, "%.1f to 1", ratio)
                : missing.isEmpty() ? "" : "infinite, none of " + String.join(", ", missing);
    }

    /** The slices of a split, those that differ first. */
    public static List<String> slices(Terminal terminal, ClassBalanceReport report) {
        List<String> lines = new ArrayList<>();
        List<SliceBalance> ordered = report.getSlices().stream()
                .sorted((a, b) -> Boolean.compare(different(b), different(a)))
                .toList();
        for (SliceBalance slice : ordered) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-26s %,8d samples %,6d drives  %s",
                    cut(Terminal.foreign(slice.getSlice()), 26),
                    sum(slice.getTotals()),
                    slice.getTotalDrives(),
                    slice.getComparison() == null ? "" : verdict(terminal, slice.getComparison())));
        }
        return lines;
    }

    private static boolean different(SliceBalance slice) {
        return slice.getComparison() != null && slice.getComparison().getVerdict() == BalanceVerdict.DIFFERENT;
    }

    /** One line on a comparison. */
    static String verdict(Terminal terminal, BalanceComparison comparison) {
        String reference =
                comparison.getReference() == BalanceReference.EXPECTED ? "the expected shares" : "the shares in train";
        return switch (comparison.getVerdict()) {
            case NOT_ENOUGH_DATA -> terminal.dim("not enough data: " + comparison.getReason());
            case AS_EXPECTED -> terminal.green("as expected") + " against " + reference + ", " + numbers(comparison);
            case DIFFERENT -> terminal.red("different") + " from " + reference + ", " + numbers(comparison);
        };
    }

    private static String numbers(BalanceComparison comparison) {
        double p = comparison.getAdjustedPValue();
        return String.format(
                Locale.ROOT,
                "w %.2f, p %s, %.0f effective samples",
                comparison.getUnbiasedW(),
                p < SURE ? "< 0.0001" : String.format(Locale.ROOT, "%.2g", p),
                comparison.getEffectiveSamples());
    }

    /** The label sources of a window, worst first. */
    public static List<String> sources(Terminal terminal, LabelSourceReport report) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s %s",
                terminal.bold("label sources"),
                terminal.dim(String.format(
                        Locale.ROOT,
                        "%,d samples of %,d drives in the window by %s from %s",
                        report.getSamples(),
                        report.getDrives(),
                        report.getWindowKind() == WindowKind.COUNT ? "count" : "time",
                        report.getWindowStart()))));
        int bar = Math.max(SMALLEST_BAR, Math.min(LARGEST_BAR, terminal.width() - NAME - NUMBERS));
        lines.add(terminal.dim(String.format(
                Locale.ROOT,
                "  %-" + NAME + "s %-" + bar + "s %6s %13s %8s %7s %9s %s",
                "source",
                "refused",
                "",
                "95 %",
                "samples",
                "drives",
                "corrected",
                "")));
        for (SourceRate rate : report.getSources()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-" + NAME + "s %s %6s %13s %,8d %,7d %,9d %s",
                    cut(Terminal.foreign(rate.getSource()), NAME),
                    terminal.bar(rate.getViolationRate(), bar),
                    percent(rate.getViolationRate()),
                    String.format(
                            Locale.ROOT, "[%.1f … %.1f]", 100 * rate.getViolationLow(), 100 * rate.getViolationHigh()),
                    rate.getSamples(),
                    rate.getDrives(),
                    rate.getCorrections(),
                    rate.getVerdict() == SourceVerdict.STANDS_OUT ? terminal.red("stands out") : ""));
        }
        return lines;
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    private static String percent(Double share) {
        return share == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String weight(Double weight) {
        return weight == null ? "" : String.format(Locale.ROOT, "%.2f", weight);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
