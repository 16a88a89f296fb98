package io.drivetrain.ingest.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Lines of UTF-8 text, of which at most {@link Limits#LINE} characters each are held. */
final class TextLines implements AutoCloseable {
    private final BufferedReader reader;
    private long number;
    private boolean cut;

    TextLines(Path file) throws IOException {
        // A reader of its own decoder setting replaces what is no UTF-8 instead of failing.
        reader = new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8));
    }

    /** Returns the next line, without its end and a byte order mark; empty after the last one. */
    Optional<String> next() throws IOException {
        StringBuilder line = new StringBuilder();
        cut = false;
        int c = reader.read();
        if (c < 0) {
            return Optional.empty();
        }
        number++;
        for (; c >= 0 && c != '\n'; c = reader.read()) {
            if (line.length() == Limits.LINE) {
                cut = true;
            } else if (!(c == '\uFEFF' && number == 1 && line.length() == 0)) {
                line.append((char) c);
            }
        }
        if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return Optional.of(line.toString());
    }

    /** Number of the line that was read last, from 1. */
    long number() {
        return number;
    }

    /** Whether the line that was read last was too long. */
    boolean cut() {
        return cut;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
