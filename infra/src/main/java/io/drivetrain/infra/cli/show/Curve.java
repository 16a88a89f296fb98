package io.drivetrain.infra.cli.show;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Two error curves over the epochs in a small field of characters. */
public final class Curve {
    private static final int ROWS = 8;
    private static final int AXIS = 9;

    private Curve() {}

    /** Error rates after one epoch, 0..1; NaN where there is none. */
    public record Point(int epoch, double train, double trainDev) {}

    /** Returns the lines of the plot: {@code o} train, {@code x} train-dev, {@code *} both. */
    public static List<String> lines(Terminal terminal, List<Point> points) {
        List<String> lines = new ArrayList<>();
        if (points.isEmpty()) {
            return lines;
        }
        int columns = Math.max(10, Math.min(terminal.width() - AXIS - 4, 60));
        int last = points.get(points.size() - 1).epoch();
        double top = 0.01;
        for (Point point : points) {
            top = Math.max(top, Double.isNaN(point.train()) ? 0 : point.train());
            top = Math.max(top, Double.isNaN(point.trainDev()) ? 0 : point.trainDev());
        }
        char[][] field = new char[ROWS][columns];
        for (char[] row : field) {
            java.util.Arrays.fill(row, ' ');
        }
        for (Point point : points) {
            int column = last <= 1 ? 0 : (int) Math.round((point.epoch() - 1.0) / (last - 1.0) * (columns - 1));
            put(field, column, point.train(), top, 'o');
            put(field, column, point.trainDev(), top, 'x');
        }
        for (int row = 0; row < ROWS; row++) {
            String label = row == 0 || row == ROWS - 1 || row == ROWS / 2
                    ? String.format(Locale.ROOT, "%6.1f %%", 100 * top * (ROWS - 1 - row) / (ROWS - 1))
                    : "";
            lines.add("  %8s %s%s"
                    .formatted(
                            label,
                            terminal.unicode() ? "│" : "|",
                            new String(field[row])
                                    .replace("o", terminal.blue("o"))
                                    .replace("x", terminal.yellow("x"))
                                    .stripTrailing()));
        }
        lines.add("  %8s %s"
                .formatted("", (terminal.unicode() ? "└" : "+") + (terminal.unicode() ? "─" : "-").repeat(columns)));
        lines.add("  %8s  epoch 1 to %d   %s train   %s train-dev"
                .formatted("", last, terminal.blue("o"), terminal.yellow("x")));
        return lines;
    }

    private static void put(char[][] field, int column, double value, double top, char sign) {
        if (Double.isNaN(value)) {
            return;
        }
        int row = ROWS - 1 - (int) Math.round(Math.min(1, Math.max(0, value / top)) * (ROWS - 1));
        field[row][column] = field[row][column] == ' ' || field[row][column] == sign ? sign : '*';
    }
}
