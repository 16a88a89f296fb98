package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train}: asks for a training on what is committed now, and follows it to its report. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Ask the trainer for a run on all curated samples, and follow it to its report.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain train",
            "  ./drivetrain train --no-wait",
            "  ./drivetrain train --json > report.json"
        })
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--no-wait", description = "Only post the request.")
    private boolean noWait;

    @Option(names = "--note", paramLabel = "TEXT", description = "Why, in one sentence; kept with the request.")
    private String note = "Asked for on the command line.";

    @Option(
            names = "--json",
            description = "The report (or with --no-wait the request) as one JSON document on stdout.")
    private boolean json;

    @Option(
            names = "--silence",
            paramLabel = "SECONDS",
            description = "Give up when the trainer says nothing for so long. Default: ${DEFAULT-VALUE}.")
    private int silenceSeconds = 120;

    private final BlockingQueue<SpecificRecordBase> heard = new LinkedBlockingQueue<>();

    @Override
    public Integer call() throws Exception {
        DrivetrainConfig config = stack.require();
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        String id = "cli-" + UUID.randomUUID();
        RetrainingRequest request = TrainingRequests.post(config, id, note, Instant.now());
        if (noWait) {
            if (json) {
                spec.commandLine().getOut().println(RecordJson.of(request).toPrettyString());
            } else {
                terminal.line("Request %s is on %s; './drivetrain report' shows the result once it is there."
                        .formatted(id, Topic.RETRAINING_REQUESTS.topicName()));
            }
            return ExitCode.DONE.code();
        }
        try (TopicFollower follower =
                new TopicFollower(config, List.of(Topic.TRAINING_PROGRESS, Topic.TRAINING_REPORT), this::take)) {
            TrainingReport report = follow(terminal, id, follower);
            if (json) {
                spec.commandLine().getOut().println(RecordJson.of(report).toPrettyString());
            } else {
                TrainingWatch.report(terminal, report);
            }
            return ExitCode.DONE.code();
        }
    }

    private void take(Topic topic, ConsumerRecord<byte[], byte[]> message) {
        try {
            heard.add(Wire.decode(message.value(), topic.recordType()));
        } catch (UndecodableRecordException e) {
            spec.commandLine()
                    .getErr()
                    .printf("Record %d of %s left out: %s%n", message.offset(), topic.topicName(), e.getMessage());
        }
    }

    private TrainingReport follow(Terminal terminal, String id, TopicFollower follower)
            throws InterruptedException, CommandException {
        List<TrainingProgress> steps = new ArrayList<>();
        while (true) {
            SpecificRecordBase next = heard.poll(silenceSeconds, TimeUnit.SECONDS);
            if (follower.failure().isPresent()) {
                throw follower.failure().get();
            }
            if (next == null) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "The trainer has said nothing for %d s; see './drivetrain status' and its log"
                                .formatted(silenceSeconds));
            }
            if (next instanceof TrainingProgress step && id.equals(step.getRequestId())) {
                steps.add(step);
                terminal.progress(TrainingWatch.progressLine(terminal, steps));
                if (step.getPhase() == TrainingPhase.FAILED) {
                    throw new CommandException(ExitCode.FAILED, step.getMessage());
                }
            }
            if (next instanceof TrainingReport report && id.equals(report.getRequestId())) {
                terminal.endProgress();
                Curve.lines(terminal, TrainingWatch.points(steps)).forEach(terminal::line);
                terminal.line("");
                return report;
            }
        }
    }
}
