package io.drivetrain.infra.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;

/**
 * What runs in a folder, as written to {@code stack.json} for the other commands.
 *
 * @param supervisorPid of the process that started the others and stops them
 * @param pids by name: broker, flink, trainer
 * @param ports by name: broker, controller, flink
 * @param troubles what a process that goes on has told last of a trouble that is not over, by what it is about
 * @param config every setting that the processes were started with, by dotted path
 */
public record StackState(
        long supervisorPid,
        String bootstrap,
        String flinkUrl,
        Map<String, Long> pids,
        Map<String, Integer> ports,
        String directory,
        String startedAt,
        Map<String, String> troubles,
        Map<String, String> config) {
    private static final String NAME = "stack.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    public StackState {
        // A stack that an earlier version started has told of none.
        troubles = troubles == null ? Map.of() : troubles;
    }

    static void write(Path directory, StackState state) throws IOException {
        Path whole = Files.createTempFile(directory, NAME, ".tmp");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(whole.toFile(), state);
            // Moved in one step, so that a reader never sees half of it.
            Files.move(
                    whole,
                    directory.resolve(NAME),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            // Of a full disk it would take the rest.
            Files.deleteIfExists(whole);
        }
    }

    static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(NAME));
    }

    /** Returns the stack that runs in a folder; empty if none does. */
    public static Optional<StackState> running(Path directory) throws StackException {
        Path file = directory.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            StackState state = JSON.readValue(file.toFile(), StackState.class);
            return Optional.of(state)
                    .filter(s -> ProcessHandle.of(s.supervisorPid)
                            .map(ProcessHandle::isAlive)
                            .orElse(false));
        } catch (IOException e) {
            throw new StackException("Cannot read %s (%s); delete it".formatted(file, e.getMessage()), e);
        }
    }
}
