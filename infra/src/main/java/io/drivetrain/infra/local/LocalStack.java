package io.drivetrain.infra.local;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Starts broker, Flink and trainer as processes on loopback, starts a crashed one again, and stops all in order.
 *
 * <p>The processes watch this one: they end by themselves if it is killed.
 */
public final class LocalStack implements AutoCloseable {
    private static final Duration START_DEADLINE = Duration.ofSeconds(120);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
    private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
    private static final int MOST_RESTARTS = 5;

    private final Installation installation;
    private final Path directory;
    private final StackListener listener;
    private final StackLock lock;
    private final Map<String, Integer> ports;
    private final DrivetrainConfig config;
    private final List<String> configArguments;
    private final Map<Role, ChildProcess> children = new EnumMap<>(Role.class);
    private final Map<Role, RestartLimit> restarts = new EnumMap<>(Role.class);
    private volatile int mostRestarts = MOST_RESTARTS;
    private final Map<Role, List<String>> extraArguments = new ConcurrentHashMap<>();
    private final Map<Role, CompletableFuture<Void>> serving = new ConcurrentHashMap<>();
    private final Map<String, String> troubles = new TreeMap<>();
    private final Instant startedAt = Instant.now();
    private final Thread shutdownHook = new Thread(this::stopAll, "stack shutdown");
    private volatile boolean stopping;
    private volatile String failure;

    private LocalStack(
            Installation installation,
            StackSettings settings,
            StackLock lock,
            Map<String, Integer> ports,
            StackListener listener) {
        this.installation = installation;
        this.directory = settings.directory();
        this.listener = listener;
        this.lock = lock;
        this.ports = ports;
        Map<String, String> overrides = new LinkedHashMap<>(inside(settings));
        overrides.putAll(settings.overrides());
        overrides.put(ConfigKey.KAFKA_BOOTSTRAP.path(), "127.0.0.1:" + ports.get("broker"));
        this.config = ConfigReader.read(settings.configFile(), System.getenv(), overrides);
        this.configArguments = new ArrayList<>();
        settings.configFile()
                .ifPresent(file -> configArguments.addAll(
                        List.of("--config", file.toAbsolutePath().toString())));
        overrides.forEach((path, value) -> configArguments.addAll(List.of("--set", path + "=" + value)));
    }

    /**
     * Starts a stack and waits until all of it serves.
     *
     * @throws StackException with one sentence; nothing is left running then
     */
    public static LocalStack start(StackSettings settings, StackListener listener)
            throws StackException, InterruptedException {
        LocalStack stack = launch(settings, listener);
        try {
            stack.awaitAll();
            return stack;
        } catch (StackException | InterruptedException | RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /**
     * Starts a stack without waiting for it; {@link #await} waits for its parts.
     *
     * @throws StackException with one sentence; nothing is left running then
     */
    public static LocalStack launch(StackSettings settings, StackListener listener) throws StackException {
        return launch(settings, Role.OF_A_STACK, listener);
    }

    /** As {@link #launch(StackSettings, StackListener)}, but starts some of the processes only. */
    public static LocalStack launch(StackSettings settings, Set<Role> roles, StackListener listener)
            throws StackException {
        Preflight.check(settings.directory(), settings.freeBytes());
        Installation installation = Installation.find();
        StackLock lock = StackLock.take(settings.directory());
        LocalStack stack;
        try {
            stack = new LocalStack(installation, settings, lock, choosePorts(settings), listener);
        } catch (StackException | RuntimeException e) {
            lock.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(stack.shutdownHook);
        try {
            Files.createDirectories(stack.directory.resolve("logs"));
            // A killed supervisor leaves its state file behind.
            StackState.delete(stack.directory);
            for (Role role : roles) {
                stack.begin(role);
            }
            return stack;
        } catch (IOException e) {
            stack.close();
            throw new StackException(
                    "Cannot write to %s (%s); check access rights and space".formatted(stack.directory, e.getMessage()),
                    e);
        } catch (StackException | RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /** Keeps the state in the stack's folder, and open transactions for long, unless the user chose otherwise. */
    static Map<String, String> inside(StackSettings settings) {
        DrivetrainConfig chosen = ConfigReader.read(settings.configFile(), System.getenv(), settings.overrides());
        Path root = settings.directory().toAbsolutePath().normalize();
        Map<String, String> inside = new LinkedHashMap<>();
        if (chosen.store().warehouse().equals(ConfigKey.STORE_WAREHOUSE.defaultText())) {
            inside.put(
                    ConfigKey.STORE_WAREHOUSE.path(), root.resolve("warehouse").toString());
        }
        if (chosen.flink().checkpointDirectory().equals(ConfigKey.FLINK_CHECKPOINT_DIRECTORY.defaultText())) {
            inside.put(
                    ConfigKey.FLINK_CHECKPOINT_DIRECTORY.path(),
                    root.resolve("checkpoints").toString());
        }
        if (chosen.flink()
                .transactionTimeout()
                .equals(Duration.parse(ConfigKey.FLINK_TRANSACTION_TIMEOUT.defaultText()))) {
            // Our own broker allows it, so that a stack which was stopped for days loses nothing.
            inside.put(ConfigKey.FLINK_TRANSACTION_TIMEOUT.path(), BrokerProcess.LONGEST_TRANSACTION.toString());
        }
        if (chosen.training().directory().equals(ConfigKey.TRAINING_DIRECTORY.defaultText())) {
            inside.put(
                    ConfigKey.TRAINING_DIRECTORY.path(), root.resolve("trainer").toString());
        }
        return inside;
    }

    private static Map<String, Integer> choosePorts(StackSettings settings) throws StackException {
        if (settings.brokerPort().isPresent()) {
            Ports.requireFree(settings.brokerPort().get(), "broker", "--broker-port");
        }
        if (settings.flinkPort().isPresent()) {
            Ports.requireFree(settings.flinkPort().get(), "Flink web UI", "--flink-port");
        }
        List<Integer> free = Ports.free(4);
        Map<String, Integer> ports = new TreeMap<>();
        ports.put("broker", settings.brokerPort().orElse(free.get(0)));
        ports.put("controller", free.get(1));
        ports.put("flink", settings.flinkPort().orElse(free.get(2)));
        ports.put("job-manager", free.get(3));
        return ports;
    }

    /**
     * Starts a process that does not run yet; {@link #await} waits for it.
     *
     * @param more arguments for it alone
     */
    public void begin(Role role, String... more) throws StackException {
        extraArguments.put(role, List.of(more));
        serving.put(role, new CompletableFuture<>());
        spawn(role);
        try {
            writeState();
        } catch (IOException e) {
            throw new StackException(
                    "Cannot write to %s (%s); check access rights and space".formatted(directory, e.getMessage()), e);
        }
    }

    /** Lets each process die this often within an hour before the stack gives up, for tests that kill them. */
    public void tolerateRestarts(int most) {
        mostRestarts = most;
    }

    /**
     * Waits until a process serves that may just have been killed, so that {@link #await} would not wait.
     *
     * @throws StackException if it does not within two minutes
     */
    public void awaitRunning(Role role) throws StackException, InterruptedException {
        long deadline = System.nanoTime() + START_DEADLINE.toNanos();
        while (true) {
            ChildProcess child;
            synchronized (this) {
                child = children.get(role);
            }
            if (child != null
                    && child.isAlive()
                    && child.ready().isDone()
                    && !child.ready().isCompletedExceptionally()) {
                return;
            }
            if (failure != null || System.nanoTime() > deadline) {
                throw new StackException("%s does not serve after %d s; see its log %s"
                        .formatted(role.title(), START_DEADLINE.toSeconds(), log(role)));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Stops one process; it is not started again. */
    public void end(Role role) throws InterruptedException {
        ChildProcess child;
        synchronized (this) {
            child = children.remove(role);
        }
        if (child != null) {
            child.stop(STOP_PATIENCE);
        }
    }

    private synchronized void spawn(Role role) throws StackException {
        if (stopping) {
            return;
        }
        long started = System.nanoTime();
        ChildProcess child = ChildProcess.start(
                command(role),
                OpenMp.environment(config.training().threads()),
                log(role),
                line -> JobNotice.parse(line).ifPresent(notice -> told(role, notice)));
        children.put(role, child);
        child.ready().thenRun(() -> {
            // Heard before whoever awaits goes on, so that what both print comes in this order.
            if (!serving.get(role).isDone()) {
                listener.ready(role, (System.nanoTime() - started) / 1e9);
            }
            serving.get(role).complete(null);
        });
        child.exit().thenAccept(code -> ended(role, child, code));
    }

    private List<String> command(Role role) throws StackException {
        List<String> command = new ArrayList<>();
        command.add(Installation.java().toString());
        command.addAll(List.of("-Xshare:auto", "-XX:-UsePerfData"));
        command.addAll(role.jvmOptions());
        command.add("-Dlog4j2.configurationFile=" + installation.processLogging());
        command.addAll(List.of("-cp", installation.classPath(role.modules()), role.mainClass()));
        command.addAll(
                List.of("--parent-pid", Long.toString(ProcessHandle.current().pid())));
        switch (role) {
            case BROKER ->
                command.addAll(List.of(
                        "--dir",
                        directory.resolve("kafka").toAbsolutePath().toString(),
                        "--port",
                        Integer.toString(ports.get("broker")),
                        "--controller-port",
                        Integer.toString(ports.get("controller"))));
            case FLINK -> {
                command.addAll(List.of("--rest-port", Integer.toString(ports.get("flink"))));
                command.addAll(configArguments);
            }
            case JOB_MANAGER -> {
                command.addAll(List.of("--rest-port", Integer.toString(ports.get("flink"))));
                command.addAll(List.of("--rpc-port", Integer.toString(ports.get("job-manager"))));
                command.addAll(configArguments);
            }
            case TASK_MANAGER -> {
                command.addAll(List.of("--rpc-port", Integer.toString(ports.get("job-manager"))));
                command.addAll(configArguments);
            }
            case TRAINER -> command.addAll(configArguments);
        }
        command.addAll(extraArguments.getOrDefault(role, List.of()));
        return command;
    }

    private void told(Role role, JobNotice notice) {
        synchronized (this) {
            if (stopping) {
                return;
            }
            if (notice.good()) {
                troubles.remove(notice.about());
            } else {
                troubles.put(notice.about(), notice.sentence());
            }
        }
        listener.told(
                role,
                notice.good(),
                notice.good() ? notice.sentence() : "%s (log: %s)".formatted(notice.sentence(), log(role)));
        try {
            writeState();
        } catch (IOException e) {
            // Where the disk is full this cannot be written either, and it was told.
        }
    }

    private void ended(Role role, ChildProcess child, int code) {
        synchronized (this) {
            if (stopping || children.get(role) != child) {
                return;
            }
        }
        String why = "%s %s".formatted(role.title(), ChildProcess.end(code, log(role)));
        int count;
        synchronized (this) {
            count = restarts.computeIfAbsent(role, any -> new RestartLimit()).ended(Instant.now());
            if (role == Role.FLINK) {
                // What its jobs said was true of a process that is no more.
                troubles.clear();
            }
        }
        if (count > mostRestarts) {
            fail("%s (%d times within an hour; see %s)".formatted(why, count, log(role)));
            return;
        }
        listener.restarted(role, why);
        CompletableFuture.delayedExecutor(RESTART_PAUSE.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    try {
                        spawn(role);
                        writeState();
                    } catch (StackException e) {
                        fail(e.getMessage());
                    } catch (IOException e) {
                        fail("Cannot write to %s (%s); check access rights and space"
                                .formatted(directory, e.getMessage()));
                    }
                });
    }

    private void fail(String sentence) {
        failure = sentence;
        serving.values().forEach(part -> part.completeExceptionally(new StackException(sentence)));
        listener.failed(sentence);
    }

    /**
     * Waits until one process serves.
     *
     * @throws StackException if it cannot, or does not within two minutes
     */
    public void await(Role role) throws StackException, InterruptedException {
        try {
            serving.get(role).get(START_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new StackException(e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new StackException(
                    "%s does not serve after %d s; the last line of its log %s is: %s"
                            .formatted(
                                    role.title(),
                                    START_DEADLINE.toSeconds(),
                                    log(role),
                                    ChildProcess.lastWords(log(role))),
                    e);
        }
    }

    private void awaitAll() throws StackException, InterruptedException {
        for (Role role : Role.OF_A_STACK) {
            await(role);
        }
    }

    private synchronized void writeState() throws IOException {
        if (!stopping) {
            StackState.write(directory, state());
        }
    }

    /** What runs where. */
    public synchronized StackState state() {
        Map<String, Long> pids = new LinkedHashMap<>();
        children.forEach((role, child) -> pids.put(role.id(), child.pid()));
        return new StackState(
                ProcessHandle.current().pid(),
                config.kafka().bootstrap(),
                "http://127.0.0.1:" + ports.get("flink"),
                pids,
                ports,
                directory.toAbsolutePath().normalize().toString(),
                startedAt.toString(),
                new TreeMap<>(troubles),
                new TreeMap<>(config.asText()));
    }

    /** The configuration that the processes were started with. */
    public DrivetrainConfig config() {
        return config;
    }

    /** The log of a process. */
    public Path log(Role role) {
        return directory.resolve("logs").resolve(role.id() + ".log");
    }

    /** Why the stack cannot go on; empty as long as it can. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    private void stopAll() {
        List<ChildProcess> inOrder = new ArrayList<>();
        synchronized (this) {
            stopping = true;
            for (Role role : Role.IN_STOPPING_ORDER) {
                if (children.containsKey(role)) {
                    inOrder.add(children.get(role));
                }
            }
        }
        try {
            for (ChildProcess child : inOrder) {
                child.stop(STOP_PATIENCE);
            }
            StackState.delete(directory);
        } catch (InterruptedException e) {
            inOrder.forEach(child -> ProcessHandle.of(child.pid()).ifPresent(ProcessHandle::destroyForcibly));
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            System.err.println("Cannot delete the stack's state file (" + e.getMessage() + ")");
        }
    }

    /** Stops every process, the broker last, and gives the folder free. */
    @Override
    public void close() throws StackException {
        stopAll();
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The JVM is already shutting down, so the hook is running and does no harm.
            return;
        }
        lock.close();
    }
}
