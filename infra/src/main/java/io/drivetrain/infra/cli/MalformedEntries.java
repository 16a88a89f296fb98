package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.ingest.collect.Collected;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** What was left out of an ingest: the first few as sentences, all of them in a file if one is named, and how many. */
final class MalformedEntries implements AutoCloseable {
    private static final int SHOWN = 20;

    private final Consumer<String> show;
    private final Optional<BufferedWriter> file;
    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<String, Long> byCode = new TreeMap<>();
    private long count;

    /**
     * Begins to collect.
     *
     * @param show told the first sentences
     * @param path of a file that gets one JSON object a line, after those that it has
     */
    MalformedEntries(Consumer<String> show, Optional<Path> path) throws CommandException {
        this.show = show;
        try {
            file = path.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            Files.newBufferedWriter(path.get(), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "Cannot write to %s (%s); check path and rights"
                            .formatted(path.get(), e.getClass().getSimpleName()));
        }
    }

    void add(Collected.Malformed malformed) {
        byCode.merge(malformed.kind().code(), 1L, Long::sum);
        if (count++ < SHOWN) {
            show.accept(malformed.sentence());
        }
        file.ifPresent(writer -> {
            ObjectNode line = mapper.createObjectNode()
                    .put("code", malformed.kind().code())
                    .put("file", malformed.file())
                    .put("place", malformed.place())
                    .put("what", malformed.what())
                    .put("whatToDo", malformed.whatToDo());
            try {
                writer.write(line + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    long count() {
        return count;
    }

    /** How many there are of each code. */
    Map<String, Long> byCode() {
        return Map.copyOf(byCode);
    }

    /** Says how many were not shown. */
    void end() {
        if (count > SHOWN) {
            show.accept("... and %,d more%s"
                    .formatted(count - SHOWN, file.isPresent() ? "" : "; --malformed FILE keeps all of them"));
        }
        byCode.forEach((code, times) -> show.accept("%,9d  %s".formatted(times, code)));
    }

    @Override
    public void close() {
        file.ifPresent(writer -> {
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
