package io.drivetrain.infra.cli;

import io.drivetrain.infra.local.StackException;
import io.drivetrain.infra.local.StackState;
import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
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

    @Option(
            names = "--kafka-properties",
            paramLabel = "FILE",
            description = {
                "Properties of Kafka's clients, as Kafka's own tools take them: TLS, SASL, bootstrap.servers.",
                "The same may stand under kafka.properties in the configuration."
            })
    private Path kafkaProperties;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration, drivetrain.yaml.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override one configuration key; repeatable.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    /** The keys that were given with {@code --set}. */
    Map<String, String> given() {
        return Map.copyOf(overrides);
    }

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
        Map<String, String> client = clientProperties();
        Map<String, String> all = new LinkedHashMap<>();
        String broker = bootstrap != null ? bootstrap : client.remove("bootstrap.servers");
        if (broker != null) {
            all.put(ConfigKey.KAFKA_BOOTSTRAP.path(), broker);
        } else if (config == null || directory != null) {
            StackState state = running()
                    .orElseThrow(() -> new CommandException(
                            ExitCode.FAILED,
                            "No stack runs in %s; start one with './drivetrain up', or name your Kafka with --bootstrap HOST:PORT"
                                    .formatted(directory == null ? HOME : directory)));
            all.putAll(state.config());
        }
        return read(all, client);
    }

    /** The configuration with the properties of Kafka's clients, and over all that the overrides. */
    private DrivetrainConfig read(Map<String, String> chosen, Map<String, String> client) {
        Map<String, String> all = new LinkedHashMap<>(chosen);
        client.remove("bootstrap.servers");
        client.forEach((name, value) -> all.put("kafka.properties." + name, value));
        all.putAll(overrides);
        return ConfigReader.read(Optional.ofNullable(config), System.getenv(), all);
    }

    private Map<String, String> clientProperties() throws CommandException {
        Properties properties = new Properties();
        if (kafkaProperties != null) {
            try (Reader in = Files.newBufferedReader(kafkaProperties)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new CommandException(
                        ExitCode.WRONG_USAGE,
                        "Cannot read the properties in %s (%s); give a file with lines such as security.protocol=SASL_SSL"
                                .formatted(kafkaProperties, e.getClass().getSimpleName()));
            }
        }
        Map<String, String> all = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> all.put(name, properties.getProperty(name)));
        return all;
    }

    /** The configuration as far as it is known without a running stack, for work that sends nothing. */
    DrivetrainConfig withoutBroker() throws StackException, CommandException {
        return namesBroker() ? require() : ConfigReader.read(Optional.ofNullable(config), System.getenv(), overrides);
    }

    /** Whether a broker is to be asked: one of ours runs, or one was named. */
    boolean namesBroker() throws StackException {
        return namesKafka() || running().isPresent();
    }

    /** Whether another Kafka than that of a stack of ours was named. */
    boolean namesKafka() {
        return bootstrap != null || kafkaProperties != null || config != null && directory == null;
    }

    /**
     * Returns the configuration for work on the table, which needs no running stack: that of the running one, else of the
     * folder in which one has run.
     *
     * @throws CommandException if the properties of Kafka's clients cannot be read
     */
    DrivetrainConfig forTable() throws StackException, CommandException {
        Map<String, String> client = clientProperties();
        Map<String, String> all = new LinkedHashMap<>();
        boolean ours = config == null || directory != null;
        Optional<StackState> state = ours ? running() : Optional.empty();
        if (state.isPresent()) {
            all.putAll(state.get().config());
        } else if (ours) {
            Path folder = directory != null
                    ? directory
                    : Stream.of(HOME, DEMO)
                            .filter(candidate -> Files.isDirectory(candidate.resolve("warehouse")))
                            .findFirst()
                            .orElse(HOME);
            String chosen = ConfigReader.read(Optional.ofNullable(config), System.getenv(), Map.of())
                    .store()
                    .warehouse();
            if (chosen.equals(ConfigKey.STORE_WAREHOUSE.defaultText())) {
                all.put(
                        ConfigKey.STORE_WAREHOUSE.path(),
                        folder.resolve("warehouse").toString());
            }
        }
        String broker = bootstrap != null ? bootstrap : client.get("bootstrap.servers");
        if (broker != null) {
            all.put(ConfigKey.KAFKA_BOOTSTRAP.path(), broker);
        }
        return read(all, client);
    }
}
