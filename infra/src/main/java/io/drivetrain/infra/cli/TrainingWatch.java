package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.DecompositionChart;
import io.drivetrain.infra.cli.show.ReportView;
import io.drivetrain.infra.cli.show.Terminal;
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

    /** Shows a report: what dominates, what to do next, errors per split, what came of a change. */
    public static void report(Terminal terminal, TrainingReport report) {
        ReportView.summary(terminal, report).forEach(terminal::line);
    }
}
