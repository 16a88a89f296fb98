package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Ports;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.infra.local.StackState;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code up}: a stack that stays until Ctrl-C and goes on where the last one stopped. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Start broker, Flink and trainer on this machine, until Ctrl-C; resumes what is in the folder.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain up",
            "  ./drivetrain up --broker-port 9092 --flink-port 8081",
            "  ./drivetrain up --config drivetrain.yaml --set training.max-epochs=10",
        })
final class UpCommand implements Callable<Integer> {
    private static final long FREE_BYTES = 2_000_000_000L;

    @Option(names = "--dir", paramLabel = "DIR", description = "Folder of state and logs. Default: ${DEFAULT-VALUE}.")
    private Path directory = StackOptions.HOME;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration, drivetrain.yaml.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override one configuration key; repeatable.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--broker-port", paramLabel = "PORT", description = "Default: a free one.")
    private Integer brokerPort;

    @Option(names = "--flink-port", paramLabel = "PORT", description = "Of the web UI. Default: a free one.")
    private Integer flinkPort;

    @Override
    public Integer call() throws Exception {
        requirePort(brokerPort, "--broker-port");
        requirePort(flinkPort, "--flink-port");
        Terminal terminal = Terminal.detect();
        CountDownLatch over = new CountDownLatch(1);
        StackSettings settings = new StackSettings(
                directory,
                Optional.ofNullable(config),
                overrides,
                Optional.ofNullable(brokerPort),
                Optional.ofNullable(flinkPort),
                FREE_BYTES);
        try (LocalStack stack = LocalStack.start(settings, new Printing(terminal, over))) {
            StackState state = stack.state();
            terminal.line("");
            terminal.line("Kafka      " + state.bootstrap());
            terminal.line("Flink      " + state.flinkUrl());
            terminal.line("State      " + state.directory() + " (logs in logs/)");
            terminal.line("Next       ./drivetrain ingest --format synthetic   then   ./drivetrain train");
            terminal.line("Ctrl-C stops it; './drivetrain up' goes on from there.");
            over.await();
            throw new CommandException(ExitCode.FAILED, stack.failure().orElse("The stack ended"));
        }
    }

    private static void requirePort(Integer port, String option) throws CommandException {
        if (port != null && (port < 1 || port > Ports.LARGEST)) {
            throw new CommandException(
                    ExitCode.WRONG_USAGE,
                    "%s is %d; give a number from 1 to %d".formatted(option, port, Ports.LARGEST));
        }
    }

    /** Tells on the terminal what happens to the processes. */
    record Printing(Terminal terminal, CountDownLatch over) implements StackListener {
        @Override
        public void ready(Role role, double seconds) {
            terminal.line("%s %s is up after %.1f s".formatted(terminal.mark(true), role.title(), seconds));
        }

        @Override
        public void restarted(Role role, String why) {
            terminal.line("%s %s; starting it again".formatted(terminal.mark(false), why));
        }

        @Override
        public void told(Role role, boolean good, String sentence) {
            terminal.line("%s %s".formatted(terminal.mark(good), sentence));
        }

        @Override
        public void failed(String sentence) {
            over.countDown();
        }
    }
}
