package io.drivetrain.infra.cli.show;

import io.drivetrain.schemas.NextStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What to do next, with reasons, predictions and commands. */
public final class NextStepsView {
    private NextStepsView() {}

    /** The steps, best first, at most so many; a last line says how many are left out. */
    public static List<String> lines(Terminal terminal, List<NextStep> steps, int most) {
        List<String> lines = new ArrayList<>();
        if (steps.isEmpty()) {
            return lines;
        }
        lines.add("  " + terminal.bold("What to do next"));
        for (int i = 0; i < Math.min(most, steps.size()); i++) {
            NextStep step = steps.get(i);
            List<String> reason = terminal.wrapped(step.getReason(), 5);
            lines.add("  %d. %s %s".formatted(i + 1, terminal.bold(step.getStep()), terminal.dim(target(step))));
            lines.addAll(reason);
            if (step.getPredicted() != null) {
                lines.add("     predicted: %s %s percentage points"
                        .formatted(DecompositionChart.title(step.getMetric()), Figures.points(step.getPredicted())));
            }
            lines.addAll(terminal.wrapped(step.getCommand(), 5).stream()
                    .map(terminal::blue)
                    .toList());
        }
        if (steps.stream().anyMatch(step -> !step.getOverrides().isEmpty())) {
            lines.add(terminal.dim("     './drivetrain train --next' runs the first of them that a training can try"));
        }
        if (steps.size() > most) {
            lines.add(terminal.dim("     %d more with './drivetrain report --full'".formatted(steps.size() - most)));
        }
        return lines;
    }

    private static String target(NextStep step) {
        return step.getMetric().isEmpty() ? "" : "against " + DecompositionChart.title(step.getMetric());
    }

    /**
     * What a step changes when it is run now.
     *
     * @param before the keys of the run whose report proposes it
     */
    public static List<String> announcement(
            Terminal terminal, NextStep step, String modelId, Map<String, String> before) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "Next step of %s: %s %s".formatted(modelId, terminal.bold(step.getStep()), terminal.dim(target(step))));
        lines.addAll(terminal.wrapped(step.getReason(), 2));
        new TreeMap<>(step.getOverrides())
                .forEach((key, value) -> lines.add("  changes    %s from %s to %s"
                        .formatted(key, quoted(before.getOrDefault(key, "")), quoted(value))));
        lines.add(
                step.getPredicted() == null
                        ? "  predicts   nothing: no measurement supports a figure; the history will show the outcome"
                        : "  predicts   %s %s percentage points"
                                .formatted(
                                        DecompositionChart.title(step.getMetric()),
                                        Figures.points(step.getPredicted())));
        return lines;
    }

    private static String quoted(String value) {
        return value.isEmpty() ? "nothing" : value;
    }
}
