package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code config}: the settings in force, or every key explained. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Check a configuration and show what is in force; --explain shows every key.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain config --explain",
            "  ./drivetrain config --config drivetrain.yaml --set training.seed=7"
        })
final class ConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--explain", description = "Every key with its meaning, what is accepted and its default.")
    private boolean explain;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration, drivetrain.yaml.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override one configuration key; repeatable.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    @Override
    public Integer call() {
        DrivetrainConfig read = ConfigReader.read(Optional.ofNullable(config), System.getenv(), overrides);
        Map<String, String> inForce = new TreeMap<>(read.asText());
        ObjectNode document = new ObjectMapper().createObjectNode();
        Terminal terminal = Terminal.detect();
        if (explain) {
            for (ConfigKey key : ConfigKey.values()) {
                ObjectNode entry = document.putObject(key.path());
                entry.put("meaning", key.meaning());
                entry.put("accepted", key.accepted());
                entry.put("default", key.defaultText());
                entry.put("environmentVariable", key.environmentVariable());
                entry.put("inForce", inForce.get(key.path()));
                if (!json) {
                    terminal.line(terminal.bold(key.path()) + " = " + inForce.get(key.path()));
                    terminal.paragraph(key.meaning(), 4);
                    terminal.paragraph(
                            "Accepted: %s. Default: %s."
                                    .formatted(
                                            key.accepted(), key.defaultText().isEmpty() ? "empty" : key.defaultText()),
                            4);
                    terminal.paragraph(key.environmentVariable(), 4);
                }
            }
        } else {
            inForce.forEach(document::put);
            if (!json) {
                inForce.forEach((path, value) -> terminal.line(path + ": " + value));
            }
        }
        if (json) {
            spec.commandLine().getOut().println(document.toPrettyString());
        }
        return ExitCode.DONE.code();
    }
}
