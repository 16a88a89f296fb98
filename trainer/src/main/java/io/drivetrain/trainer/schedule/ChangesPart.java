package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.MostProbable;
import io.drivetrain.trainer.grade.Outcome;
import io.drivetrain.trainer.grade.PairedErrors;
import io.drivetrain.trainer.improve.ladder.Baseline;
import io.drivetrain.trainer.publish.Published;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run changed against the model before it, and what came of it: both models on the same samples of today, so that
 * what makes samples hard cancels.
 */
final class ChangesPart implements ReportPart {
    private final Published published;
    private final EarlierModels earlierModels;

    ChangesPart(Published published, EarlierModels earlierModels) {
        this.published = published;
        this.earlierModels = earlierModels;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException {
        if (run.request().reproduces().isPresent()) {
            return;
        }
        List<TrainingReport> reports = ReproductionPart.without(published.reports()).stream()
                .filter(r -> !r.getRunId().equals(run.request().runId()))
                // What the stream's samples say about a model and what drawn ones say does not compare.
                .filter(r -> SyntheticPart.synthetic(r) == SyntheticPart.synthetic(run.config()))
                .toList();
        if (reports.isEmpty()) {
            return;
        }
        TrainingReport newest = reports.get(reports.size() - 1);
        String step = run.request().step();
        Optional<NextStep> proposed = newest.getNextSteps().stream()
                .filter(next ->
                        next.getStep().equals(step) && !next.getOverrides().isEmpty())
                .findFirst();
        // A step takes back what made things worse, so that what it changes shows against the run before that.
        TrainingReport earlier =
                proposed.isEmpty() ? newest : Baseline.of(reports).orElse(newest);
        report.setChanges(Changes.newBuilder()
                .setComparedWith(earlier.getModelId())
                .setStep(step)
                .setKeys(keys(
                        earlier.getProvenance().getConfig(),
                        report.getProvenance().getConfig()))
                .setDataChanged(!earlier.getProvenance()
                        .getDataFingerprint()
                        .equals(report.getProvenance().getDataFingerprint()))
                .setPredicted(proposed.map(NextStep::getPredicted).orElse(null))
                .setOutcome(outcome(earlier.getModelId(), run))
                .build());
    }

    private static Map<String, String> keys(Map<String, String> before, Map<String, String> now) {
        Map<String, String> changed = new TreeMap<>();
        now.forEach((key, value) -> {
            String old = before.getOrDefault(key, "");
            if (RequestKeys.decidesWeights(key) && !old.equals(value)) {
                changed.put(key, "%s -> %s".formatted(shown(old), shown(value)));
            }
        });
        return changed;
    }

    private static String shown(String value) {
        return value.isEmpty() ? "(none)" : value;
    }

    private Map<String, Estimate> outcome(String modelId, GradedRun run) throws InterruptedException {
        ModelPublished model = published.models().get(modelId);
        if (model == null) {
            return Map.of();
        }
        run.progress().tell(TrainingStage.ANALYSING, "Comparing with %s, the model before".formatted(modelId));
        if (!(earlierModels.ask(model, run, List.of(Split.values()))
                instanceof EarlierModels.Answer.Predicted predicted)) {
            return Map.of();
        }
        Map<Split, Outcome.Both> both = new EnumMap<>(Split.class);
        predicted.classes().forEach((split, theirs) -> {
            SplitView view = run.assembly().view(split);
            both.put(
                    split,
                    new Outcome.Both.Paired(PairedErrors.count(
                            view.labels(),
                            MostProbable.of(run.probabilities().get(split)),
                            theirs,
                            view.driveOf(),
                            view.drives().size(),
                            i -> true)));
        });
        return Outcome.of(both, GradePart.settings(run.config().training()));
    }
}
