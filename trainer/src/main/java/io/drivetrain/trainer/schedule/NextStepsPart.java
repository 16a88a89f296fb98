package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.improve.ladder.NextSteps;
import io.drivetrain.trainer.improve.ladder.Situation;
import io.drivetrain.trainer.publish.Published;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        List<TrainingReport> history = new ArrayList<>(published.reports().stream()
                .filter(before -> SyntheticPart.synthetic(before) == SyntheticPart.synthetic(run.config()))
                .toList());
        if (report.getChanges() != null) {
            // This run's own outcome counts, too: what it has just tried in vain is not the next thing to try.
            history.add(TrainingReport.newBuilder()
                    .setRunId(run.request().runId())
                    .setModelId(run.modelId())
                    .setNetwork(report.getNetwork())
                    .setClasses(report.getClasses())
                    .setSplits(report.getSplits())
                    .setVerdict(report.getVerdict())
                    .setProvenance(report.getProvenance())
                    .setChanges(report.getChanges())
                    .setPublishedAt(Instant.EPOCH)
                    .build());
        }
        report.setNextSteps(NextSteps.of(new Situation(
                Optional.ofNullable(report.getDecomposition()),
                report.getDistinguishable(),
                run.config().asText(),
                report.getEpochs().size(),
                report.getBestEpoch(),
                report.getSlices(),
                Optional.ofNullable(report.getLabelNoise()),
                Optional.ofNullable(report.getLearningCurve()),
                history)));
    }
}
