package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.ReportDifferences;
import io.drivetrain.schemas.RequestKeys;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.publish.Published;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Says of a run that trains an earlier model again whether weights and report came out the same, and if not, why. Comes
 * last, so that there is a whole report to compare.
 */
final class ReproductionPart implements ReportPart {
    static final String STEP = "reproduce";
    private static final int MOST_NAMED = 5;

    private final Published published;

    ReproductionPart(Published published) {
        this.published = published;
    }

    /** The reports of runs that tried something of their own, in the same order. */
    static List<TrainingReport> without(List<TrainingReport> reports) {
        return reports.stream()
                .filter(report -> report.getChanges() == null
                        || !report.getChanges().getStep().equals(STEP))
                .toList();
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) {
        if (run.request().reproduces().isEmpty()) {
            return;
        }
        String modelId = run.request().reproduces().get();
        ModelPublished original = published.models().get(modelId);
        Optional<TrainingReport> before = published.reports().stream()
                .filter(r -> r.getModelId().equals(modelId)
                        && !r.getRunId().equals(run.request().runId()))
                .filter(r -> r.getRunId().equals(original.getRunId()))
                .reduce((earlier, later) -> later);
        boolean sameWeights = original.getWeightsSha256().equals(run.model().weightsSha256());
        List<String> sentences = new ArrayList<>();
        sentences.add(
                sameWeights
                        ? "Reproduced %s: the weights are identical (SHA-256 %s)."
                                .formatted(modelId, original.getWeightsSha256().substring(0, 12))
                        : "Not reproduced: %s has weights %s, this run %s."
                                .formatted(
                                        modelId,
                                        original.getWeightsSha256().substring(0, 12),
                                        run.model().weightsSha256().substring(0, 12)));
        Map<String, Estimate> differences = new TreeMap<>();
        if (before.isEmpty()) {
            sentences.add("Its report is no longer on training.report, so figures are not compared.");
        } else {
            differences = differences(before.get().getSplits(), report.getSplits());
            sentences.add(compared(before.get(), report, differences));
        }
        // Suspects and requests to collect were sent when the model was published.
        run.outgoing().clear();
        List<String> reasons = reasons(original.getProvenance(), report.getProvenance());
        if (!sameWeights) {
            sentences.add(
                    reasons.isEmpty()
                            ? "Data, settings, threads and versions are the same, so another processor or a fault is left as the reason."
                            : "What differs: %s.".formatted(String.join("; ", reasons)));
        }
        report.setVerdict(String.join(" ", sentences));
        report.setChanges(Changes.newBuilder()
                .setComparedWith(modelId)
                .setStep(STEP)
                .setKeys(Map.of())
                .setDataChanged(!original.getProvenance()
                        .getDataFingerprint()
                        .equals(report.getProvenance().getDataFingerprint()))
                .setOutcome(differences)
                .build());
    }

    private static String compared(TrainingReport before, TrainingReport.Builder report, Map<String, Estimate> errors) {
        TrainingReport now = TrainingReport.newBuilder(report)
                .setRunId(before.getRunId())
                .setModelId(before.getModelId())
                .setPublishedAt(before.getPublishedAt())
                .build();
        List<String> differences = ReportDifferences.of(before, now);
        if (differences.isEmpty()) {
            return "The report is identical: errors, decomposition, metrics, calibration, epochs%s."
                    .formatted(parts(now));
        }
        return "%d figures of the report differ: %s%s; error rates by %s."
                .formatted(
                        differences.size(),
                        differences.stream().limit(MOST_NAMED).collect(Collectors.joining("; ")),
                        differences.size() > MOST_NAMED ? "; and more" : "",
                        text(errors));
    }

    /** What not every report has. */
    private static String parts(TrainingReport report) {
        return (report.getLabelNoise() == null ? "" : ", label noise")
                + (report.getLearningCurve() == null ? "" : ", learning curve")
                + (report.getShiftParts() == null ? "" : ", shift")
                + (report.getSlices().isEmpty() ? "" : ", slices");
    }

    private static Map<String, Estimate> differences(List<SplitResult> before, List<SplitResult> now) {
        Map<String, Estimate> differences = new TreeMap<>();
        for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
            if (before.get(i).getError() != null && now.get(i).getError() != null) {
                differences.put(
                        Splits.label(now.get(i).getSplit()),
                        new Estimate(
                                now.get(i).getError().getValue()
                                        - before.get(i).getError().getValue(),
                                null,
                                null));
            }
        }
        return differences;
    }

    private static String text(Map<String, Estimate> differences) {
        List<String> parts = new ArrayList<>();
        differences.forEach((split, difference) ->
                parts.add("%s %+.2f percentage points".formatted(split, 100 * difference.getValue())));
        return String.join(", ", parts);
    }

    /** Everything that two trainings may differ in, each as a short text. */
    private static List<String> reasons(Provenance before, Provenance now) {
        List<String> reasons = new ArrayList<>();
        if (!before.getDataFingerprint().equals(now.getDataFingerprint())) {
            reasons.add("the samples (fingerprint %s, now %s)"
                    .formatted(
                            before.getDataFingerprint().substring(0, 12),
                            now.getDataFingerprint().substring(0, 12)));
        }
        if (before.getThreads() != now.getThreads()) {
            reasons.add("threads (%d, now %d)".formatted(before.getThreads(), now.getThreads()));
        }
        before.getVersions().forEach((name, version) -> {
            String other = now.getVersions().get(name);
            if (!version.equals(other)) {
                reasons.add("%s (%s, now %s)".formatted(name, version, other));
            }
        });
        before.getConfig().forEach((key, value) -> {
            String other = now.getConfig().get(key);
            if (RequestKeys.changeable(key) && !value.equals(other)) {
                reasons.add("%s (%s, now %s)".formatted(key, value, other));
            }
        });
        return reasons;
    }
}
