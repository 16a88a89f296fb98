package io.drivetrain.infra.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.show.DecompositionChart;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.TrainingReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that the demo showed, as one JSON document. */
final class DemoDocument {
    private static final ObjectMapper JSON = new ObjectMapper();

    private DemoDocument() {}

    /** One training run of the demo. */
    record Round(String reason, TrainingReport report) {}

    static ObjectNode of(
            Map<String, Long> counts,
            Map<String, Long> rejectedByViolation,
            TableSnapshot snapshot,
            List<Round> rounds,
            List<Alert> alerts,
            Map<String, Double> seconds,
            List<String> sentences) {
        ObjectNode document = JSON.createObjectNode();
        document.set("counts", JSON.valueToTree(counts));
        document.set("rejectedByViolation", JSON.valueToTree(rejectedByViolation));
        ObjectNode table = document.putObject("snapshot");
        table.put("table", snapshot.table());
        if (snapshot.snapshotId().isPresent()) {
            table.put("snapshotId", snapshot.snapshotId().getAsLong());
        } else {
            table.putNull("snapshotId");
        }
        table.put("rows", snapshot.rows());
        table.put("path", snapshot.path().toString());
        table.put("query", snapshot.query());
        ArrayNode trained = document.putArray("rounds");
        rounds.forEach(round -> trained.add(round(round)));
        ArrayNode raised = document.putArray("alerts");
        alerts.forEach(alert -> raised.add(RecordJson.of(alert)));
        document.set("sentences", JSON.valueToTree(sentences));
        document.set("seconds", JSON.valueToTree(seconds));
        return document;
    }

    private static ObjectNode round(Round round) {
        TrainingReport report = round.report();
        ObjectNode node = JSON.createObjectNode();
        node.put("model", report.getModelId());
        node.put("requestId", report.getRequestId());
        node.put("reason", round.reason());
        ObjectNode values = node.putObject("decomposition");
        ObjectNode intervals = node.putObject("intervals");
        Decomposition decomposition = report.getDecomposition();
        if (decomposition == null) {
            node.putNull("decomposition");
        } else {
            Map<String, Estimate> terms = new LinkedHashMap<>();
            terms.put("testError", decomposition.getTestError());
            terms.putAll(DecompositionChart.terms(decomposition));
            terms.forEach((term, estimate) -> {
                values.put(term, estimate.getValue());
                if (estimate.getLow() != null && estimate.getHigh() != null) {
                    intervals
                            .putArray(term)
                            .add(estimate.getLow().doubleValue())
                            .add(estimate.getHigh().doubleValue());
                } else {
                    intervals.putNull(term);
                }
            });
        }
        ObjectNode samples = node.putObject("samples");
        ObjectNode drives = node.putObject("drives");
        ObjectNode errors = node.putObject("errors");
        for (SplitResult split : report.getSplits()) {
            String label = Splits.label(split.getSplit());
            samples.put(label, split.getSamples());
            drives.put(label, split.getDrives());
            if (split.getError() == null) {
                errors.putNull(label);
            } else {
                errors.put(label, split.getError().getValue());
            }
        }
        node.put("dominant", report.getDominant());
        node.set("distinguishable", JSON.valueToTree(report.getDistinguishable()));
        node.set("notEnoughData", JSON.valueToTree(report.getNotEnoughData()));
        node.put("verdict", report.getVerdict());
        node.put("epochs", report.getEpochs().size());
        node.put("trainingSeconds", report.getTrainingSeconds());
        return node;
    }
}
