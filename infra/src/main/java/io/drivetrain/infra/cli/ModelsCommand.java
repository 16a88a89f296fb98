package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.KafkaClients;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.show.ModelTable;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.cli.train.KnownModel;
import io.drivetrain.schemas.AliasDecision;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingReport;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code models}: what was published, which of them is in service, and how another one comes into service. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = "List the published models, the newest first; or put another one into service.",
        subcommands = {ModelsCommand.Show.class, ModelsCommand.Rollback.class, ModelsCommand.Promote.class},
        footer = {
            "",
            "Examples:",
            "  ./drivetrain models",
            "  ./drivetrain models show lenet-0123456789ab",
            "  ./drivetrain models rollback     the champion before this one",
            "  ./drivetrain models promote lenet-0123456789ab --note 'better by night'",
            "  ./drivetrain train --reproduce lenet-0123456789ab"
        })
final class ModelsCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        List<KnownModel> models = read(stack.require(), spec.commandLine().getErr());
        if (json) {
            spec.commandLine().getOut().println(document(models).toPrettyString());
            return ExitCode.DONE.code();
        }
        Terminal terminal = Terminal.detect();
        if (models.isEmpty()) {
            terminal.line("No model has been published yet; ask for one with './drivetrain train'");
        }
        ModelTable.lines(terminal, models).forEach(terminal::line);
        return ExitCode.DONE.code();
    }

    /** One model with what its report says of it. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Show one model: where it is, and the data, keys and versions that it was made with.",
            footer = {"", "Example:", "  ./drivetrain models show lenet-0123456789ab --json"})
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private StackOptions stack;

        @Parameters(paramLabel = "MODEL", description = "Its id.")
        private String model;

        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Override
        public Integer call() throws Exception {
            KnownModel found = find(read(stack.require(), spec.commandLine().getErr()), model);
            if (json) {
                ObjectNode document = RecordJson.of(found.published());
                document.put("championNow", found.champion());
                spec.commandLine().getOut().println(document.toPrettyString());
            } else {
                Terminal terminal = Terminal.detect();
                ModelTable.details(terminal, found).forEach(terminal::line);
            }
            return ExitCode.DONE.code();
        }
    }

    /** Puts the champion before this one into service. */
    @Command(
            name = "rollback",
            mixinStandardHelpOptions = true,
            description = {
                "Put an earlier model into service again: the one named, else the champion before the present one.",
                "A second rollback takes back the first."
            },
            footer = {
                "",
                "Examples:",
                "  ./drivetrain models rollback",
                "  ./drivetrain models rollback lenet-0123456789ab"
            })
    static final class Rollback implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private StackOptions stack;

        @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Its id. Default: the champion before.")
        private String model;

        @Option(names = "--note", paramLabel = "TEXT", description = "Why, in one sentence; kept with the decision.")
        private String note = "Rolled back on the command line.";

        @Option(names = "--json", description = "The decision as one JSON document on stdout.")
        private boolean json;

        @Override
        public Integer call() throws Exception {
            DrivetrainConfig config = stack.require();
            PrintWriter err = spec.commandLine().getErr();
            List<KnownModel> models = read(config, err);
            String target =
                    model != null ? model : before(Records.all(config, Topic.MODELS_ALIASES, ModelAlias.class, err));
            return decide(config, spec, models, target, AliasDecision.ROLLED_BACK, note, json);
        }
    }

    /** Puts a model into service by a person's word. */
    @Command(
            name = "promote",
            mixinStandardHelpOptions = true,
            description = "Put a challenger into service by your own word.",
            footer = {"", "Example:", "  ./drivetrain models promote lenet-0123456789ab --note 'better by night'"})
    static final class Promote implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private StackOptions stack;

        @Parameters(paramLabel = "MODEL", description = "Its id.")
        private String model;

        @Option(names = "--note", paramLabel = "TEXT", description = "Why, in one sentence; kept with the decision.")
        private String note = "Promoted on the command line.";

        @Option(names = "--json", description = "The decision as one JSON document on stdout.")
        private boolean json;

        @Override
        public Integer call() throws Exception {
            DrivetrainConfig config = stack.require();
            List<KnownModel> models = read(config, spec.commandLine().getErr());
            return decide(config, spec, models, model, AliasDecision.PROMOTED, note, json);
        }
    }

    /**
     * The champion before the present one. A champion that was trained again once counted as the one before itself, so
     * older records are asked, too.
     *
     * @param aliases oldest first
     */
    static String before(List<ModelAlias> aliases) throws CommandException {
        Optional<ModelAlias> champion = KnownModel.championOf(aliases);
        String present = champion.map(ModelAlias::getModelId)
                .orElseThrow(() -> new CommandException(
                        ExitCode.FAILED, "There is no champion yet; './drivetrain train' makes the first model"));
        for (int i = aliases.size() - 1; i >= 0; i--) {
            ModelAlias alias = aliases.get(i);
            if (alias.getAlias().equals(KnownModel.CHAMPION)) {
                for (String earlier : Arrays.asList(alias.getModelId(), alias.getPreviousModelId())) {
                    if (earlier != null && !earlier.equals(present)) {
                        return earlier;
                    }
                }
            }
        }
        throw new CommandException(
                ExitCode.FAILED,
                "%s is the first champion, so there is none to go back to; name a model of './drivetrain models'"
                        .formatted(present));
    }

    /** The record that makes a model the champion. */
    static ModelAlias decision(List<KnownModel> models, String target, AliasDecision decision, String note, Instant now)
            throws CommandException {
        KnownModel found = find(models, target);
        if (found.champion()) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE, "%s is the champion already; nothing is changed".formatted(target));
        }
        // The trainer never promotes such a model either; a person's word says nothing about roads that were only
        // drawn.
        if (found.synthetic()) {
            throw new CommandException(
                    ExitCode.NEGATIVE,
                    "%s learned from synthetic scenes (training.data is synthetic), and such a model is never put into service; train on the stream without --synthetic"
                            .formatted(target));
        }
        Optional<String> present = models.stream()
                .filter(KnownModel::champion)
                .map(KnownModel::modelId)
                .findFirst();
        return new ModelAlias(KnownModel.CHAMPION, target, present.orElse(null), decision, note, now);
    }

    private static int decide(
            DrivetrainConfig config,
            CommandSpec spec,
            List<KnownModel> models,
            String target,
            AliasDecision decision,
            String note,
            boolean json)
            throws Exception {
        ModelAlias alias = decision(models, target, decision, note, Instant.now());
        KafkaClients.send(config, Topic.MODELS_ALIASES, KnownModel.CHAMPION, alias);
        if (json) {
            spec.commandLine().getOut().println(RecordJson.of(alias).toPrettyString());
        } else {
            Terminal.detect()
                    .line(
                            alias.getPreviousModelId() == null
                                    ? "%s is the champion now.".formatted(target)
                                    : "%s is the champion now, %s was it before."
                                            .formatted(target, alias.getPreviousModelId()));
        }
        return ExitCode.DONE.code();
    }

    private static KnownModel find(List<KnownModel> models, String id) throws CommandException {
        return models.stream()
                .filter(model -> model.modelId().equals(id))
                .findFirst()
                .orElseThrow(() -> new CommandException(
                        ExitCode.WRONG_USAGE,
                        unknown(id, models.stream().map(KnownModel::modelId).toList())));
    }

    /** Says that there is no such model, and which there are. */
    static String unknown(String id, List<String> known) {
        return known.isEmpty()
                ? "There is no model '%s': none has been published yet; './drivetrain train' makes the first"
                        .formatted(id)
                : "There is no model '%s'; known are: %s".formatted(id, String.join(", ", known));
    }

    private static Optional<ModelAlias> champion(DrivetrainConfig config, PrintWriter err) {
        return KnownModel.championOf(Records.all(config, Topic.MODELS_ALIASES, ModelAlias.class, err));
    }

    private static List<KnownModel> read(DrivetrainConfig config, PrintWriter err) {
        return KnownModel.of(
                Records.all(config, Topic.MODELS_PUBLISHED, ModelPublished.class, err),
                Records.all(config, Topic.TRAINING_REPORT, TrainingReport.class, err),
                champion(config, err));
    }

    /** The list as JSON, newest first. */
    static ObjectNode document(List<KnownModel> models) {
        ObjectNode document = JSON.createObjectNode();
        document.put(
                KnownModel.CHAMPION,
                models.stream()
                        .filter(KnownModel::champion)
                        .map(KnownModel::modelId)
                        .findFirst()
                        .orElse(null));
        ArrayNode entries = document.putArray("models");
        for (KnownModel model : models) {
            ObjectNode entry = entries.addObject();
            entry.put("modelId", model.modelId());
            entry.put("network", model.published().getNetwork());
            entry.put("publishedAt", model.published().getPublishedAt().toString());
            entry.put("champion", model.champion());
            entry.put("uri", model.published().getUri());
            entry.set("testDevError", model.testDev().map(RecordJson::of).orElse(null));
            entry.set("testError", model.test().map(RecordJson::of).orElse(null));
            entry.put("reason", model.reason().orElse(null));
        }
        return document;
    }
}
