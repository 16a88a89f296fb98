package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The training that the newest report proposes. */
public sealed interface NextRun {
    /**
     * A step that a training can try.
     *
     * @param overrides every key that decided the weights of the run that is built on, with the one change
     * @param passedOver better-ranked steps that no training can do, best first
     */
    record Ready(TrainingReport report, NextStep step, Map<String, String> overrides, List<NextStep> passedOver)
            implements NextRun {
        public Ready {
            overrides = Map.copyOf(overrides);
            passedOver = List.copyOf(passedOver);
        }

        /** Why better-ranked steps are not what is tried, one sentence each. */
        public List<String> reasons() {
            return passedOver.stream()
                    .map(better -> better.getOverrides().isEmpty()
                            ? "Passed over: %s, which no training does but you (%s)"
                                    .formatted(better.getStep(), better.getCommand())
                            : "Passed over: %s, since another was asked for (%s)"
                                    .formatted(better.getStep(), better.getCommand()))
                    .toList();
        }
    }

    /** There is none; the reason is a sentence that says what to do instead. */
    record Nothing(String reason) implements NextRun {}

    /** Finds the first step of the newest report that changes keys, as {@link #of(List, Optional)} does. */
    static NextRun of(List<TrainingReport> reports) {
        return of(reports, Optional.empty());
    }

    /**
     * Finds a step of the newest report that changes keys. A reproduction proposes nothing, so the report before it
     * counts.
     *
     * @param reports oldest first
     * @param name of the step; empty for the first
     */
    static NextRun of(List<TrainingReport> reports, Optional<String> name) {
        Optional<TrainingReport> newest =
                reports.stream().filter(report -> !reproduction(report)).reduce((earlier, later) -> later);
        if (newest.isEmpty()) {
            return new Nothing(
                    "No training has been reported yet, so nothing is proposed; begin with './drivetrain train'");
        }
        TrainingReport report = newest.get();
        List<NextStep> steps = report.getNextSteps();
        List<NextStep> runnable =
                steps.stream().filter(next -> !next.getOverrides().isEmpty()).toList();
        Optional<NextStep> step = runnable.stream()
                .filter(next -> name.isEmpty() || name.get().equals(next.getStep()))
                .findFirst();
        if (step.isEmpty() && name.isPresent() && !steps.isEmpty()) {
            return new Nothing(without(name.get(), report, runnable));
        }
        if (step.isEmpty()) {
            return new Nothing(
                    steps.isEmpty()
                            ? "The report of %s proposes nothing; see './drivetrain report'"
                                    .formatted(report.getModelId())
                            : "Nothing that the report of %s proposes is done by a training; first comes %s: %s"
                                    .formatted(
                                            report.getModelId(),
                                            steps.get(0).getStep(),
                                            steps.get(0).getCommand()));
        }
        Map<String, String> overrides = new TreeMap<>();
        report.getProvenance().getConfig().forEach((key, value) -> {
            // What an earlier step had measured is not measured again with every one that comes after it.
            if (RequestKeys.decidesWeights(key)) {
                overrides.put(key, value);
            }
        });
        overrides.putAll(step.get().getOverrides());
        return new Ready(report, step.get(), overrides, steps.subList(0, steps.indexOf(step.get())));
    }

    private static String without(String name, TrainingReport report, List<NextStep> runnable) {
        String others = runnable.isEmpty()
                ? "it proposes none that a training can try"
                : "a training can try "
                        + runnable.stream().map(NextStep::getStep).collect(Collectors.joining(", "));
        return report.getNextSteps().stream()
                .filter(next -> next.getStep().equals(name))
                .findFirst()
                .map(next -> "%s is not done by a training but by you: %s; of what the report of %s proposes, %s"
                        .formatted(name, next.getCommand(), report.getModelId(), others))
                .orElse("The report of %s does not propose '%s'; %s".formatted(report.getModelId(), name, others));
    }

    private static boolean reproduction(TrainingReport report) {
        return report.getChanges() != null && report.getChanges().getStep().equals("reproduce");
    }
}
