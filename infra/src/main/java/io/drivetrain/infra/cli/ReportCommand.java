package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.show.HistoryTable;
import io.drivetrain.infra.cli.show.ReportView;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.cli.train.PastRun;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code report}: the newest report, that of one model, or the history of all. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Show the newest training report, or that of one model: what dominates the error and what to do next.",
            "With --full also other metrics, slices, calibration, classes, label noise and learning curve."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain report",
            "  ./drivetrain report --full | less",
            "  ./drivetrain report --history   change, prediction and outcome of each run",
            "  ./drivetrain report --model lenet-0123456789ab --json"
        })
final class ReportCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--model", paramLabel = "ID", description = "The model whose report to show.")
    private String model;

    @Option(names = "--full", description = "All that the report holds.")
    private boolean full;

    @Option(
            names = "--history",
            description = "All runs: change, prediction, outcome. The newest first, in --json the oldest.")
    private boolean history;

    @Option(names = "--json", description = "The report, or the history, as one JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (history && (full || model != null)) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--history is about all runs; give it without --full and --model");
        }
        DrivetrainConfig config = stack.require();
        List<TrainingReport> reports = Records.all(
                config,
                Topic.TRAINING_REPORT,
                TrainingReport.class,
                spec.commandLine().getErr());
        if (history) {
            showHistory(PastRun.of(reports));
            return ExitCode.DONE.code();
        }
        TrainingReport report = reports.stream()
                .filter(candidate -> model == null || candidate.getModelId().equals(model))
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new CommandException(
                        ExitCode.FAILED,
                        model == null
                                ? "No training has been reported yet; ask for one with './drivetrain train'"
                                : "No report of model '%s'; known are: %s"
                                        .formatted(
                                                model,
                                                String.join(
                                                        ", ",
                                                        reports.stream()
                                                                .map(TrainingReport::getModelId)
                                                                .distinct()
                                                                .toList()))));
        if (json) {
            spec.commandLine().getOut().println(RecordJson.of(report).toPrettyString());
            return ExitCode.DONE.code();
        }
        Terminal terminal = Terminal.detect();
        (full ? ReportView.full(terminal, report) : ReportView.summary(terminal, report)).forEach(terminal::line);
        if (!full) {
            terminal.line(
                    terminal.dim("  './drivetrain report --full' shows slices, classes, calibration and the rest"));
        }
        return ExitCode.DONE.code();
    }

    private void showHistory(List<PastRun> runs) {
        if (json) {
            spec.commandLine().getOut().println(document(runs).toPrettyString());
            return;
        }
        Terminal terminal = Terminal.detect();
        if (runs.isEmpty()) {
            terminal.line("No training has been reported yet; ask for one with './drivetrain train'");
        }
        HistoryTable.lines(terminal, runs).forEach(terminal::line);
    }

    /** The history as JSON, oldest first. */
    static ObjectNode document(List<PastRun> runs) {
        ObjectNode document = JSON.createObjectNode();
        ArrayNode entries = document.putArray("runs");
        for (PastRun run : runs) {
            ObjectNode entry = entries.addObject();
            entry.put("at", run.at().toString());
            entry.put("runId", run.runId());
            entry.put("modelId", run.modelId());
            entry.put("comparedWith", run.comparedWith().orElse(null));
            entry.put("step", run.step().orElse(null));
            entry.set("keys", JSON.valueToTree(run.keys()));
            entry.put("dataChanged", run.dataChanged());
            entry.put("term", run.term().orElse(null));
            entry.set("predicted", run.predicted().map(RecordJson::of).orElse(null));
            entry.set("outcome", run.outcome().map(RecordJson::of).orElse(null));
            entry.put("held", run.held().orElse(null));
            entry.set("testDevError", run.testDev().map(RecordJson::of).orElse(null));
            entry.put("champion", run.champion().orElse(null));
        }
        return document;
    }
}
