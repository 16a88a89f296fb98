package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.LearningCurvePoint;
import io.drivetrain.schemas.PowerLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The train-dev error over the size of the training set, up to twice of what there is; sizes on a logarithmic axis. */
final class LearningCurvePlot {
    private static final int ROWS = 9;
    private static final int AXIS = 9;
    private static final char LAW = '.';
    private static final char INTERVAL = ':';
    private static final char MEASURED = 'x';
    private static final char FORECAST = 'o';

    private LearningCurvePlot() {}

    static List<String> lines(Terminal terminal, LearningCurve curve) {
        List<String> lines = new ArrayList<>();
        lines.add("  " + terminal.bold("Learning curve"));
        List<LearningCurvePoint> points = curve.getPoints();
        if (points.size() >= 2) {
            plot(terminal, curve, points, lines);
            lines.addAll(table(terminal, points));
        }
        lines.addAll(terminal.wrapped(curve.getSentence(), 2));
        return lines;
    }

    private static void plot(
            Terminal terminal, LearningCurve curve, List<LearningCurvePoint> points, List<String> lines) {
        int columns = Math.max(20, Math.min(terminal.width() - AXIS - 4, 60));
        double first = Math.max(1, points.get(0).getSamples());
        double last = 2.0 * Math.max(first, points.get(points.size() - 1).getSamples());
        double top = 0.01;
        for (LearningCurvePoint point : points) {
            top = Math.max(top, highest(point.getTrainDevError()));
        }
        if (curve.getAtTwice() != null) {
            top = Math.max(top, highest(curve.getAtTwice()));
        }
        char[][] field = new char[ROWS][columns];
        for (char[] row : field) {
            Arrays.fill(row, ' ');
        }
        PowerLaw law = curve.getLaw();
        for (int column = 0; law != null && column < columns; column++) {
            double samples = first * Math.pow(last / first, column / (columns - 1.0));
            put(field, column, law.getFloor() + law.getScale() * Math.pow(samples, -law.getExponent()), top, LAW);
        }
        for (LearningCurvePoint point : points) {
            mark(field, column(point.getSamples(), first, last, columns), point.getTrainDevError(), top, MEASURED);
        }
        if (curve.getAtTwice() != null) {
            mark(field, columns - 1, curve.getAtTwice(), top, FORECAST);
        }
        for (int row = 0; row < ROWS; row++) {
            String label = row == 0 || row == ROWS - 1 || row == ROWS / 2
                    ? String.format(Locale.ROOT, "%6.1f %%", 100 * top * (ROWS - 1 - row) / (ROWS - 1))
                    : "";
            lines.add("  %8s %s%s"
                    .formatted(label, terminal.unicode() ? "│" : "|", new String(field[row]).stripTrailing()));
        }
        lines.add("  %8s %s%s"
                .formatted("", terminal.unicode() ? "└" : "+", (terminal.unicode() ? "─" : "-").repeat(columns)));
        lines.addAll(terminal.wrapped(
                String.format(
                        Locale.ROOT,
                        "%,d to %,d training samples; x measured, : 95 %% interval, . fitted law, o forecast",
                        points.get(0).getSamples(),
                        (long) last),
                11));
    }

    private static List<String> table(Terminal terminal, List<LearningCurvePoint> points) {
        List<String> lines = new ArrayList<>();
        lines.add(terminal.dim("  %9s %7s %9s  %s".formatted("samples", "drives", "train", "train-dev")));
        for (LearningCurvePoint point : points) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %,9d %,7d %9s  %s",
                    point.getSamples(),
                    point.getDrives(),
                    DecompositionChart.percent(point.getTrainError(), false),
                    Figures.rate(point.getTrainDevError())));
        }
        return lines;
    }

    private static int column(double samples, double first, double last, int columns) {
        return (int) Math.round(Math.log(Math.max(first, samples) / first) / Math.log(last / first) * (columns - 1));
    }

    private static double highest(Estimate error) {
        return error.getHigh() == null ? error.getValue() : Math.max(error.getValue(), error.getHigh());
    }

    private static void mark(char[][] field, int column, Estimate error, double top, char sign) {
        if (error.getLow() != null && error.getHigh() != null) {
            for (int row = row(error.getHigh(), top); row <= row(error.getLow(), top); row++) {
                field[row][column] = INTERVAL;
            }
        }
        put(field, column, error.getValue(), top, sign);
    }

    private static void put(char[][] field, int column, double error, double top, char sign) {
        field[row(error, top)][column] = sign;
    }

    private static int row(double error, double top) {
        return ROWS - 1 - (int) Math.round(Math.min(1, Math.max(0, error / top)) * (ROWS - 1));
    }
}
