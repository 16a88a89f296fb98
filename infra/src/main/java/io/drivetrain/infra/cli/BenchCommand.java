package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.bench.CurationBench;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
        subcommands = {BenchCommand.Training.class, BenchCommand.Curation.class},
        footer = {"", "Examples:", "  ./drivetrain bench training --json", "  ./drivetrain bench curation --json"})
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
            description = "Our training path against plain Deeplearning4j layers, interleaved in one run.",
            footer = {"", "Example:", "  ./drivetrain bench training --json --seconds 150"})
    static final class Training implements Callable<Integer> {
        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--seconds", paramLabel = "N", description = "About how long it may take; default 150.")
        private Integer seconds;

        @Override
        public Integer call() throws Exception {
            Installation installation = Installation.find();
            List<String> command = new ArrayList<>(List.of(
                    Installation.java().toString(),
                    "-Xmx2g",
                    "-Dlog4j2.configurationFile=" + installation.processLogging(),
                    "-cp",
                    installation.classPath("trainer"),
                    "io.drivetrain.trainer.fit.TrainingBench"));
            if (json) {
                command.add("--json");
            }
            if (seconds != null) {
                command.addAll(List.of("--seconds", seconds.toString()));
            }
            Process process = new ProcessBuilder(command).inheritIO().start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "bench shutdown"));
            int code = process.waitFor();
            if (code != 0) {
                throw new CommandException(
                        ExitCode.FAILED, "The training benchmark ended with code %d; see above".formatted(code));
            }
            return ExitCode.DONE.code();
        }
    }

    /** The curation job against decoding and copying. */
    @Command(
            name = "curation",
            mixinStandardHelpOptions = true,
            description = "The curation job against a bare decode loop and a bare copy loop on the same images.",
            footer = {"", "Example:", "  ./drivetrain bench curation --json --images 4000"})
    static final class Curation implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--json", description = "One JSON document on stdout.")
        private boolean json;

        @Option(names = "--images", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
        private int images = 4000;

        @Option(names = "--threads", paramLabel = "N", description = "Of each part. Default: all cores.")
        private int threads = Runtime.getRuntime().availableProcessors();

        @Option(names = "--dir", paramLabel = "DIR", description = "Where a folder is made, and removed at the end.")
        private Path directory = StackOptions.HOME;

        @Override
        public Integer call() throws Exception {
            if (images < 100 || threads < 1) {
                throw new CommandException(
                        ExitCode.WRONG_USAGE, "--images must be 100 or more and --threads 1 or more");
            }
            Terminal terminal = Terminal.onErr();
            Files.createDirectories(directory);
            Path own = Files.createTempDirectory(directory, "bench-").toAbsolutePath();
            try {
                ObjectNode document =
                        CurationBench.run(own, images, threads, 42, text -> terminal.line("  " + text + " ..."));
                if (json) {
                    spec.commandLine().getOut().println(document.toPrettyString());
                } else {
                    Terminal.detect()
                            .line(String.format(
                                    Locale.ROOT,
                                    "job %.0f images/s (%.0f MB/s), decode loop %.0f (ratio %.2f), copy loop %.0f (ratio %.2f)",
                                    document.get("job").asDouble(),
                                    document.get("megabytesPerSecond").asDouble(),
                                    document.get("decodeLoop").asDouble(),
                                    document.get("ratioToDecode").asDouble(),
                                    document.get("copyLoop").asDouble(),
                                    document.get("ratioToCopy").asDouble()));
                }
                return ExitCode.DONE.code();
            } finally {
                delete(own);
            }
        }

        private static void delete(Path folder) throws IOException {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
