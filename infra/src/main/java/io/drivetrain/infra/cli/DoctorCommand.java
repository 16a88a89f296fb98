package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.cli.read.FindingsJson;
import io.drivetrain.infra.cli.show.FindingsView;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.OpenMp;
import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code doctor}: whether network, data and loss fit together, before a training is spent on them. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Look for what is wrong with network, data and loss, before a training is spent on them.",
            "Runs the network on the data that has come: shapes, inputs, labels, loss, modes, gradients, leakage, and"
                    + " whether one batch can be learned by heart; compares with what is known. It trains and publishes nothing."
                    + " Exit code 3 if something is wrong. The same runs before every training (training.doctor).",
            "It cannot know: labels exchanged between a few drives, which labels.suspect names after the training."
        },
        footer = {
            "",
            "Examples:",
            "  ./drivetrain doctor",
            "  ./drivetrain doctor --network resnet18",
            "  ./drivetrain doctor --set training.learning-rate=0.01 --all",
            "  ./drivetrain doctor --bootstrap broker:9092 --config drivetrain.yaml",
            "  ./drivetrain doctor --json | jq '.findings[] | select(.failed)'"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MAIN = "io.drivetrain.trainer.DoctorMain";

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "dense, lenet, resnet18, resnet50, resnet101, lstm or multi-input.")
    private String network;

    @Option(names = "--all", description = "List what is right, too.")
    private boolean all;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        DrivetrainConfig config = stack.require();
        int threads = config.training().threads();
        Map<String, String> keys = keys(config);
        if (network != null) {
            keys.put(ConfigKey.TRAINING_NETWORK.path(), network);
        }
        // In a file that only this user can read, because the list of processes shows arguments to everyone.
        Path file = Files.createTempFile("drivetrain-doctor-", ".yaml");
        try {
            JSON.writeValue(file.toFile(), keys);
            return examine(file, threads);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** The whole configuration, as a file may hold it. */
    static Map<String, String> keys(DrivetrainConfig config) {
        Map<String, String> keys = new TreeMap<>(config.asText());
        config.kafka().properties().forEach((name, value) -> keys.put("kafka.properties." + name, value));
        return keys;
    }

    private int examine(Path file, int threads) throws Exception {
        Installation installation = Installation.find();
        ProcessBuilder builder = new ProcessBuilder(
                        Installation.java().toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx1g",
                        "-Dlog4j2.configurationFile=" + installation.commandLogging(),
                        "-cp",
                        installation.classPath("trainer"),
                        MAIN,
                        "--config",
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(OpenMp.environment(threads));
        Terminal terminal = json ? Terminal.onErr() : Terminal.detect();
        terminal.progress("  The doctor reads the samples and tries the network; this takes seconds");
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "doctor shutdown"));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        terminal.endProgress();
        if (code != ExitCode.DONE.code() && code != ExitCode.NEGATIVE.code()) {
            throw new CommandException(
                    code == ExitCode.WRONG_USAGE.code() ? ExitCode.WRONG_USAGE : ExitCode.FAILED,
                    "The doctor could not examine the set-up (code %d); see above".formatted(code));
        }
        List<DoctorFinding> findings = FindingsJson.parse(said)
                .orElseThrow(() -> new CommandException(
                        ExitCode.FAILED, "The doctor said nothing that can be read; please report it"));
        // Judged first: without a check there is no document either.
        ExitCode verdict = verdict(findings);
        if (json) {
            spec.commandLine().getOut().println(JSON.readTree(said).toPrettyString());
        } else {
            FindingsView.lines(terminal, findings, all).forEach(terminal::line);
        }
        return verdict.code();
    }

    /** A doctor that looked at nothing has not found that all is well. */
    static ExitCode verdict(List<DoctorFinding> findings) throws CommandException {
        if (findings.isEmpty()) {
            throw new CommandException(
                    ExitCode.FAILED, "The doctor made no check; send samples first, for example './drivetrain ingest'");
        }
        return findings.stream().anyMatch(DoctorFinding::getFailed) ? ExitCode.NEGATIVE : ExitCode.DONE;
    }
}
