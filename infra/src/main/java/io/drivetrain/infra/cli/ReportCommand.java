package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code report}: the newest error decomposition, or that of one model. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Show the newest training report, or that of one model.",
        footer = {"", "Examples:", "  ./drivetrain report", "  ./drivetrain report --model lenet-0123456789ab --json"})
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--model", paramLabel = "ID", description = "The model whose report to show.")
    private String model;

    @Option(names = "--json", description = "The report as one JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        DrivetrainConfig config = stack.require();
        List<TrainingReport> reports = new ArrayList<>();
        TopicFollower.readAll(config, List.of(Topic.TRAINING_REPORT), (topic, record) -> {
            try {
                reports.add(Wire.decode(record.value(), TrainingReport.class));
            } catch (UndecodableRecordException e) {
                spec.commandLine()
                        .getErr()
                        .printf("Report at offset %d left out: %s%n", record.offset(), e.getMessage());
            }
        });
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
        } else {
            TrainingWatch.report(Terminal.detect(), report);
        }
        return ExitCode.DONE.code();
    }
}
