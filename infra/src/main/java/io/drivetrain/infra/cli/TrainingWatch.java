package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.DecompositionChart;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A training run and its report on a terminal. */
public final class TrainingWatch {
    private TrainingWatch() {}

    /** One line of progress for what the trainer said last. */
    public static String progressLine(Terminal terminal, List<TrainingProgress> soFar) {
        TrainingProgress last = soFar.get(soFar.size() - 1);
        return switch (last.getPhase()) {
            case WAITING_FOR_DATA, ASSEMBLING, GRADING, PUBLISHED, FAILED -> "  " + last.getMessage();
            case FITTING -> {
                List<Double> errors = new ArrayList<>();
                soFar.forEach(p -> {
                    if (p.getTrainDevError() != null) {
                        errors.add(p.getTrainDevError());
                    }
                });
                double share = last.getEpochs() == 0 ? 0 : (double) last.getEpoch() / last.getEpochs();
                String numbers = last.getTrainError() == null
                        ? last.getMessage()
                        : String.format(
                                Locale.ROOT,
                                "train %s, train-dev %s, %,.0f images/s",
                                DecompositionChart.percent(last.getTrainError(), false),
                                last.getTrainDevError() == null
                                        ? "none"
                                        : DecompositionChart.percent(last.getTrainDevError(), false),
                                last.getImagesPerSecond() == null ? 0 : last.getImagesPerSecond());
                yield "  epoch %2d of at most %d %s %s %s"
                        .formatted(
                                last.getEpoch(),
                                last.getEpochs(),
                                terminal.bar(share, 6),
                                numbers,
                                terminal.width() >= 96 ? Curve.spark(terminal, errors, 12) : "");
            }
        };
    }

    /** Points of the curve from what the trainer published. */
    public static List<Curve.Point> points(List<TrainingProgress> progress) {
        List<Curve.Point> points = new ArrayList<>();
        for (TrainingProgress step : progress) {
            if (step.getEpoch() > 0 && step.getTrainError() != null) {
                points.add(new Curve.Point(
                        step.getEpoch(),
                        step.getTrainError(),
                        step.getTrainDevError() == null ? Double.NaN : step.getTrainDevError()));
            }
        }
        return points;
    }

    /** Shows a report: errors per split, the decomposition, what dominates and what to do. */
    public static void report(Terminal terminal, TrainingReport report) {
        terminal.line("  %-10s %8s %7s %7s %9s".formatted("split", "samples", "drives", "errors", "error"));
        for (SplitResult split : report.getSplits()) {
            Estimate error = split.getError();
            terminal.line("  %-10s %,8d %,7d %,7d %9s %s"
                    .formatted(
                            Splits.label(split.getSplit()),
                            split.getSamples(),
                            split.getDrives(),
                            split.getErrors(),
                            error == null ? "none" : DecompositionChart.percent(error.getValue(), false),
                            error == null ? "" : terminal.dim(DecompositionChart.interval(error))));
        }
        terminal.line("");
        if (report.getDecomposition() != null) {
            DecompositionChart.lines(terminal, report.getDecomposition(), report.getDominant())
                    .forEach(terminal::line);
            terminal.line(
                    terminal.dim("  percentage points; in brackets the 95 % interval, from a bootstrap over drives"));
            terminal.line("");
        }
        report.getNotEnoughData().forEach(sentence -> terminal.paragraph(sentence, 2));
        terminal.paragraph(report.getVerdict(), 2);
        terminal.line(terminal.dim("  model %s, %d epochs (best: %d) in %s, this test set read %d time%s"
                .formatted(
                        report.getModelId(),
                        report.getEpochs().size(),
                        report.getBestEpoch(),
                        ProgressBar.duration(report.getTrainingSeconds()),
                        report.getTestReads(),
                        report.getTestReads() == 1 ? "" : "s")));
    }
}
