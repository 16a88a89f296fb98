package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.Promotion;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run as the history shows it.
 *
 * @param step of an earlier report that it tried
 * @param comparedWith model id; empty for the first run
 * @param keys that differ from that model's, each with from and to
 * @param term that the step should lower; empty where it is the error on test-dev as a whole
 * @param predicted change of that term, in shares of 1
 * @param outcome change of that term, in shares of 1
 * @param testDev error rate
 * @param champion whether it became champion; empty where that was not decided
 */
public record PastRun(
        Instant at,
        String runId,
        String modelId,
        Optional<String> step,
        Optional<String> comparedWith,
        Map<String, String> keys,
        boolean dataChanged,
        Optional<String> term,
        Optional<Estimate> predicted,
        Optional<Estimate> outcome,
        Optional<Estimate> testDev,
        Optional<Boolean> champion) {
    public PastRun {
        keys = Map.copyOf(keys);
    }

    /** The runs of reports, in their order, which is oldest first. */
    public static List<PastRun> of(List<TrainingReport> reports) {
        List<PastRun> runs = new ArrayList<>();
        for (int i = 0; i < reports.size(); i++) {
            runs.add(of(reports.get(i), reports.subList(0, i)));
        }
        return runs;
    }

    private static PastRun of(TrainingReport report, List<TrainingReport> earlier) {
        Optional<Changes> changes = Optional.ofNullable(report.getChanges());
        Optional<NextStep> tried = changes.flatMap(change -> proposal(change, earlier));
        Optional<String> term = tried.map(NextStep::getMetric).filter(name -> !name.isEmpty());
        return new PastRun(
                report.getPublishedAt(),
                report.getRunId(),
                report.getModelId(),
                changes.map(Changes::getStep).filter(step -> !step.isEmpty()),
                changes.map(Changes::getComparedWith),
                changes.map(Changes::getKeys).orElse(Map.of()),
                changes.map(Changes::getDataChanged).orElse(false),
                term,
                changes.map(Changes::getPredicted).or(() -> tried.map(NextStep::getPredicted)),
                changes.flatMap(change ->
                        Optional.ofNullable(change.getOutcome().get(term.orElse(Splits.label(Split.TEST_DEV))))),
                report.getSplits().stream()
                        .filter(split -> split.getSplit() == Split.TEST_DEV)
                        .findFirst()
                        .map(SplitResult::getError),
                Optional.ofNullable(report.getPromotion()).map(Promotion::getChampion));
    }

    /**
     * The step as the newest report proposed it: that of the model that the run is compared with or, where that one's
     * successors made things worse and the step takes their keys back, one of theirs.
     */
    private static Optional<NextStep> proposal(Changes changes, List<TrainingReport> earlier) {
        if (earlier.stream().noneMatch(report -> report.getModelId().equals(changes.getComparedWith()))) {
            return Optional.empty();
        }
        for (int i = earlier.size() - 1; i >= 0; i--) {
            Optional<NextStep> proposed = earlier.get(i).getNextSteps().stream()
                    .filter(step -> step.getStep().equals(changes.getStep()))
                    .findFirst();
            boolean base = earlier.get(i).getModelId().equals(changes.getComparedWith());
            if (proposed.isPresent() || base) {
                return proposed;
            }
        }
        return Optional.empty();
    }

    /** Whether the outcome lies in the interval that was predicted; empty where one of them is missing. */
    public Optional<Boolean> held() {
        return predicted
                .filter(estimate -> estimate.getLow() != null && estimate.getHigh() != null)
                .flatMap(estimate -> outcome.map(
                        change -> change.getValue() >= estimate.getLow() && change.getValue() <= estimate.getHigh()));
    }
}
