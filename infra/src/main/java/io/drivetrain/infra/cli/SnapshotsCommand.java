package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.infra.cli.read.LeftOut;
import io.drivetrain.infra.cli.read.Records;
import io.drivetrain.infra.cli.show.ProgressBar;
import io.drivetrain.infra.cli.show.SnapshotView;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.KeeperProcess;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code snapshots}: the versions of the table of samples. */
@Command(
        name = "snapshots",
        mixinStandardHelpOptions = true,
        description = "The versions of the table of samples: list, name, compare, export, compact and expire them.",
        subcommands = {
            SnapshotsCommand.ListThem.class,
            SnapshotsCommand.Tag.class,
            SnapshotsCommand.Pin.class,
            SnapshotsCommand.Diff.class,
            SnapshotsCommand.Show.class,
            SnapshotsCommand.Export.class,
            SnapshotsCommand.Compact.class,
            SnapshotsCommand.Expire.class,
        },
        footer = {
            "",
            "A snapshot is called by a tag, its id, 'latest', or a time: the snapshot that readers saw then.",
            "",
            "Examples:",
            "  ./drivetrain snapshots list",
            "  ./drivetrain snapshots tag release-1",
            "  ./drivetrain snapshots diff release-1 latest",
            "  ./drivetrain snapshots files 2026-12-01T08:00:00Z",
            "  ./drivetrain snapshots export release-1 --to data/release-1 --images",
            "  ./drivetrain snapshots compact",
            "  ./drivetrain snapshots expire --older-than 30d --keep 10 --dry-run",
        })
final class SnapshotsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** What all of them share. */
    abstract static class OnTable implements Callable<Integer> {
        @Spec
        CommandSpec spec;

        @Mixin
        StackOptions stack;

        @Option(names = "--json", description = "One JSON document on stdout.")
        boolean json;

        /** What the keeper is asked. */
        abstract List<String> arguments(DrivetrainConfig config) throws CommandException, StackException;

        /** What people are told. */
        abstract void show(Terminal terminal, JsonNode document);

        @Override
        public Integer call() throws Exception {
            DrivetrainConfig config = stack.forTable();
            Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
            long started = System.nanoTime();
            KeeperProcess.Outcome outcome = KeeperProcess.run(
                    config,
                    arguments(config),
                    (label, unit, done, total) -> terminal.progress(new ProgressBar(label, unit, total, 0)
                            .text(terminal, done, (System.nanoTime() - started) / 1e9)));
            terminal.endProgress();
            if (outcome.exitCode() != 0) {
                throw new CommandException(
                        outcome.exitCode() == ExitCode.WRONG_USAGE.code() ? ExitCode.WRONG_USAGE : ExitCode.FAILED,
                        outcome.error());
            }
            if (json) {
                spec.commandLine().getOut().println(outcome.document().toPrettyString());
            } else {
                show(terminal, outcome.document());
            }
            return ExitCode.DONE.code();
        }

        /**
         * What published models say of the samples that they were trained on, as the keeper takes it.
         *
         * @throws CommandException if no broker is there to ask, or it does not answer
         */
        String pins(DrivetrainConfig config) throws CommandException, StackException {
            if (!stack.namesBroker()) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "No stack runs and no broker is named, so it is not known which snapshots models were trained on; start the stack with './drivetrain up', name your Kafka with --bootstrap HOST:PORT%s"
                                .formatted(otherwise()));
            }
            Map<String, String> pins = new TreeMap<>();
            LeftOut leftOut = new LeftOut();
            try {
                Records.all(config, Topic.MODELS_PUBLISHED, ModelPublished.class, leftOut)
                        .forEach(model -> pins.put(model.getModelId(), pin(model)));
            } catch (KafkaException e) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "Cannot read models.published at %s (%s), so it is not known which snapshots models were trained on; check the broker%s"
                                .formatted(config.kafka().bootstrap(), e.getMessage(), otherwise()),
                        e);
            }
            if (!leftOut.isEmpty()) {
                withoutSome(leftOut);
            }
            return String.join(",", pins.values());
        }

        /** Goes on without the models that cannot be read, or does not. */
        void withoutSome(LeftOut leftOut) throws CommandException {
            leftOut.tell(spec.commandLine().getErr());
        }

        /** What else may be done where the models are not known, as the end of a sentence. */
        String otherwise() {
            return "";
        }

        /** A model with the snapshot that it names, else with the time from which one must hold what it has read. */
        static String pin(ModelPublished model) {
            Long snapshot = model.getProvenance().getSnapshotId();
            return model.getModelId() + (snapshot == null ? "@" + model.getPublishedAt() : "=" + snapshot);
        }

        /** Says which models pin no snapshot yet, if there are any. */
        static void showWaiting(Terminal terminal, JsonNode document) {
            for (JsonNode model : document.path("modelsWaiting")) {
                terminal.line(
                        "Model %s pins a snapshot with the job's next commit; until then the newest one stays anyway"
                                .formatted(model.asText()));
            }
        }

        static List<String> list(Object... arguments) {
            List<String> list = new ArrayList<>();
            for (Object argument : arguments) {
                list.add(argument.toString());
            }
            return list;
        }
    }

    /** {@code snapshots list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "List the snapshots with their names, the models that pin them, and the sizes of their files.",
                "Those that brought no sample and have no name are left out, except from --json."
            },
            footer = {"", "Example:", "  ./drivetrain snapshots list --json | jq '.snapshots[] | {id, tags, samples}'"})
    static final class ListThem extends OnTable {
        @Override
        List<String> arguments(DrivetrainConfig config) throws CommandException, StackException {
            return list("list", "--pins", stack.namesBroker() ? pins(config) : "");
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            if (document.path("snapshots").isEmpty()) {
                terminal.line(
                        "The table %s has no snapshot yet; the first comes with the first checkpoint after samples were admitted"
                                .formatted(document.path("table").asText()));
                return;
            }
            SnapshotView.list(terminal, document).forEach(terminal::line);
            showWaiting(terminal, document);
        }
    }

    /** {@code snapshots tag}. */
    @Command(
            name = "tag",
            mixinStandardHelpOptions = true,
            description = "Give a snapshot a name, for example that of a release. Expiry never deletes it.",
            footer = {
                "",
                "Examples:",
                "  ./drivetrain snapshots tag release-1",
                "  ./drivetrain snapshots tag release-1 --snapshot 2026-12-01T08:00:00Z --move"
            })
    static final class Tag extends OnTable {
        @Parameters(paramLabel = "NAME", description = "Letters, digits, '.', '_' and '-', a letter first.")
        private String name;

        @Option(names = "--snapshot", paramLabel = "SNAPSHOT", description = "Default: ${DEFAULT-VALUE}.")
        private String snapshot = "latest";

        @Option(names = "--move", description = "Move the name if another snapshot has it.")
        private boolean move;

        @Option(names = "--delete", description = "Take the name away; the snapshot stays until it expires.")
        private boolean delete;

        @Override
        List<String> arguments(DrivetrainConfig config) {
            List<String> arguments = list("tag", name, "--snapshot", snapshot);
            if (move) {
                arguments.add("--move");
            }
            if (delete) {
                arguments.add("--delete");
            }
            return arguments;
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            terminal.line("Tag %s on snapshot %d: %s"
                    .formatted(
                            document.path("tag").asText(),
                            document.path("snapshotId").asLong(),
                            document.path("action").asText()));
        }
    }

    /** {@code snapshots pin}. */
    @Command(
            name = "pin",
            mixinStandardHelpOptions = true,
            description = "Keep the snapshot that a model was trained on for as long as the model is pinned. Without a"
                    + " model: pin those of all published models.",
            footer = {
                "",
                "Examples:",
                "  ./drivetrain snapshots pin",
                "  ./drivetrain snapshots pin lenet-0123456789ab --snapshot release-1"
            })
    static final class Pin extends OnTable {
        @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Its id.")
        private String model;

        @Option(names = "--snapshot", paramLabel = "SNAPSHOT", description = "Default: ${DEFAULT-VALUE}.")
        private String snapshot = "latest";

        @Option(names = "--move", description = "Move the pin if it is on another snapshot.")
        private boolean move;

        @Option(names = "--delete", description = "Take the pin away.")
        private boolean delete;

        @Override
        List<String> arguments(DrivetrainConfig config) throws CommandException, StackException {
            if (model == null) {
                return list("pin", "--pins", pins(config));
            }
            List<String> arguments = list("pin", model, "--snapshot", snapshot);
            if (move) {
                arguments.add("--move");
            }
            if (delete) {
                arguments.add("--delete");
            }
            return arguments;
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            if (document.path("tag").isMissingNode()) {
                terminal.line("%d of %d published models are pinned now that were not before"
                        .formatted(
                                document.path("pinned").asLong(),
                                document.path("known").asLong()));
                showWaiting(terminal, document);
            } else {
                terminal.line("Pin %s on snapshot %d: %s"
                        .formatted(
                                document.path("tag").asText(),
                                document.path("snapshotId").asLong(),
                                document.path("action").asText()));
            }
        }
    }

    /** {@code snapshots diff}. */
    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            description = "Say which samples, classes, splits and slices came and went from A to B.",
            footer = {
                "",
                "Examples:",
                "  ./drivetrain snapshots diff release-1 latest",
                "  ./drivetrain snapshots diff 2026-12-01 2026-12-08 --samples --limit 100"
            })
    static final class Diff extends OnTable {
        @Parameters(index = "0", paramLabel = "A", description = "A snapshot.")
        private String from;

        @Parameters(index = "1", paramLabel = "B", description = "Another one.")
        private String to;

        @Option(names = "--samples", description = "List the samples, too.")
        private boolean samples;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: ${DEFAULT-VALUE}.")
        private long limit = 1000;

        @Override
        List<String> arguments(DrivetrainConfig config) {
            List<String> arguments = list("diff", from, to, "--limit", limit);
            if (samples) {
                arguments.add("--samples");
            }
            return arguments;
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            SnapshotView.diff(terminal, document).forEach(terminal::line);
        }
    }

    /** {@code snapshots files}. */
    @Command(
            name = "files",
            mixinStandardHelpOptions = true,
            description = "Print the Parquet files of a snapshot, one a line, or a query on them: time travel for any"
                    + " reader.",
            footer = {
                "",
                "Examples:",
                "  ./drivetrain snapshots files release-1",
                "  duckdb -c \"$(./drivetrain snapshots files release-1 --sql)\""
            })
    static final class Show extends OnTable {
        @Parameters(arity = "0..1", paramLabel = "SNAPSHOT", description = "Default: ${DEFAULT-VALUE}.")
        private String snapshot = "latest";

        @Option(names = "--sql", description = "Print a query for DuckDB.")
        private boolean sql;

        @Override
        List<String> arguments(DrivetrainConfig config) {
            return list("files", snapshot);
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            List<String> paths = new ArrayList<>();
            document.path("files").forEach(file -> paths.add(file.path("path").asText()));
            if (document.path("deleteFiles").asLong() > 0) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "Rows of these files were deleted by another engine, which a plain reader does not see;"
                                        + " use './drivetrain snapshots export'");
            }
            if (sql) {
                spec.commandLine()
                        .getOut()
                        .println(query(paths, document.path("correctedSamples").asLong() > 0));
            } else {
                paths.forEach(spec.commandLine().getOut()::println);
            }
        }
    }

    /**
     * Counts samples by split and class.
     *
     * @param corrected whether some samples have several rows, of which the one with the highest label revision holds; files
     *     of a release without corrections do not have the column
     */
    static String query(List<String> paths, boolean corrected) {
        String rows = "read_parquet(["
                + paths.stream()
                        .map(path -> "'" + path.replace("'", "''") + "'")
                        .collect(Collectors.joining(", "))
                + "], union_by_name = true)";
        String samples = corrected
                ? "(SELECT * FROM " + rows
                        + " QUALIFY row_number() OVER (PARTITION BY sample_id ORDER BY coalesce(label_revision, 0) DESC) = 1)"
                : rows;
        return "SELECT split, label, count(*) AS samples FROM " + samples + " GROUP BY ALL ORDER BY ALL";
    }

    /** {@code snapshots export}. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description =
                    "Copy a snapshot to a folder of plain Parquet with manifest.json: counts, SHA-256 of every file,"
                            + " schema, configuration. The folder appears when all of it is there.",
            footer = {
                "",
                "Examples:",
                "  ./drivetrain snapshots export release-1 --to data/release-1",
                "  ./drivetrain snapshots export latest --to data/now --images",
                "  ./drivetrain ingest --format folder data/now/images   to another stack"
            })
    static final class Export extends OnTable {
        @Parameters(paramLabel = "SNAPSHOT", description = "Which.")
        private String snapshot;

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "A folder that is not there yet.")
        private Path to;

        @Option(
                names = "--images",
                description = "Write the images as files, too, in images/SPLIT/CLASS with a manifest.csv.")
        private boolean images;

        @Override
        List<String> arguments(DrivetrainConfig config) {
            List<String> arguments = list("export", snapshot, "--to", to.toAbsolutePath());
            if (images) {
                arguments.add("--images");
            }
            return arguments;
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            terminal.line(String.format(
                    Locale.ROOT,
                    "%,d samples in %,d files, %s, in %s",
                    document.path("rows").asLong(),
                    document.path("files").asLong(),
                    SnapshotView.bytes(document.path("bytes").asLong()),
                    document.path("folder").asText()));
            if (document.has("images")) {
                terminal.line(String.format(
                        Locale.ROOT,
                        "%,d images, %s, in images/",
                        document.path("images").path("images").asLong(),
                        SnapshotView.bytes(document.path("images").path("bytes").asLong())));
            }
        }
    }

    /** {@code snapshots compact}. */
    @Command(
            name = "compact",
            mixinStandardHelpOptions = true,
            description = "Write small files anew as large ones; the rows stay what they are, and the job may go on"
                    + " writing. What the old files take is free after expire.",
            footer = {"", "Examples:", "  ./drivetrain snapshots compact --dry-run", "  ./drivetrain snapshots compact"
            })
    static final class Compact extends OnTable {
        @Option(
                names = "--target",
                paramLabel = "BYTES",
                description = "Size of a file. Default: store.target-file-bytes.")
        private Long target;

        @Option(
                names = "--min-files",
                paramLabel = "N",
                description = "Fewer small files wait for more, unless they fill one. Default: ${DEFAULT-VALUE}.")
        private int minFiles = 5;

        @Option(names = "--dry-run", description = "Only say what would be done.")
        private boolean dryRun;

        @Override
        List<String> arguments(DrivetrainConfig config) {
            List<String> arguments = list("compact", "--min-files", minFiles);
            if (target != null) {
                arguments.addAll(list("--target", target));
            }
            if (dryRun) {
                arguments.add("--dry-run");
            }
            return arguments;
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            if (document.path("groups").asLong() == 0) {
                terminal.line(
                        "Nothing to compact: no %s small files of one partition lie together".formatted(minFiles));
            } else if (dryRun) {
                terminal.line(String.format(
                        Locale.ROOT,
                        "%,d files, %s, would become about %,d",
                        document.path("filesBefore").asLong(),
                        SnapshotView.bytes(document.path("bytesBefore").asLong()),
                        document.path("groups").asLong()));
            } else {
                terminal.line(String.format(
                        Locale.ROOT,
                        "%,d files, %s, became %,d files, %s: %,d rows, the same as before%s",
                        document.path("filesBefore").asLong(),
                        SnapshotView.bytes(document.path("bytesBefore").asLong()),
                        document.path("filesAfter").asLong(),
                        SnapshotView.bytes(document.path("bytesAfter").asLong()),
                        document.path("rows").asLong(),
                        document.path("conflicts").asLong() == 0
                                ? ""
                                : "; %d commits were given up because another process had changed their files"
                                        .formatted(document.path("conflicts").asLong())));
            }
        }
    }

    /** {@code snapshots expire}. */
    @Command(
            name = "expire",
            mixinStandardHelpOptions = true,
            description =
                    "Delete old snapshots and the files that only they reach; never one that is tagged, pinned by a"
                            + " model, or needed by the job to resume.",
            footer = {
                "",
                "Examples:",
                "  ./drivetrain snapshots expire --older-than 30d --keep 10 --dry-run",
                "  ./drivetrain snapshots expire --older-than 7d --orphans",
                "  ./drivetrain snapshots expire --bootstrap broker:9092 --config drivetrain.yaml"
            })
    static final class Expire extends OnTable {
        @Option(names = "--older-than", paramLabel = "AGE", description = "30d, 12h, PT90M. Default: ${DEFAULT-VALUE}.")
        private String olderThan = "30d";

        @Option(names = "--keep", paramLabel = "N", description = "The newest stay. Default: ${DEFAULT-VALUE}.")
        private int keep = 10;

        @Option(
                names = "--orphans",
                description = "Delete files that no snapshot reaches, too, such as those of killed processes.")
        private boolean orphans;

        @Option(
                names = "--orphans-older-than",
                paramLabel = "AGE",
                description = "Younger ones may belong to a checkpoint that a stopped job still has to commit. Default:"
                        + " ${DEFAULT-VALUE}.")
        private String orphansOlderThan = "3d";

        @Option(
                names = "--force",
                description = "Accept an age of orphans below 3 days: no process may be writing to the table.")
        private boolean force;

        @Option(
                names = "--without-pins",
                description =
                        "Do not ask the broker for models: only those that have been pinned before keep a snapshot.")
        private boolean withoutPins;

        @Option(names = "--dry-run", description = "Only say what would be done.")
        private boolean dryRun;

        /** A snapshot that one of them needs cannot be brought back. */
        @Override
        void withoutSome(LeftOut leftOut) throws CommandException {
            throw new CommandException(
                    ExitCode.FAILED,
                    "%s; so it is not known which snapshots all models were trained on: read it with a newer drivetrain%s"
                            .formatted(String.join("; ", leftOut.lines()), otherwise()));
        }

        @Override
        String otherwise() {
            return ", or add --without-pins, which lets go what models need that have not been pinned yet";
        }

        @Override
        List<String> arguments(DrivetrainConfig config) throws CommandException, StackException {
            List<String> arguments = list(
                    "expire",
                    "--older-than",
                    olderThan,
                    "--keep",
                    keep,
                    "--orphans-older-than",
                    orphansOlderThan,
                    "--pins",
                    withoutPins ? "" : pins(config));
            if (orphans) {
                arguments.add("--orphans");
            }
            if (force) {
                arguments.add("--force");
            }
            if (dryRun) {
                arguments.add("--dry-run");
            }
            return arguments;
        }

        @Override
        void show(Terminal terminal, JsonNode document) {
            String verb = dryRun ? "would expire" : "expired";
            terminal.line(String.format(
                    Locale.ROOT,
                    "%,d snapshots %s, %s",
                    document.path("expired").size(),
                    verb,
                    dryRun
                            ? "nothing was deleted"
                            : String.format(
                                    Locale.ROOT,
                                    "%,d files deleted",
                                    document.path("filesDeleted").asLong())));
            document.path("kept")
                    .properties()
                    .forEach(reason -> terminal.line(String.format(
                            Locale.ROOT,
                            reason.getValue().asLong() == 1 ? "%,d stays, which %s" : "%,d stay, each of which %s",
                            reason.getValue().asLong(),
                            reason.getKey())));
            if (document.has("orphans")) {
                terminal.line(String.format(
                        Locale.ROOT,
                        "%,d files that no snapshot reaches, %s, %s",
                        document.path("orphans").asLong(),
                        SnapshotView.bytes(document.path("orphanBytes").asLong()),
                        dryRun ? "would go" : "are gone"));
                if (document.path("orphansPending").asLong() > 0) {
                    terminal.line(String.format(
                            Locale.ROOT,
                            "%,d more stay: they were written since the job's newest commit, and it may still have to commit them",
                            document.path("orphansPending").asLong()));
                }
            }
            showWaiting(terminal, document);
        }
    }
}
