package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The training that the newest report proposes. */
public sealed interface NextRun {
    /**
     * A step that a training can try.
     *
     * @param overrides every key of the run that is built on, with the one change
     */
    record Ready(TrainingReport report, NextStep step, Map<String, String> overrides) implements NextRun {
        public Ready {
            overrides = Map.copyOf(overrides);
        }
    }

    /** There is none; the reason is a sentence that says what to do instead. */
    record Nothing(String reason) implements NextRun {}

    /**
     * Finds the first step of the newest report that changes keys. A reproduction proposes nothing, so the report before it
     * counts.
     *
     * @param reports oldest first
     */
    static NextRun of(List<TrainingReport> reports) {
        Optional<TrainingReport> newest =
                reports.stream().filter(report -> !reproduction(report)).reduce((earlier, later) -> later);
        if (newest.isEmpty()) {
            return new Nothing(
                    "No training has been reported yet, so nothing is proposed; begin with './drivetrain train'");
        }
        TrainingReport report = newest.get();
        List<NextStep> steps = report.getNextSteps();
        Optional<NextStep> step =
                steps.stream().filter(next -> !next.getOverrides().isEmpty()).findFirst();
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
            if (RequestKeys.changeable(key)) {
                overrides.put(key, value);
            }
        });
        overrides.putAll(step.get().getOverrides());
        return new Ready(report, step.get(), overrides);
    }

    private static boolean reproduction(TrainingReport report) {
        return report.getChanges() != null && report.getChanges().getStep().equals("reproduce");
    }
}
