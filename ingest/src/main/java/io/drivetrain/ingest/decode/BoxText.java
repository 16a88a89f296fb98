package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.schemas.Box;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the boxes of one image from a text file with one box a line. */
final class BoxText {
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern NUMBER = Pattern.compile("[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?");

    private BoxText() {}

    /** Reads the columns of one line. */
    @FunctionalInterface
    interface Line {
        /**
         * Returns the box, or nothing where the line is none on purpose.
         *
         * @throws Wrong if the line cannot be read
         */
        Optional<Box> box(String[] columns) throws Wrong;
    }

    /** A line that cannot be read. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;
        private final Collected.Kind kind;
        private final String whatToDo;

        Wrong(Collected.Kind kind, String what, String whatToDo) {
            super(what);
            this.kind = kind;
            this.whatToDo = whatToDo;
        }
    }

    /** The boxes of a file and what is wrong with it. */
    record Result(Entry.Boxes boxes, List<Collected.Malformed> malformed) {}

    /**
     * Reads a file, line by line.
     *
     * @param name of the file as a person finds it
     */
    static Result read(Path file, String name, boolean relative, Line line) {
        List<Box> boxes = new ArrayList<>();
        List<Collected.Malformed> malformed = new ArrayList<>();
        boolean complete = true;
        try (TextLines lines = new TextLines(file)) {
            for (Optional<String> text = lines.next(); text.isPresent(); text = lines.next()) {
                if (text.get().isBlank()) {
                    continue;
                }
                try {
                    if (lines.cut()) {
                        throw new Wrong(
                                Collected.Kind.TOO_LARGE,
                                "the line has more than %,d characters".formatted(Limits.LINE),
                                "check whether this is a label file");
                    }
                    Optional<Box> box = line.box(BLANKS.split(text.get().strip()));
                    if (box.isPresent() && boxes.size() == Limits.BOXES) {
                        malformed.add(new Collected.Malformed(
                                Collected.Kind.TOO_LARGE,
                                name,
                                "line " + lines.number(),
                                "there are more than %,d boxes; the rest was not read".formatted(Limits.BOXES),
                                "check whether this is the label file of one image"));
                        complete = false;
                        break;
                    }
                    box.ifPresent(boxes::add);
                } catch (Wrong e) {
                    complete = false;
                    if (malformed.size() < Limits.BOXES) {
                        malformed.add(new Collected.Malformed(
                                e.kind, name, "line " + lines.number(), e.getMessage(), e.whatToDo));
                    }
                }
            }
        } catch (IOException e) {
            complete = false;
            malformed.add(new Collected.Malformed(
                    Collected.Kind.BROKEN_SYNTAX,
                    name,
                    "",
                    "it cannot be read (%s)".formatted(e.getClass().getSimpleName()),
                    "check its rights"));
        }
        return new Result(new Entry.Boxes(boxes, relative, complete), malformed);
    }

    /** Reads a number; NaN and infinity are numbers, about which curation has its say. */
    static double number(String text, String column) throws Wrong {
        if (NUMBER.matcher(text).matches()) {
            return Double.parseDouble(text);
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan", "-nan", "+nan" -> Double.NaN;
            case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            default ->
                throw new Wrong(
                        Collected.Kind.WRONG_VALUE,
                        "%s is %s, which is no number".formatted(column, Limits.shown(text)),
                        "correct it");
        };
    }
}
