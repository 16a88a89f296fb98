package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.LeftOut;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.cli.train.OpenTrainings;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackState;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code status}: which processes run, on which ports, what trains and what waits. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Show the processes, ports, trainings and topics of the running stack.",
            "Exit code 3: none runs, or a process or a job of it is in trouble.",
            "Of a Kafka of your own, named with --bootstrap, the topics."
        },
        footer = {"", "Examples:", "  ./drivetrain status", "  ./drivetrain status --json"})
final class StatusCommand implements Callable<Integer> {
    /** Minutes of it, since a run that works tells something every second. */
    private static final long NEWEST_PROGRESS = 2000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        ObjectNode document = new ObjectMapper().createObjectNode();
        Terminal terminal = Terminal.detect();
        if (stack.namesKafka()) {
            DrivetrainConfig config = stack.require();
            document.put("bootstrap", config.kafka().bootstrap());
            topics(config, document, terminal);
            print(document);
            return ExitCode.DONE.code();
        }
        Optional<StackState> running = stack.running();
        document.put("running", running.isPresent());
        if (running.isEmpty()) {
            print(document);
            if (!json) {
                terminal.line("No stack runs here; start one with './drivetrain up'.");
            }
            return ExitCode.NEGATIVE.code();
        }
        StackState state = running.get();
        document.put("directory", state.directory());
        document.put("bootstrap", state.bootstrap());
        document.put("flink", state.flinkUrl());
        document.put("startedAt", state.startedAt());
        ObjectNode processes = document.putObject("processes");
        boolean allAlive = true;
        for (Role role : Role.OF_A_STACK) {
            Long pid = state.pids().get(role.id());
            boolean alive = pid != null
                    && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
            allAlive &= alive;
            ObjectNode process = processes.putObject(role.id());
            process.put("pid", pid);
            process.put("alive", alive);
            if (!json) {
                terminal.line("%s %-22s process %-8s %s"
                        .formatted(
                                terminal.mark(alive),
                                role.title(),
                                pid,
                                switch (role) {
                                    case BROKER -> state.bootstrap();
                                    case FLINK, JOB_MANAGER -> state.flinkUrl();
                                    case TRAINER, TASK_MANAGER -> "";
                                }));
            }
        }
        ObjectNode troubles = document.putObject("troubles");
        state.troubles().forEach(troubles::put);
        if (!json && !state.troubles().isEmpty()) {
            terminal.line("");
            state.troubles().values().forEach(sentence -> terminal.paragraph(terminal.mark(false) + " " + sentence, 0));
        }
        DrivetrainConfig config = stack.require();
        List<TrainingProgress> progress = progress(config);
        List<TrainingProgress> open = OpenTrainings.of(progress, Instant.now());
        List<RetrainingRequest> notTaken = OpenTrainings.notTaken(
                Records.all(
                        config,
                        Topic.RETRAINING_REQUESTS,
                        RetrainingRequest.class,
                        spec.commandLine().getErr()),
                progress,
                Instant.now());
        if (!json && open.isEmpty() && notTaken.isEmpty()) {
            terminal.line("");
            terminal.line("  No training runs or waits");
        }
        trainings(open, document.putArray("trainings"), "Trainings, in their order", terminal);
        ArrayNode requested = document.putArray("notTakenUp");
        if (!json && !notTaken.isEmpty()) {
            terminal.line("");
            terminal.line("  Not taken up yet; the trainer does so when it runs");
        }
        for (RetrainingRequest request : notTaken) {
            requested.add(request.getRequestId());
            if (!json) {
                terminal.line("  %-44s %s".formatted(request.getRequestId(), request.getNote()));
            }
        }
        trainings(
                OpenTrainings.ended(progress, Instant.now()),
                document.putArray("endedWithoutModel"),
                "Ended without a model in the last 24 h",
                terminal);
        topics(config, document, terminal);
        print(document);
        if (!json) {
            terminal.line("");
            terminal.line("State in %s, since %s"
                    .formatted(
                            state.directory(), Instant.parse(state.startedAt()).truncatedTo(ChronoUnit.SECONDS)));
        }
        return (allAlive && state.troubles().isEmpty() ? ExitCode.DONE : ExitCode.NEGATIVE).code();
    }

    private void topics(DrivetrainConfig config, ObjectNode document, Terminal terminal) {
        ObjectNode topics = document.putObject("topics");
        TopicsCommand.atMost(config).forEach(topics::put);
        if (!json) {
            terminal.line("");
            topics.properties()
                    .forEach(topic -> terminal.line("  %-24s %,10d"
                            .formatted(topic.getKey(), topic.getValue().asLong())));
            terminal.line(
                    terminal.dim("  records at most: transaction markers count, too; exact: ./drivetrain topics"));
            if (config.admission().admitsCorrections()) {
                terminal.line(terminal.dim("  a corrected label is a record more; samples: ./drivetrain topics"));
            }
        }
    }

    private void print(ObjectNode document) {
        if (json) {
            spec.commandLine().getOut().println(document.toPrettyString());
        }
    }

    /** The newest of what the trainer has said. */
    private List<TrainingProgress> progress(DrivetrainConfig config) {
        List<TrainingProgress> progress = new ArrayList<>();
        LeftOut leftOut = new LeftOut();
        TopicFollower.readNewest(config, List.of(Topic.TRAINING_PROGRESS), NEWEST_PROGRESS, (topic, record) -> {
            try {
                progress.add(Wire.decode(record.value(), TrainingProgress.class));
            } catch (UndecodableRecordException e) {
                leftOut.add(topic, record.offset(), e.getMessage());
            }
        });
        leftOut.tell(spec.commandLine().getErr());
        return progress;
    }

    private void trainings(List<TrainingProgress> listed, ArrayNode document, String title, Terminal terminal) {
        if (!json && !listed.isEmpty()) {
            terminal.line("");
            terminal.line("  " + title);
        }
        for (TrainingProgress said : listed) {
            document.addObject()
                    .put("requestId", said.getRequestId())
                    .put("runId", said.getRunId())
                    .put("phase", said.getPhase().name())
                    .put("message", said.getMessage())
                    .put("at", said.getAt().toString());
            if (!json) {
                // What is not a request has no id.
                terminal.line("  %-44s %s"
                        .formatted(
                                said.getRequestId() == null ? said.getRunId() : said.getRequestId(),
                                said.getMessage()));
            }
        }
    }
}
