package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The JSON texts of files, one after the other: a file is one text, or each of its lines is, if its name ends in .jsonl or
 * .ndjson, so that a broken line costs no other. One text is open at a time, and is closed before the next.
 */
final class JsonTexts implements AutoCloseable {
    private final Iterator<Path> files;
    private final Path root;
    private final Consumer<Collected.Malformed> malformed;
    private String name = "";
    private TextLines lines;
    private JsonStream text;

    /**
     * Reads files in their order.
     *
     * @param root folder that file names in messages are taken from
     * @param malformed told what is wrong
     */
    JsonTexts(List<Path> files, Path root, Consumer<Collected.Malformed> malformed) {
        this.files = files.iterator();
        this.root = root;
        this.malformed = malformed;
    }

    /** Whether each line of a file is a JSON text of its own. */
    static boolean isLines(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".jsonl") || name.endsWith(".ndjson");
    }

    /** The name, in messages, of the file that was opened last, or could not be. */
    String file() {
        return name;
    }

    /** Opens the next text; empty after the last. After a failure the next call goes on behind it. */
    Optional<JsonStream> next() throws IOException {
        closeText();
        while (lines != null || files.hasNext()) {
            if (lines != null) {
                nextLine();
            } else {
                Path file = files.next();
                name = ScalabelReader.named(root, file);
                if (isLines(file)) {
                    lines = new TextLines(file);
                } else {
                    text = new JsonStream(file, name, malformed);
                }
            }
            if (text != null) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    private void nextLine() throws IOException {
        Optional<String> line;
        try {
            line = lines.next();
        } catch (IOException e) {
            closeLines();
            throw e;
        }
        if (line.isEmpty()) {
            closeLines();
        } else if (lines.cut()) {
            bad(
                    Collected.Kind.TOO_LARGE,
                    "the line has more than %,d characters".formatted(Limits.LINE),
                    "write one frame a line");
        } else if (TextLines.isGarbled(line.get())) {
            bad(Collected.Kind.BROKEN_SYNTAX, TextLines.GARBLED, TextLines.WHAT_TO_DO);
        } else if (!line.get().isBlank()) {
            text = new JsonStream(line.get(), lines.number(), name, malformed);
        }
    }

    private void bad(Collected.Kind kind, String what, String whatToDo) {
        malformed.accept(new Collected.Malformed(kind, name, "line " + lines.number(), what, whatToDo));
    }

    private void closeLines() throws IOException {
        TextLines ended = lines;
        lines = null;
        ended.close();
    }

    private void closeText() {
        if (text != null) {
            text.close();
            text = null;
        }
    }

    @Override
    public void close() {
        closeText();
        if (lines != null) {
            try {
                closeLines();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
