package io.drivetrain.ingest.decode;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Lines of UTF-8 text, or of UTF-16 with a byte order mark, of which at most {@link Limits#LINE} characters each are held.
 */
final class TextLines implements AutoCloseable {
    static final String GARBLED = "the line is not UTF-8 text";
    static final String WHAT_TO_DO = "save the file as UTF-8";

    private final BufferedReader reader;
    private long number;
    private boolean cut;

    TextLines(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        in.mark(2);
        int mark = in.read() << 8 | in.read();
        in.reset();
        boolean wide = mark == 0xFEFF || mark == 0xFFFE;
        // A reader of its own decoder setting replaces what is no UTF-8 instead of failing.
        reader = new BufferedReader(new InputStreamReader(in, wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8));
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
        for (; c >= 0 && c != '\n' && c != '\r'; c = reader.read()) {
            if (line.length() == Limits.LINE) {
                cut = true;
            } else if (!(c == '\uFEFF' && number == 1 && line.length() == 0)) {
                line.append((char) c);
            }
        }
        if (c == '\r') {
            reader.mark(1);
            if (reader.read() != '\n') {
                reader.reset();
            }
        }
        return Optional.of(line.toString());
    }

    /** Whether a line has bytes that are no text in its encoding. */
    static boolean isGarbled(String line) {
        return line.indexOf('\uFFFD') >= 0;
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
