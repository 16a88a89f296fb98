package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.Bounds;
import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.Promotion;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A training report on a terminal: what dominates and what to do next first, everything else on request. */
public final class ReportView {
    private static final int FIRST_STEPS = 2;
    private static final int CLASS = 20;
    private static final int MOST_CONFUSED_CLASSES = 12;
    private static final String LOG_LOSS = "log-loss";

    private ReportView() {}

    /** What dominates, the decomposition, what to do next, and whether the model goes into service. */
    public static List<String> summary(Terminal terminal, TrainingReport report) {
        List<String> lines = new ArrayList<>();
        add(lines, headline(terminal, report));
        add(lines, decomposition(terminal, report));
        add(lines, NextStepsView.lines(terminal, report.getNextSteps(), FIRST_STEPS));
        add(lines, splits(terminal, report));
        add(lines, FindingsView.lines(terminal, failedOnly(report), false));
        add(lines, changes(terminal, report));
        add(lines, promotion(terminal, report.getPromotion()));
        lines.add(footer(terminal, report));
        return lines;
    }

    /** All that the report holds. */
    public static List<String> full(Terminal terminal, TrainingReport report) {
        List<String> lines = new ArrayList<>();
        add(lines, headline(terminal, report));
        add(lines, decomposition(terminal, report));
        add(lines, NextStepsView.lines(terminal, report.getNextSteps(), Integer.MAX_VALUE));
        add(lines, splits(terminal, report));
        add(lines, metrics(terminal, report.getMetrics()));
        if (report.getShiftParts() != null) {
            add(lines, ShiftTable.lines(terminal, report.getShiftParts()));
        }
        if (!report.getSlices().isEmpty()) {
            add(lines, ErrorAnalysisTable.lines(terminal, report.getSlices(), report.getSplits()));
        }
        add(lines, calibration(terminal, report.getQuality()));
        add(lines, classes(terminal, report.getQuality()));
        add(lines, confusion(terminal, report));
        add(lines, labelNoise(terminal, report.getLabelNoise()));
        if (report.getLearningCurve() != null) {
            add(lines, LearningCurvePlot.lines(terminal, report.getLearningCurve()));
        }
        add(lines, FindingsView.lines(terminal, report.getFindings(), true));
        add(lines, changes(terminal, report));
        add(lines, promotion(terminal, report.getPromotion()));
        lines.add(footer(terminal, report));
        return lines;
    }

    /** Sections are set apart by an empty line. */
    private static void add(List<String> lines, List<String> section) {
        if (!section.isEmpty()) {
            lines.addAll(section);
            lines.add("");
        }
    }

    private static List<DoctorFinding> failedOnly(TrainingReport report) {
        return report.getFindings().stream().anyMatch(DoctorFinding::getFailed) ? report.getFindings() : List.of();
    }

    /** Says in a line what the verdict does not begin with anyway. */
    private static List<String> headline(Terminal terminal, TrainingReport report) {
        List<String> lines = new ArrayList<>();
        Decomposition decomposition = report.getDecomposition();
        if (decomposition == null) {
            lines.add("  " + terminal.bold("Not enough data to tell where the error comes from"));
        } else if (report.getDominant() == null) {
            String below = below(report);
            if (!report.getVerdict().startsWith("No ")) {
                lines.add("  "
                        + terminal.bold("No %sterm of the error is distinguishable from zero"
                                .formatted(below.isEmpty() ? "" : "positive ")));
            }
            if (!below.isEmpty()) {
                lines.addAll(terminal.wrapped(below, 2));
            }
        } else {
            Estimate term = DecompositionChart.terms(decomposition).get(report.getDominant());
            String title = DecompositionChart.title(report.getDominant());
            String claim = Character.toUpperCase(title.charAt(0)) + title.substring(1) + " dominates:";
            if (!report.getVerdict().startsWith(claim)) {
                lines.add("  %s %s of %s test error"
                        .formatted(
                                terminal.bold(claim),
                                Figures.points(term),
                                DecompositionChart.percent(
                                        decomposition.getTestError().getValue(), false)));
            }
        }
        lines.addAll(terminal.wrapped(report.getVerdict(), 2));
        report.getNotEnoughData().forEach(sentence -> lines.addAll(terminal.wrapped(sentence, 2)));
        return lines;
    }

    /** Names the terms that are distinguishable and below zero, which is nothing to repair; empty where none is. */
    private static String below(TrainingReport report) {
        Map<String, Estimate> terms = DecompositionChart.terms(report.getDecomposition());
        return report.getDistinguishable().stream()
                .filter(term -> terms.containsKey(term) && terms.get(term).getValue() < 0)
                .map(term -> "Below zero: %s, %s percentage points."
                        .formatted(DecompositionChart.title(term), Figures.points(terms.get(term))))
                .collect(Collectors.joining(" "));
    }

    private static List<String> decomposition(Terminal terminal, TrainingReport report) {
        if (report.getDecomposition() == null) {
            return List.of();
        }
        List<String> lines =
                new ArrayList<>(DecompositionChart.lines(terminal, report.getDecomposition(), report.getDominant()));
        lines.add(terminal.dim("  percentage points; in brackets the 95 % interval, from a bootstrap over drives"));
        return lines;
    }

    private static List<String> splits(Terminal terminal, TrainingReport report) {
        List<String> lines = new ArrayList<>();
        lines.add(terminal.dim("  %-10s %8s %7s %7s %9s".formatted("split", "samples", "drives", "errors", "error")));
        for (SplitResult split : report.getSplits()) {
            Estimate error = split.getError();
            lines.add(String.format(
                            Locale.ROOT,
                            "  %-10s %,8d %,7d %,7d %9s %s",
                            Splits.label(split.getSplit()),
                            split.getSamples(),
                            split.getDrives(),
                            split.getErrors(),
                            error == null ? Figures.NONE : DecompositionChart.percent(error.getValue(), false),
                            error == null ? "" : terminal.dim(DecompositionChart.interval(error)))
                    .stripTrailing());
        }
        if (report.getEpochs().size() > 1) {
            lines.addAll(terminal.wrapped(
                    "train-dev also chose the best of %d epochs, so its error is a little low: variance by as much too small, shift too large"
                            .formatted(report.getEpochs().size()),
                    2));
        }
        return lines;
    }

    private static List<String> metrics(Terminal terminal, List<MetricDecomposition> metrics) {
        List<String> lines = new ArrayList<>();
        if (metrics.isEmpty()) {
            return lines;
        }
        lines.add("  " + terminal.bold("The same for other metrics") + ", each lower is better");
        for (MetricDecomposition metric : metrics) {
            boolean loss = metric.getMetric().equals(LOG_LOSS);
            lines.add("  " + terminal.bold(metric.getMetric()) + (loss ? " (nats)" : " (%)"));
            for (Split split : Split.values()) {
                Estimate value = metric.getSplits().get(Splits.label(split));
                if (value != null) {
                    lines.add(metricLine(Splits.label(split), loss ? Figures.plain(value) : Figures.rate(value)));
                }
            }
            if (metric.getDecomposition() == null) {
                lines.add("    no decomposition: not enough data");
            } else {
                DecompositionChart.terms(metric.getDecomposition())
                        .forEach((term, value) -> lines.add(metricLine(
                                DecompositionChart.title(term), loss ? Figures.plain(value) : Figures.points(value))));
            }
        }
        return lines;
    }

    private static String metricLine(String name, String figure) {
        return "    %-24s %s".formatted(name, figure);
    }

    private static List<String> calibration(Terminal terminal, List<SplitQuality> quality) {
        List<String> lines = new ArrayList<>();
        if (quality.isEmpty()) {
            return lines;
        }
        lines.add("  " + terminal.bold("Calibration"));
        lines.add(terminal.dim(
                "  %-10s %-21s %-21s %s".formatted("split", "calibration error, %", "Brier score", "log loss, nats")));
        for (SplitQuality split : quality) {
            lines.add("  %-10s %-21s %-21s %s"
                    .formatted(
                            Splits.label(split.getSplit()),
                            Figures.rate(split.getExpectedCalibrationError()),
                            Figures.plain(split.getBrier()),
                            Figures.plain(split.getLogLoss())));
        }
        return lines;
    }

    /** Of test-dev, or of what there is: people choose by test-dev, and the other splits are in the JSON document. */
    private static List<String> classes(Terminal terminal, List<SplitQuality> quality) {
        List<String> lines = new ArrayList<>();
        SplitQuality shown = quality.stream()
                .filter(split -> split.getSplit() == Split.TEST_DEV)
                .findFirst()
                .orElse(quality.isEmpty() ? null : quality.get(0));
        if (shown == null || shown.getPerClass().isEmpty()) {
            return lines;
        }
        lines.add("  %s on %s".formatted(terminal.bold("Classes"), Splits.label(shown.getSplit())));
        lines.add(terminal.dim("  %-14s %-20s %-20s %s".formatted("class, in %", "precision", "recall", "F1")));
        for (ClassQuality label : shown.getPerClass()) {
            lines.add("  %-14s %-20s %-20s %s"
                    .formatted(
                            Figures.cut(label.getLabel(), 14),
                            Figures.percents(estimate(label.getPrecision(), label.getPrecisionInterval())),
                            Figures.percents(label.getRecall()),
                            Figures.percents(estimate(label.getF1(), label.getF1Interval()))));
            lines.add(terminal.dim(
                    String.format(Locale.ROOT, "    %,d samples of %,d drives", label.getSamples(), label.getDrives())
                            + (label.getPredictedSamples() == null
                                    ? ""
                                    : String.format(
                                            Locale.ROOT,
                                            "; %,d of %,d drives taken for it",
                                            label.getPredictedSamples(),
                                            label.getPredictedDrives()))));
        }
        return lines;
    }

    private static Estimate estimate(Double value, Bounds bounds) {
        return value == null
                ? null
                : new Estimate(
                        value, bounds == null ? null : bounds.getLow(), bounds == null ? null : bounds.getHigh());
    }

    private static List<String> confusion(Terminal terminal, TrainingReport report) {
        List<String> lines = new ArrayList<>();
        List<String> classes = report.getClasses();
        List<List<Long>> counts = report.getSplits().stream()
                .filter(split -> split.getSplit() == Split.TEST_DEV)
                .map(SplitResult::getConfusion)
                .findFirst()
                .orElse(List.of());
        if (counts.isEmpty() || classes.size() > MOST_CONFUSED_CLASSES) {
            return lines;
        }
        int column = Math.max(6, Math.min(12, (terminal.width() - CLASS - 3) / classes.size() - 1));
        lines.add("  %s on test-dev: rows are given, columns predicted".formatted(terminal.bold("Confusion")));
        StringBuilder head = new StringBuilder("  %-".concat(CLASS + "s").formatted(""));
        classes.forEach(name -> head.append(" %".concat(column + "s").formatted(Figures.cut(name, column))));
        lines.add(terminal.dim(head.toString()));
        for (int given = 0; given < counts.size(); given++) {
            StringBuilder row =
                    new StringBuilder("  %-".concat(CLASS + "s").formatted(Figures.cut(classes.get(given), CLASS)));
            for (Long count : counts.get(given)) {
                row.append(String.format(Locale.ROOT, " %," + column + "d", count));
            }
            lines.add(row.toString());
        }
        return lines;
    }

    private static List<String> labelNoise(Terminal terminal, LabelNoise noise) {
        List<String> lines = new ArrayList<>();
        if (noise == null) {
            return lines;
        }
        Estimate estimate = noise.getEstimate();
        boolean proven = estimate.getLow() == null || estimate.getLow() > 0;
        lines.add("  %s %s of the labels are probably wrong%s"
                .formatted(
                        terminal.bold("Label noise"),
                        Figures.rate(estimate),
                        proven ? "" : ": not enough evidence that any is"));
        if (noise.getOutOfFoldError() != null) {
            lines.addAll(terminal.wrapped(
                    "models that have not seen a drive contradict %s of its labels; what their own doubt explains is not counted, and may be as much as the upper end"
                            .formatted(Figures.rate(noise.getOutOfFoldError())),
                    2));
        }
        lines.add(terminal.dim(String.format(
                Locale.ROOT,
                "  %,d samples of %,d drives of train and train-dev, %d folds, %,d suspects",
                noise.getSamples(),
                noise.getDrives(),
                noise.getFolds(),
                noise.getSuspects())));
        lines.add(terminal.dim("  './drivetrain suspects' lists them; by given label:"));
        new TreeMap<>(noise.getByClass())
                .forEach((label, rate) -> lines.add("    %-24s %s"
                        .formatted(
                                Figures.cut(label, 24),
                                Figures.rate(estimate(
                                        rate, noise.getByClassIntervals().get(label))))));
        return lines;
    }

    private static List<String> changes(Terminal terminal, TrainingReport report) {
        List<String> lines = new ArrayList<>();
        Changes changes = report.getChanges();
        if (changes == null) {
            return lines;
        }
        lines.add("  %s %s%s%s"
                .formatted(
                        terminal.bold("Against"),
                        changes.getComparedWith(),
                        changes.getStep().isEmpty() ? "" : ", trying " + terminal.bold(changes.getStep()),
                        terminal.dim(" (in percentage points)")));
        if (changes.getKeys().isEmpty() && !changes.getDataChanged()) {
            lines.add("    nothing was changed");
        }
        new TreeMap<>(changes.getKeys()).forEach((key, value) -> lines.add("    %s: %s".formatted(key, value)));
        if (changes.getDataChanged()) {
            lines.add("    trained and evaluated on other data, so the change is not the keys' alone");
        }
        if (changes.getPredicted() != null) {
            lines.add("    %-24s %s".formatted("predicted", Figures.points(changes.getPredicted())));
        }
        // A model's id is made of its weights.
        if (changes.getComparedWith().equals(report.getModelId()) && !changes.getDataChanged()) {
            lines.add("    the same weights came out, and with them the same figures");
            return lines;
        }
        Map<String, Estimate> outcome = new TreeMap<>(changes.getOutcome());
        outcome.forEach((term, value) ->
                lines.add("    %-24s %s".formatted(DecompositionChart.title(term), direction(terminal, value))));
        return lines;
    }

    /** Coloured where the interval leaves no doubt. */
    private static String direction(Terminal terminal, Estimate change) {
        String text = Figures.points(change);
        if (change.getHigh() != null && change.getHigh() < 0) {
            return terminal.green(text);
        }
        return change.getLow() != null && change.getLow() > 0 ? terminal.red(text) : text;
    }

    private static List<String> promotion(Terminal terminal, Promotion promotion) {
        if (promotion == null) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add("  " + (promotion.getChampion() ? terminal.green("Champion") : terminal.yellow("Challenger")));
        lines.addAll(terminal.wrapped(promotion.getReason(), 4));
        if (promotion.getDifference() != null) {
            lines.add(terminal.dim("    test-dev error against %s: %s%s"
                    .formatted(
                            promotion.getAgainst(),
                            Figures.points(promotion.getDifference()),
                            promotion.getMcnemarPValue() == null
                                    ? ""
                                    : String.format(Locale.ROOT, ", McNemar p %.2g", promotion.getMcnemarPValue()))));
        }
        return lines;
    }

    private static String footer(Terminal terminal, TrainingReport report) {
        return terminal.dim("  model %s, %d epochs (best: %d) in %s, this test set read %d time%s"
                .formatted(
                        report.getModelId(),
                        report.getEpochs().size(),
                        report.getBestEpoch(),
                        ProgressBar.duration(report.getTrainingSeconds()),
                        report.getTestReads(),
                        report.getTestReads() == 1 ? "" : "s"));
    }
}
