package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.read.LeftOut;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.NextStepsView;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.cli.train.Answer;
import io.drivetrain.infra.cli.train.NextRun;
import io.drivetrain.infra.cli.train.RunOverrides;
import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.ReportDifferences;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TopicOffset;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import io.drivetrain.schemas.synthesize.DrawnDrives;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        description = {
            "Ask the trainer for a run on all curated samples, and follow it to its report.",
            "--set KEY=VALUE and the flags change keys of training, image, improve and analysis for this run alone."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain train",
            "  ./drivetrain train --network resnet18 --limit 10000 --image-size 32",
            "  ./drivetrain train --synthetic --network resnet18",
            "  ./drivetrain train --set improve.augment=flip,brightness=0.3",
            "  ./drivetrain train --next                      what the report proposes first",
            "  ./drivetrain train --next --step augmentation  another of its steps, by name",
            "  ./drivetrain train --reproduce lenet-0123456789ab     compares all of it",
            "  ./drivetrain train --set training.doctor=warn  although the doctor objects",
            "  ./drivetrain train --no-wait",
            "  ./drivetrain train --withdraw cli-0123         takes it back, even if it runs",
            "  ./drivetrain train --json > report.json"
        })
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "dense, lenet, resnet18, resnet50, resnet101, lstm or multi-input.")
    private String network;

    @Option(names = "--limit", paramLabel = "N", description = "Most samples of train that are used; 0: all.")
    private String limit;

    @Option(
            names = "--image-size",
            paramLabel = "N",
            description = "Width and height of the pixels, at most the curated.")
    private String imageSize;

    @Option(
            names = "--classes",
            paramLabel = "A,B",
            description = "Only these classes; samples of others are left out.")
    private String classes;

    @Option(
            names = "--synthetic",
            description = "Learn from drawn scenes with and without a pedestrian, to try a set-up; never promoted.")
    private boolean synthetic;

    @Option(
            names = "--warm-start",
            paramLabel = "MODEL",
            description = "Begin with its weights: champion, or a model id.")
    private String warmStart;

    @Option(names = "--next", description = "Try the first step of the newest report that a training can try.")
    private boolean next;

    @Option(
            names = "--step",
            paramLabel = "NAME",
            description = "With --next: this step of the newest report instead of the first.")
    private String stepName;

    @Option(
            names = "--new-data",
            description = "With --next: on all that is committed now, instead of the data of that report.")
    private boolean newData;

    @Option(names = "--reproduce", paramLabel = "MODEL", description = "Train a model again and compare the two.")
    private String reproduce;

    @Option(
            names = "--withdraw",
            paramLabel = "REQUEST",
            description = "Train nothing, and take a request back, whether it waits or runs; 'status' lists them.")
    private String withdraw;

    @Option(names = "--no-wait", description = "Only post the request.")
    private boolean noWait;

    @Option(names = "--note", paramLabel = "TEXT", description = "Why, in one sentence; kept with the request.")
    private String note;

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

    private final LeftOut leftOut = new LeftOut();

    private String runToReproduce;

    /** What is asked for, and the sentence that is kept with it. */
    private record Ask(TrainingRequests.Wish wish, String note) {}

    @Override
    public Integer call() throws Exception {
        Map<String, String> overrides = RunOverrides.of(stack.given(), flags());
        checkCombination(overrides);
        DrivetrainConfig config = stack.require();
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        if (withdraw != null) {
            return withdraw(config, terminal);
        }
        Ask ask = ask(config, overrides, terminal);
        String id = "cli-" + UUID.randomUUID();
        RetrainingRequest request = TrainingRequests.post(config, id, ask.note(), ask.wish(), Instant.now());
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
            Answer answer = new Answer(id);
            TrainingReport report;
            try (Goodbye goodbye = Goodbye.onInterrupt(() -> terminal.line(goesOn(answer)))) {
                report = follow(terminal, answer, follower);
            }
            if (json) {
                spec.commandLine().getOut().println(RecordJson.of(report).toPrettyString());
            } else {
                TrainingWatch.report(terminal, report);
            }
            return (reproduce == null || reproduced(report, answer) ? ExitCode.DONE : ExitCode.NEGATIVE).code();
        }
    }

    private static String goesOn(Answer answer) {
        return "The training goes on; './drivetrain report' shows its result, './drivetrain train --withdraw %s' takes it back"
                .formatted(answer.requestId());
    }

    /** Posts the withdrawal and waits until the trainer says what came of it. */
    private int withdraw(DrivetrainConfig config, Terminal terminal) throws Exception {
        String id = "cli-" + UUID.randomUUID();
        TrainingRequests.withdraw(config, id, withdraw, note == null ? "" : note, Instant.now());
        try (TopicFollower follower = new TopicFollower(config, List.of(Topic.TRAINING_PROGRESS), this::take)) {
            while (true) {
                if (next(follower) instanceof TrainingProgress said) {
                    boolean ofTheRequest = withdraw.equals(said.getRequestId());
                    if (ofTheRequest && said.getWithdrawn()) {
                        terminal.line(said.getMessage());
                        return ExitCode.DONE.code();
                    }
                    if (id.equals(said.getRequestId())) {
                        throw new CommandException(ExitCode.NEGATIVE, said.getMessage());
                    }
                }
            }
        }
    }

    /** Whether weights and report are the same; a report that is no longer there does not speak against it. */
    private boolean reproduced(TrainingReport report, Answer heardOf) {
        // A model's id is made of its weights, so the same id is the same weights.
        return report.getModelId().equals(reproduce)
                && heardOf.reportOf(runToReproduce)
                        .map(before -> ReportDifferences.of(before, report).isEmpty())
                        .orElse(true);
    }

    /** The keys for which there is a flag of its own. */
    private Map<String, String> flags() {
        Map<String, String> flags = new LinkedHashMap<>();
        put(flags, ConfigKey.TRAINING_NETWORK.path(), network);
        put(flags, ConfigKey.TRAINING_LIMIT.path(), limit);
        put(flags, ConfigKey.IMAGE_WIDTH.path(), imageSize);
        put(flags, ConfigKey.IMAGE_HEIGHT.path(), imageSize);
        put(flags, "classes", synthetic ? String.join(",", DrawnDrives.CLASSES) : classes);
        put(flags, ConfigKey.TRAINING_DATA.path(), synthetic ? "synthetic" : null);
        put(flags, ConfigKey.IMPROVE_WARM_START.path(), warmStart);
        return flags;
    }

    private static void put(Map<String, String> flags, String key, String value) {
        if (value != null) {
            flags.put(key, value);
        }
    }

    private void checkCombination(Map<String, String> overrides) throws CommandException {
        if (withdraw != null && (next || reproduce != null || noWait || json || !overrides.isEmpty())) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--withdraw trains nothing, so leave out what a training is to be");
        }
        if (next && reproduce != null) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--next changes one thing and --reproduce nothing; give one of them");
        }
        if ((next || reproduce != null) && !overrides.isEmpty()) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE,
                    "%s decides what is changed, so leave out %s"
                            .formatted(next ? "--next" : "--reproduce", String.join(", ", overrides.keySet())));
        }
        if (synthetic && classes != null) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE,
                    "--synthetic brings its own classes, %s; leave out --classes"
                            .formatted(String.join(" and ", DrawnDrives.CLASSES)));
        }
        if (stepName != null && !next) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--step goes with --next, which takes it from the newest report");
        }
        if (newData && !next) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "--new-data goes with --next; without it all that is committed is used");
        }
    }

    private Ask ask(DrivetrainConfig config, Map<String, String> overrides, Terminal terminal) throws CommandException {
        if (reproduce != null) {
            return reproduction(config);
        }
        if (!next) {
            return new Ask(
                    new TrainingRequests.Wish(overrides, "", Optional.empty(), Optional.empty()),
                    note == null ? "Asked for on the command line." : note);
        }
        NextRun decided = NextRun.of(
                Records.all(
                        config,
                        Topic.TRAINING_REPORT,
                        TrainingReport.class,
                        spec.commandLine().getErr()),
                Optional.ofNullable(stepName));
        if (decided instanceof NextRun.Nothing nothing) {
            throw new CommandException(ExitCode.NEGATIVE, nothing.reason());
        }
        NextRun.Ready ready = (NextRun.Ready) decided;
        TrainingReport report = ready.report();
        ready.reasons().forEach(terminal::line);
        NextStepsView.announcement(
                        terminal,
                        ready.step(),
                        report.getModelId(),
                        report.getProvenance().getConfig())
                .forEach(terminal::line);
        List<TopicOffset> sameData = report.getProvenance().getOffsets();
        return new Ask(
                new TrainingRequests.Wish(
                        ready.overrides(),
                        ready.step().getStep(),
                        Optional.empty(),
                        // On the same data the outcome is that of the one change.
                        newData || sameData.isEmpty() ? Optional.empty() : Optional.of(sameData)),
                note == null
                        ? "%s, as the report of %s proposes."
                                .formatted(ready.step().getStep(), report.getModelId())
                        : note);
    }

    private Ask reproduction(DrivetrainConfig config) throws CommandException {
        Map<String, String> runOf = new LinkedHashMap<>();
        Records.all(
                        config,
                        Topic.MODELS_PUBLISHED,
                        ModelPublished.class,
                        spec.commandLine().getErr())
                .forEach(model -> runOf.put(model.getModelId(), model.getRunId()));
        if (!runOf.containsKey(reproduce)) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, ModelsCommand.unknown(reproduce, List.copyOf(runOf.keySet())));
        }
        runToReproduce = runOf.get(reproduce);
        return new Ask(
                new TrainingRequests.Wish(Map.of(), "", Optional.of(reproduce), Optional.empty()),
                note == null ? "Train %s again.".formatted(reproduce) : note);
    }

    private void take(Topic topic, ConsumerRecord<byte[], byte[]> message) {
        try {
            heard.add(Wire.decode(message.value(), topic.recordType()));
        } catch (UndecodableRecordException e) {
            // Of hundreds for the same reason the first says enough.
            if (leftOut.add(topic, message.offset(), e.getMessage())) {
                spec.commandLine()
                        .getErr()
                        .printf("Record %d of %s left out: %s%n", message.offset(), topic.topicName(), e.getMessage());
            }
        }
    }

    /** What the follower hears next. */
    private SpecificRecordBase next(TopicFollower follower) throws InterruptedException, CommandException {
        SpecificRecordBase said = heard.poll(silenceSeconds, TimeUnit.SECONDS);
        if (follower.failure().isPresent()) {
            throw follower.failure().get();
        }
        if (said == null) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "The trainer has said nothing for %d s; see './drivetrain status' and its log"
                            .formatted(silenceSeconds));
        }
        return said;
    }

    private TrainingReport follow(Terminal terminal, Answer answer, TopicFollower follower)
            throws InterruptedException, CommandException {
        while (answer.report().isEmpty()) {
            SpecificRecordBase said = next(follower);
            if (said instanceof TrainingReport report) {
                answer.hear(report);
            }
            if (said instanceof TrainingProgress step && answer.hear(step)) {
                terminal.progress(TrainingWatch.progressLine(terminal, answer.steps()));
                if (step.getPhase() == TrainingPhase.FAILED) {
                    throw new CommandException(
                            step.getRefused() || step.getWithdrawn() ? ExitCode.NEGATIVE : ExitCode.FAILED,
                            step.getMessage());
                }
                if (step.getJoined() != null) {
                    // What is said of the other run next takes the place of the line, and this is not said again.
                    terminal.endProgress();
                }
            }
        }
        terminal.endProgress();
        Curve.lines(terminal, TrainingWatch.points(answer.steps())).forEach(terminal::line);
        terminal.line("");
        return answer.report().orElseThrow();
    }
}
