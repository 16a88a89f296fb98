package io.drivetrain.infra.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One started process of the stack: its log, its READY line and its end. */
final class ChildProcess {
    private static final String READY = "READY ";
    private static final String NOTICE = "NOTICE ";

    private static final int KILLED = 128 + 9;
    private static final int TERMINATED = 128 + 15;

    private final Process process;
    private final Path log;
    private final Consumer<String> notices;
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private ChildProcess(Process process, Path log, Consumer<String> notices) {
        this.process = process;
        this.log = log;
        this.notices = notices;
    }

    /**
     * Starts a process whose stderr and stdout go to a log, but for the READY line.
     *
     * @param command the program and its arguments
     * @param notices takes what follows NOTICE on a line of stdout; called from a thread of its own
     * @throws StackException if the system cannot start it
     */
    static ChildProcess start(List<String> command, Map<String, String> environment, Path log, Consumer<String> notices)
            throws StackException {
        // Ctrl-C reaches every process of the terminal; only the supervisor may act on it, or the order is lost.
        List<String> shielded = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
        shielded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(shielded)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        try {
            ChildProcess child = new ChildProcess(builder.start(), log, notices);
            Thread reader = new Thread(child::readOutput, "output of " + log.getFileName());
            reader.setDaemon(true);
            reader.start();
            return child;
        } catch (IOException e) {
            throw new StackException("Cannot start '%s' (%s)".formatted(command.get(0), e.getMessage()), e);
        }
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(READY)) {
                    ready.complete(line.substring(READY.length()));
                } else {
                    if (line.startsWith(NOTICE)) {
                        notices.accept(line.substring(NOTICE.length()));
                    }
                    Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The pipe breaks when the process is killed; its exit is what counts.
            ready.completeExceptionally(e);
        }
    }

    /** Completes with the JSON after READY; also with an error when the output ends before. */
    CompletableFuture<String> ready() {
        return ready;
    }

    CompletableFuture<Integer> exit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to end, and ends it by force when the patience is over. */
    void stop(Duration patience) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** How a process ended, and why if it was not from outside: what a killed one wrote last is no reason. */
    static String end(int code, Path log) {
        return switch (code) {
            case KILLED -> "was killed from outside (SIGKILL), by somebody or for want of memory";
            case TERMINATED -> "was told from outside to end (SIGTERM)";
            default -> "ended with code %d: %s".formatted(code, lastWords(log));
        };
    }

    /** The last line that the process wrote, which by convention says why it ended. */
    static String lastWords(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            for (int i = lines.size() - 1; i >= 0; i--) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("at ") && !line.startsWith("...")) {
                    return line.length() > 300 ? line.substring(0, 300) + "…" : line;
                }
            }
            return "it said nothing";
        } catch (IOException e) {
            return "its log cannot be read (" + e.getMessage() + ")";
        }
    }
}
