package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.DecompositionChart;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.ReportView;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A training run and its report on a terminal. */
public final class TrainingWatch {
    private static final int BAR = 6;

    private TrainingWatch() {}

    /** One line of progress for what the trainer said last; empty where it failed. */
    public static String progressLine(Terminal terminal, List<TrainingProgress> soFar) {
        TrainingProgress last = soFar.get(soFar.size() - 1);
        return switch (last.getPhase()) {
            case WAITING_FOR_DATA, ASSEMBLING, PUBLISHED -> "  " + last.getMessage();
            // The command ends with this sentence.
            case FAILED -> "";
            case FITTING ->
                last.getEpochs() == 0
                        ? "  " + last.getMessage()
                        : "  epoch %2d/%d %s %s"
                                .formatted(
                                        last.getEpoch(),
                                        last.getEpochs(),
                                        terminal.bar(share(last), BAR),
                                        numbers(last, points(soFar)));
            case GRADING ->
                last.getSteps() == 0 && last.getBatches() == 0
                        ? "  " + last.getMessage()
                        : "  %s %s"
                                .formatted(
                                        terminal.bar(share(last), BAR),
                                        Stream.concat(Stream.of(last.getMessage()), pace(last))
                                                .collect(Collectors.joining(", ")));
        };
    }

    /** How much is done of the fit, or of the fits or samples of an analysis, 0..1. */
    private static double share(TrainingProgress step) {
        double batches = step.getBatches() == 0 ? 0 : (double) step.getBatch() / step.getBatches();
        double fit = batches;
        if (step.getEpochs() > 0) {
            boolean within = step.getStage() == TrainingStage.FITTING || step.getStage() == TrainingStage.ANALYSING;
            // An epoch that is told without batches, or that is being evaluated, has been trained.
            double epochs = step.getBatches() == 0 || !within ? step.getEpoch() : step.getEpoch() - 1 + batches;
            fit = epochs / step.getEpochs();
        }
        return step.getSteps() == 0 ? fit : (step.getStep() - 1 + fit) / step.getSteps();
    }

    /** The most telling first, because a narrow terminal shows no more than the beginning. */
    private static String numbers(TrainingProgress last, List<Curve.Point> points) {
        List<String> numbers = new ArrayList<>();
        if (last.getStage() == TrainingStage.EVALUATING) {
            numbers.add("evaluating");
        }
        if (last.getTrainLoss() != null) {
            numbers.add(String.format(Locale.ROOT, "loss %.3f", last.getTrainLoss()));
        }
        if (!points.isEmpty()) {
            Curve.Point newest = points.get(points.size() - 1);
            numbers.add("train " + DecompositionChart.percent(newest.train(), false));
            if (!Double.isNaN(newest.trainDev())) {
                numbers.add("train-dev " + DecompositionChart.percent(newest.trainDev(), false));
            }
        }
        pace(last).forEach(numbers::add);
        return String.join(", ", numbers);
    }

    /** Time left and throughput, as far as they are known. */
    private static Stream<String> pace(TrainingProgress step) {
        List<String> pace = new ArrayList<>();
        if (step.getSecondsLeft() != null) {
            pace.add(ProgressBar.duration(step.getSecondsLeft()) + " left");
        }
        if (step.getImagesPerSecond() != null) {
            pace.add(String.format(Locale.ROOT, "%,.0f images/s", step.getImagesPerSecond()));
        }
        return pace.stream();
    }

    /** Points of the curve from what the trainer published; an epoch that a killed trainer ran again counts once. */
    public static List<Curve.Point> points(List<TrainingProgress> progress) {
        Map<Integer, Curve.Point> points = new TreeMap<>();
        for (TrainingProgress step : progress) {
            if (step.getEpoch() > 0 && step.getTrainError() != null) {
                points.put(
                        step.getEpoch(),
                        new Curve.Point(
                                step.getEpoch(),
                                step.getTrainError(),
                                step.getTrainDevError() == null ? Double.NaN : step.getTrainDevError()));
            }
        }
        return List.copyOf(points.values());
    }

    /** Shows a report: what dominates, what to do next, errors per split, what came of a change. */
    public static void report(Terminal terminal, TrainingReport report) {
        ReportView.summary(terminal, report).forEach(terminal::line);
    }
}
