package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.PairedBootstrap;
import io.drivetrain.trainer.grade.PairedErrors;
import io.drivetrain.trainer.grade.Term;
import io.drivetrain.trainer.improve.ladder.Baseline;
import io.drivetrain.trainer.publish.Published;
import java.util.Arrays;
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
    /** Of the normal distribution, for 95 %. */
    private static final double Z = 1.96;

    private final Published published;
    private final Learner learner;

    ChangesPart(Published published, Learner learner) {
        this.published = published;
        this.learner = learner;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException {
        if (run.request().reproduces().isPresent()) {
            return;
        }
        List<TrainingReport> reports = ReproductionPart.without(published.reports()).stream()
                .filter(r -> !r.getRunId().equals(run.request().runId()))
                .toList();
        if (reports.isEmpty()) {
            return;
        }
        TrainingReport newest = reports.get(reports.size() - 1);
        String step = run.request().step();
        Optional<NextStep> proposed = newest.getNextSteps().stream()
                .filter(next -> next.getStep().equals(step) && !next.getOverrides().isEmpty())
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
            if (RunConfig.changeable(key) && !old.equals(value)) {
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
        run.tell().accept("Comparing with %s, the model before".formatted(modelId));
        if (!(EarlierModel.ask(model, run, learner, List.of(Split.values())) instanceof EarlierModel.Asked asked)) {
            return Map.of();
        }
        Map<Split, PairedBootstrap.Difference> differences = new EnumMap<>(Split.class);
        asked.predicted().forEach((split, theirs) -> {
            SplitView view = run.assembly().view(split);
            differences.put(
                    split,
                    PairedBootstrap.difference(
                            PairedErrors.count(
                                    view.labels(),
                                    GradePart.mostProbable(run.probabilities().get(split)),
                                    theirs,
                                    view.driveOf(),
                                    view.drives().size(),
                                    i -> true),
                            GradePart.settings(run.config().training())));
        });
        Map<String, Estimate> outcome = new TreeMap<>();
        differences.forEach((split, difference) -> outcome.put(Splits.label(split), estimate(difference)));
        Arrays.stream(Term.values()).forEach(term -> {
            PairedBootstrap.Difference upper = differences.get(term.upper());
            if (upper != null && term.lower().isEmpty()) {
                outcome.put(term.label(), estimate(upper));
            } else if (upper != null && differences.containsKey(term.lower().get())) {
                outcome.put(
                        term.label(),
                        difference(upper, differences.get(term.lower().get())));
            }
        });
        return outcome;
    }

    private static Estimate estimate(PairedBootstrap.Difference difference) {
        return new Estimate(
                difference.value(),
                difference.interval().map(i -> i.low()).orElse(null),
                difference.interval().map(i -> i.high()).orElse(null));
    }

    /** Of independent splits, so that variances add. */
    private static Estimate difference(PairedBootstrap.Difference upper, PairedBootstrap.Difference lower) {
        double value = upper.value() - lower.value();
        if (upper.interval().isEmpty() || lower.interval().isEmpty()) {
            return new Estimate(value, null, null);
        }
        double half = Z * Math.hypot(upper.standardError(), lower.standardError());
        return new Estimate(value, value - half, value + half);
    }
}
