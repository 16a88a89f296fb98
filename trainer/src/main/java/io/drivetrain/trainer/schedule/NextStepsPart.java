package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.improve.ladder.Baseline;
import io.drivetrain.trainer.improve.ladder.NextSteps;
import io.drivetrain.trainer.improve.ladder.Setback;
import io.drivetrain.trainer.improve.ladder.Situation;
import io.drivetrain.trainer.improve.ladder.Surroundings;
import io.drivetrain.trainer.publish.Published;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What to do next; last, because it reads what all other parts have found. */
final class NextStepsPart implements ReportPart {
    private final Published published;

    NextStepsPart(Published published) {
        this.published = published;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) {
        if (run.request().reproduces().isPresent()) {
            return;
        }
        // This run's own outcome counts, too: what it has just tried in vain is not the next thing to try.
        TrainingReport now = now(run, report);
        List<TrainingReport> history = new ArrayList<>(ReproductionPart.without(published.reports()));
        history.removeIf(earlier -> earlier.getRunId().equals(now.getRunId())
                || SyntheticPart.synthetic(earlier) != SyntheticPart.synthetic(run.config()));
        history.add(now);
        TrainingReport base = Baseline.of(history).orElse(now);
        SplitView train = run.assembly().view(Split.TRAIN);
        Surroundings surroundings = new Surroundings(
                report.getClasses(),
                Networks.names().stream().collect(Collectors.toMap(name -> name, Networks::smallestInput)),
                (long) train.size() + train.leftOut().overLimit());
        report.setNextSteps(NextSteps.of(Situation.of(base, history, surroundings, setback(base, now))));
    }

    private static Optional<Setback> setback(TrainingReport base, TrainingReport now) {
        if (base.getRunId().equals(now.getRunId())) {
            return Optional.empty();
        }
        Map<String, String> after = now.getProvenance().getConfig();
        Map<String, String> restored = new TreeMap<>();
        base.getProvenance().getConfig().forEach((key, value) -> {
            if (RequestKeys.decidesWeights(key) && !value.equals(after.get(key))) {
                restored.put(key, value);
            }
        });
        return Optional.of(new Setback(
                "it builds on the keys of %s, because what %s changed made test-dev worse"
                        .formatted(base.getModelId(), now.getModelId()),
                restored));
    }

    /** What is known of this run before its report is finished. */
    private static TrainingReport now(GradedRun run, TrainingReport.Builder report) {
        return TrainingReport.newBuilder(report)
                .setRunId(run.request().runId())
                .setModelId(run.modelId())
                .setPublishedAt(Instant.EPOCH)
                .build();
    }
}
