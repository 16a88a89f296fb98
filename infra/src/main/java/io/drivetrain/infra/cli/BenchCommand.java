package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.bench.CurationBench;
import io.drivetrain.infra.bench.KillBench;
import io.drivetrain.infra.bench.OwnFolder;
import io.drivetrain.infra.bench.PipelineBench;
import io.drivetrain.infra.bench.StoreChoices;
import io.drivetrain.infra.cli.show.CurationBenchView;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.Installation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench}: how fast the parts are against their yardsticks. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measure the parts against their yardsticks, on this machine.",
        subcommands = {
            BenchCommand.Training.class,
            BenchCommand.Input.class,
            BenchCommand.Curation.class,
            BenchCommand.Kills.class,
            BenchCommand.State.class,
            BenchCommand.Snapshots.class
        },
        footer = {"", "Examples:", "  ./drivetrain bench training", "  ./drivetrain bench kills --count 20 --json"})
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Our training path against plain Deeplearning4j layers. */
    @Command(
            name = "training",
            mixinStandardHelpOptions = true,
            description = {
                "Time our training path against plain Deeplearning4j and, where it is installed, against PyTorch on the CPU.",
                "All in one interleaved run with the same networks, parameters, samples, batch and optimiser. PyTorch is found"
                        + " in the python3 of the PATH or of the system (Debian: apt-get install python3-torch); without it the"
                        + " fields pytorch and ratioToPytorch are null."
            },
            footer = {
                "",
                "Examples:",
                "  ./drivetrain bench training --json --seconds 150",
                "  ./drivetrain bench training --python ~/venv/bin/python"
            })
    static final class Training implements Callable<Integer> {
        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--seconds", paramLabel = "N", description = "About how long it may take. Default: 150.")
        private Integer seconds;

        @Option(names = "--python", paramLabel = "PATH", description = "A Python that has PyTorch.")
        private String python;

        @Override
        public Integer call() throws Exception {
            return inTrainer(
                    "TrainingBench",
                    List.of("-Xmx2g"),
                    json,
                    forward("--seconds", seconds),
                    forward("--python", python));
        }
    }

    /** An option for a program that has its own default; null leaves it out. */
    private static Stream<String> forward(String name, Object value) {
        return value == null ? Stream.empty() : Stream.of(name, value.toString());
    }

    /** Runs a benchmark of the trainer, which needs its class path, in a JVM of its own. */
    @SafeVarargs
    private static int inTrainer(String main, List<String> options, boolean json, Stream<String>... arguments)
            throws Exception {
        Installation installation = Installation.find();
        List<String> command = new ArrayList<>(
                List.of(Installation.java().toString(), "-Dlog4j2.configurationFile=" + installation.commandLogging()));
        command.addAll(options);
        command.addAll(List.of("-cp", installation.classPath("trainer"), "io.drivetrain.trainer.fit." + main));
        if (json) {
            command.add("--json");
        }
        Stream.of(arguments).flatMap(Function.identity()).forEach(command::add);
        Process process = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "bench shutdown"));
        int code = process.waitFor();
        if (code != 0) {
            throw new CommandException(
                    code == ExitCode.WRONG_USAGE.code() ? ExitCode.WRONG_USAGE : ExitCode.FAILED,
                    "The benchmark ended with code %d; see above".formatted(code));
        }
        return ExitCode.DONE.code();
    }

    /** The way of samples to the device. */
    @Command(
            name = "input",
            mixinStandardHelpOptions = true,
            description = {
                "Measure how many times faster samples come than ResNet-18 takes them, and when the first batch comes.",
                "Samples come from the trainer's own store on disk, to a network that does nothing. The first batch is that of"
                        + " the median of three retrainings on as many samples, timed from the request on, with 512 MB of heap. The store takes 13.5 GB for 1,000,000"
                        + " samples of 3x64x64."
            },
            footer = {
                "",
                "Examples:",
                "  ./drivetrain bench input --json",
                "  ./drivetrain bench input --samples 100000 --seconds 30"
            })
    static final class Input implements Callable<Integer> {
        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--threads", paramLabel = "N", description = "Of the training. Default: all cores.")
        private Integer threads;

        @Option(names = "--seconds", paramLabel = "N", description = "Of the comparison, about. Default: 60.")
        private Integer seconds;

        @Option(names = "--samples", paramLabel = "N", description = "Of train. Default: ${DEFAULT-VALUE}.")
        private int samples = 1_000_000;

        @Option(names = "--dir", paramLabel = "DIR", description = "Where a folder is made, and removed at the end.")
        private Path directory = StackOptions.HOME;

        @Override
        public Integer call() throws Exception {
            try (OwnFolder own = OwnFolder.in(directory, "input-")) {
                return inTrainer(
                        "InputBench",
                        // Half of the trainer's own, so that a run has as much again; the natives keep theirs.
                        List.of("-Xmx512m", "-Dorg.bytedeco.javacpp.maxbytes=1g", "-XX:+UseSerialGC"),
                        json,
                        forward("--samples", samples),
                        forward("--dir", own.path()),
                        forward("--threads", threads),
                        forward("--seconds", seconds));
            }
        }
    }

    /** Codecs, partitions and other choices of the table on the same rows. */
    @Command(
            name = "snapshots",
            mixinStandardHelpOptions = true,
            description = {
                "Measure what codec, partitions, dictionaries, row groups and pages of the table cost.",
                "On the same rows in one run: bytes, and milliseconds to write and to read."
            },
            footer = {
                "",
                "Examples:",
                "  ./drivetrain bench snapshots",
                "  ./drivetrain bench snapshots --images my-frames --only codec --json"
            })
    static final class Snapshots implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--images", paramLabel = "DIR", description = "Your own encoded images. Default: drawn scenes.")
        private Path images;

        @Option(names = "--rows", paramLabel = "N", description = "Of each table. Default: ${DEFAULT-VALUE}.")
        private int rows = 1000;

        @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
        private int rounds = 3;

        @Option(
                names = "--only",
                paramLabel = "TOPIC",
                description = "codec, dictionary, row group, page or partitions.")
        private String only = "";

        @Option(names = "--dir", paramLabel = "DIR", description = "Where a folder is made, and removed at the end.")
        private Path directory = StackOptions.HOME;

        @Override
        public Integer call() throws Exception {
            if (rows < 10 || rounds < 1) {
                throw new CommandException(ExitCode.WRONG_USAGE, "--rows must be 10 or more and --rounds 1 or more");
            }
            Terminal terminal = Terminal.onErr();
            try (OwnFolder own = OwnFolder.in(directory, "bench-")) {
                JsonNode document = StoreChoices.run(
                        own.path(),
                        Optional.ofNullable(images),
                        rows,
                        rounds,
                        only,
                        text -> terminal.line("  " + text + " ..."));
                if (json) {
                    spec.commandLine().getOut().println(document.toPrettyString());
                } else {
                    StoreChoices.table(document).forEach(Terminal.detect()::line);
                }
                return ExitCode.DONE.code();
            }
        }
    }

    /** What curation remembers. */
    @Command(
            name = "state",
            mixinStandardHelpOptions = true,
            description = {
                "Let curation remember many sample ids, and measure memory, disk and rate.",
                "Ids and contents are in RocksDB, with the memory that it has in a local stack; one in a hundred is sent twice,"
                        + " and each of these must be found. Exit code 3 if not, or if more memory is resident than is stated:"
                        + " heap, RocksDB and 240 MB for the JVM."
            },
            footer = {"", "Examples:", "  ./drivetrain bench state", "  ./drivetrain bench state --ids 10000000 --json"
            })
    static final class State implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--ids", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
        private long ids = 1_000_000;

        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--dir", paramLabel = "DIR", description = "Where a folder is made, and removed at the end.")
        private Path directory = StackOptions.HOME;

        @Override
        public Integer call() throws Exception {
            if (ids < 1000) {
                throw new CommandException(ExitCode.WRONG_USAGE, "--ids must be 1000 or more");
            }
            try (OwnFolder own = OwnFolder.in(directory, "state-")) {
                JsonNode document = PipelineBench.state(own.path(), ids);
                if (json) {
                    spec.commandLine().getOut().println(document.toPrettyString());
                } else {
                    Terminal.detect()
                            .line(String.format(
                                    Locale.ROOT,
                                    "%,d ids: at most %,d MB resident of %,d stated (heap %,d, RocksDB %,d), state of %,d MB on disk, %.0f bytes an id; the last tenth at %.2f of the second; %,d of %,d repeated ids found",
                                    ids,
                                    document.path("peakResidentMegabytes").asLong(),
                                    document.path("statedMegabytes").asLong(),
                                    document.path("heapMegabytes").asLong(),
                                    document.path("managedMegabytes").asLong(),
                                    document.path("stateMegabytes").asLong(),
                                    document.path("stateBytesPerId").asDouble(),
                                    document.path("lastToSecondTenth").asDouble(),
                                    document.path("duplicatesFound").asLong(),
                                    document.path("repeated").asLong()));
                }
                List<String> objections = PipelineBench.objections(document);
                objections.forEach(Terminal.onErr()::line);
                return (objections.isEmpty() ? ExitCode.DONE : ExitCode.NEGATIVE).code();
            }
        }
    }

    /** Processes killed while samples flow. */
    @Command(
            name = "kills",
            mixinStandardHelpOptions = true,
            description = {
                "Kill broker, job manager and task manager while samples flow, and count what is lost or there twice.",
                "Counted is also what is wrongly rejected or in a wrong place: in the topics as readers of committed records"
                        + " see them, and in the table. The moments are random. Exit code 3 if anything is found."
            },
            footer = {"", "Examples:", "  ./drivetrain bench kills", "  ./drivetrain bench kills --count 100 --json"})
    static final class Kills implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--count", paramLabel = "N", description = "How many. Default: ${DEFAULT-VALUE}.")
        private int count = 6;

        @Option(names = "--samples", paramLabel = "N", description = "At least. Default: ${DEFAULT-VALUE}.")
        private int samples = 20_000;

        @Option(names = "--seed", paramLabel = "N", description = "Of samples and moments. Default: ${DEFAULT-VALUE}.")
        private long seed = 1;

        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--dir", paramLabel = "DIR", description = "Where a folder is made, and removed at the end.")
        private Path directory = StackOptions.HOME;

        @Override
        public Integer call() throws Exception {
            if (count < 1 || samples < 100) {
                throw new CommandException(ExitCode.WRONG_USAGE, "--count must be 1 or more and --samples 100 or more");
            }
            Terminal terminal = Terminal.onErr();
            try (OwnFolder own = OwnFolder.in(directory, "kills-")) {
                KillBench.Report report =
                        KillBench.run(own.path(), count, samples, seed, text -> terminal.line("  " + text));
                report.problems().forEach(problem -> terminal.line("  " + problem));
                if (json) {
                    terminal.line("  " + report.sentence());
                    spec.commandLine().getOut().println(report.document());
                } else {
                    Terminal.detect().line(report.sentence());
                }
                return (report.clean() ? ExitCode.DONE : ExitCode.NEGATIVE).code();
            }
        }
    }

    /** The curation job against decoding and copying. */
    @Command(
            name = "curation",
            mixinStandardHelpOptions = true,
            description = {
                "Time the curation job against a bare decode loop (1280x720 JPEGs) and a bare copy loop (small PNGs).",
                "With a profile of where the CPU time goes. Rates are those of a warm job, whose first half warms it up, and of"
                        + " warm loops, before and after it. The decode loop is libjpeg-turbo's, through OpenCV; that of our own"
                        + " decoder, and the ratio to it, stand beside it.",
                "Fails if an image is rejected or not in the table. With --history exit code 3 if the last tenth is slower than"
                        + " 0.9 of the first, or holds a tenth more memory."
            },
            footer = {
                "",
                "Examples:",
                "  ./drivetrain bench curation --json",
                "  ./drivetrain bench curation --images 40000",
                "  ./drivetrain bench curation --history 1000000   does the cost grow?"
            })
    static final class Curation implements Callable<Integer> {
        private static final long SEED = 42;

        @Spec
        private CommandSpec spec;

        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(
                names = "--images",
                paramLabel = "N",
                description = "Camera images; 0: none. Default: ${DEFAULT-VALUE}.")
        private int images = 40_000;

        @Option(names = "--small", paramLabel = "N", description = "Small images; 0: none. Default: ${DEFAULT-VALUE}.")
        private int small = 400_000;

        @Option(
                names = "--history",
                paramLabel = "N",
                description = "Instead: the rate and memory over a run of N small images, 1000 or more.")
        private Long history;

        @Option(names = "--threads", paramLabel = "N", description = "Of each part. Default: all cores.")
        private int threads = Runtime.getRuntime().availableProcessors();

        @Option(names = "--dir", paramLabel = "DIR", description = "Where a folder is made, and removed at the end.")
        private Path directory = StackOptions.HOME;

        @Override
        public Integer call() throws Exception {
            if (tooFew(images) || tooFew(small) || threads < 1 || history != null && history < 1000) {
                throw new CommandException(
                        ExitCode.WRONG_USAGE,
                        "--images and --small must be 0, or 100 or more, --threads 1 or more, --history 1000 or more");
            }
            Terminal terminal = Terminal.onErr();
            try (OwnFolder own = OwnFolder.in(directory, "bench-")) {
                Consumer<String> progress = text -> terminal.line("  " + text + " ...");
                ObjectNode document = history == null
                        ? CurationBench.run(
                                own.path(), new CurationBench.Extent(images, small, threads, SEED), progress)
                        : CurationBench.history(own.path(), history, threads, SEED, progress);
                if (json) {
                    spec.commandLine().getOut().println(document.toPrettyString());
                } else if (history == null) {
                    CurationBenchView.show(document, Terminal.detect());
                } else {
                    CurationBenchView.showHistory(document, Terminal.detect());
                }
                boolean bad = history != null && !document.get("flat").asBoolean();
                return (bad ? ExitCode.NEGATIVE : ExitCode.DONE).code();
            }
        }

        private static boolean tooFew(int images) {
            return images != 0 && images < 100;
        }
    }
}
