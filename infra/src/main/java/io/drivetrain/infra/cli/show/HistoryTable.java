package io.drivetrain.infra.cli.show;

import io.drivetrain.infra.cli.train.PastRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs, the newest first: what each changed, what was predicted of it, and what came of it. */
public final class HistoryTable {
    private static final int MODEL = 26;

    private HistoryTable() {}

    public static List<String> lines(Terminal terminal, List<PastRun> runs) {
        List<String> lines = new ArrayList<>();
        for (int i = runs.size() - 1; i >= 0; i--) {
            PastRun run = runs.get(i);
            lines.add("  %-"
                    .concat(MODEL + "s %s  test-dev %s%s")
                    .formatted(
                            run.modelId(),
                            terminal.dim(run.at().toString().substring(0, 16).replace('T', ' ')),
                            run.testDev().map(Figures::rate).orElse(Figures.NONE),
                            run.champion()
                                    .map(champion -> champion
                                            ? "  " + terminal.green("champion then")
                                            : "  " + terminal.yellow("challenger"))
                                    .orElse("")));
            lines.addAll(terminal.wrapped(changed(run), 4));
            if (run.comparedWith().isPresent()) {
                lines.add("    %-22s predicted %-22s outcome %s%s"
                        .formatted(
                                run.term().map(DecompositionChart::title).orElse("test-dev"),
                                run.predicted().map(Figures::points).orElse("nothing"),
                                run.outcome().map(Figures::points).orElse("not known"),
                                run.held()
                                        .map(held -> held ? terminal.green("  held") : terminal.red("  missed"))
                                        .orElse("")));
            }
        }
        return lines;
    }

    private static String changed(PastRun run) {
        if (run.comparedWith().isEmpty()) {
            return "nothing to compare with";
        }
        List<String> parts = new ArrayList<>();
        for (Map.Entry<String, String> key : new TreeMap<>(run.keys()).entrySet()) {
            parts.add(key.getKey() + " " + key.getValue());
        }
        if (run.dataChanged()) {
            parts.add("other data");
        }
        return "%s%s; against %s"
                .formatted(
                        run.step().map(step -> step + ": ").orElse(""),
                        parts.isEmpty() ? "nothing changed" : String.join(", ", parts),
                        run.comparedWith().get());
    }
}
