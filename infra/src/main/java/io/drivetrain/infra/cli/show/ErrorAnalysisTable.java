package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SliceKind;
import io.drivetrain.schemas.SlicePriority;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Error analysis as the field guide draws it: for each slice the share of the samples it was counted from that are its
 * errors, on train-dev and on test-dev, what fixing it would bring, and a priority.
 */
final class ErrorAnalysisTable {
    private static final int SMALLEST_NAME = 16;
    private static final int LARGEST_NAME = 36;
    private static final int NUMBERS = 57;

    private ErrorAnalysisTable() {}

    /**
     * Returns the table, with sample sizes and places of contact sheets below what has priority.
     *
     * @param splits of the same report, for the sizes
     */
    static List<String> lines(Terminal terminal, List<SliceAnalysis> slices, List<SplitResult> splits) {
        List<String> lines = new ArrayList<>();
        lines.add("  %s: errors of a slice as a share of all samples".formatted(terminal.bold("Error analysis")));
        int name = Math.max(SMALLEST_NAME, Math.min(LARGEST_NAME, terminal.width() - NUMBERS));
        lines.add(terminal.dim(("  %-" + name + "s %9s %8s %6s  %-18s %s")
                .formatted("slice", "train-dev", "test-dev", "share", "gain, points", "priority")));
        for (SliceAnalysis slice : slices) {
            String priority = priority(slice.getPriority());
            lines.add(("  %-" + name + "s %9s %8s %6s  %-18s %s")
                    .formatted(
                            Figures.cut(slice.getSlice(), name),
                            contribution(
                                    slice.getTrainDevErrors(),
                                    judged(slice.getTrainDevJudgedSamples(), splits, Split.TRAIN_DEV)),
                            contribution(
                                    slice.getTestDevErrors(),
                                    judged(slice.getTestDevJudgedSamples(), splits, Split.TEST_DEV)),
                            slice.getShareOfErrors() == null
                                    ? Figures.NONE
                                    : String.format(
                                            Locale.ROOT,
                                            "%.0f %%",
                                            100 * slice.getShareOfErrors().getValue()),
                            gain(slice),
                            slice.getPriority() == SlicePriority.HIGH ? terminal.red(priority) : priority));
            if (slice.getPriority() == SlicePriority.HIGH || slice.getPriority() == SlicePriority.MEDIUM) {
                lines.add(terminal.dim(String.format(
                        Locale.ROOT,
                        "    error in it %s on train-dev (%,d samples, %,d drives),",
                        Figures.rate(slice.getTrainDevError()),
                        slice.getTrainDevSamples(),
                        slice.getTrainDevDrives())));
                lines.add(terminal.dim(String.format(
                        Locale.ROOT,
                        "    %s on test-dev (%,d samples, %,d drives); %,d samples in train",
                        Figures.rate(slice.getTestDevError()),
                        slice.getTestDevSamples(),
                        slice.getTestDevDrives(),
                        slice.getTrainSamples())));
                if (slice.getContactSheet() != null) {
                    lines.add(terminal.dim("    its worst examples: " + slice.getContactSheet()));
                }
            }
        }
        lines.addAll(terminal.wrapped(
                "share: of all errors on test-dev; gain: how much lower the test-dev error would be with the slice as good as the rest, which is the most that fixing it brings",
                2));
        if (slices.stream().anyMatch(slice -> slice.getKind() == SliceKind.CLUSTER)) {
            lines.addAll(terminal.wrapped(
                    "clusters: found on one half of the drives, counted on the other, of whose samples these are the shares",
                    2));
        }
        return lines;
    }

    private static String contribution(long errors, long samples) {
        return samples == 0 ? Figures.NONE : String.format(Locale.ROOT, "%.1f %%", 100.0 * errors / samples);
    }

    /** The samples that a slice's errors are counted among; reports of before this was recorded say only those of the split. */
    private static long judged(Long recorded, List<SplitResult> splits, Split split) {
        return recorded == null ? samples(splits, split) : recorded;
    }

    private static long samples(List<SplitResult> splits, Split split) {
        return splits.stream()
                .filter(result -> result.getSplit() == split)
                .mapToLong(SplitResult::getSamples)
                .sum();
    }

    private static String gain(SliceAnalysis slice) {
        if (slice.getPriority() == SlicePriority.NOT_ENOUGH_DATA) {
            return "not enough data";
        }
        return slice.getGain() == null ? Figures.NONE : Figures.points(slice.getGain());
    }

    private static String priority(SlicePriority priority) {
        return switch (priority) {
            case NOT_ENOUGH_DATA -> "open";
            case LOW -> "low";
            case MEDIUM -> "medium";
            case HIGH -> "high";
        };
    }
}
