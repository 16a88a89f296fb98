package io.drivetrain.infra.cli;

import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackState;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which stack a command speaks to: the one that runs in a folder, or a user's own Kafka. */
final class StackOptions {
    static final Path HOME = Path.of(".drivetrain");
    static final Path DEMO = HOME.resolve("demo");

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Folder of the running stack. Default: .drivetrain, else .drivetrain/demo.")
    private Path directory;

    @Option(names = "--bootstrap", paramLabel = "HOST:PORT", description = "A Kafka of your own instead.")
    private String bootstrap;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration, drivetrain.yaml.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override one configuration key; repeatable.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /** The running stack, if one of ours runs. */
    Optional<StackState> running() throws StackException {
        for (Path candidate : directory == null ? List.of(HOME, DEMO) : List.of(directory)) {
            Optional<StackState> state = StackState.running(candidate);
            if (state.isPresent()) {
                return state;
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the configuration of the stack to speak to.
     *
     * @throws CommandException if none runs and none is named
     */
    DrivetrainConfig require() throws CommandException, StackException {
        Map<String, String> all = new LinkedHashMap<>();
        if (bootstrap != null) {
            all.put("kafka.bootstrap", bootstrap);
        } else if (config == null || directory != null) {
            StackState state = running()
                    .orElseThrow(() -> new CommandException(
                            ExitCode.FAILED,
                            "No stack runs in %s; start one with './drivetrain up', or name your Kafka with --bootstrap HOST:PORT"
                                    .formatted(directory == null ? HOME : directory)));
            all.putAll(state.config());
        }
        all.putAll(overrides);
        return ConfigReader.read(Optional.ofNullable(config), System.getenv(), all);
    }
}
