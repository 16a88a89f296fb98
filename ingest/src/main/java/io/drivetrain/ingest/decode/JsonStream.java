package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.drivetrain.ingest.collect.Collected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A JSON file as tokens, of which one is held at a time. Values of the wrong type are reported with their path, skipped
 * and read as empty; NaN and infinity are numbers, about which curation has its say.
 */
final class JsonStream implements AutoCloseable {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(1 << 20).build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            // One such comma, which leaves nothing unclear, would cost the rest of the file.
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            // Names are as many as the file likes, so they are not kept.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final JsonParser parser;
    private final OptionalLong line;
    private final String file;
    private final Consumer<Collected.Malformed> malformed;
    private String before = "";

    /**
     * Opens a file.
     *
     * @param name of the file as a person finds it
     * @param malformed told what is wrong
     */
    JsonStream(Path path, String name, Consumer<Collected.Malformed> malformed) throws IOException {
        this(FACTORY.createParser(path.toFile()), OptionalLong.empty(), name, malformed);
    }

    /** Opens a line of a file, from 1. */
    JsonStream(String text, long line, String name, Consumer<Collected.Malformed> malformed) throws IOException {
        this(FACTORY.createParser(text), OptionalLong.of(line), name, malformed);
        before = "line %d ".formatted(line);
    }

    private JsonStream(JsonParser parser, OptionalLong line, String name, Consumer<Collected.Malformed> malformed) {
        this.parser = parser;
        this.line = line;
        this.file = name;
        this.malformed = malformed;
    }

    /** Begins one more text of the same file, so that paths name its line, too. */
    void another() {
        before = "line %d ".formatted(line.orElse(parser.currentTokenLocation().getLineNr()));
    }

    String file() {
        return file;
    }

    JsonToken next() throws IOException {
        return parser.nextToken();
    }

    JsonToken current() {
        return parser.currentToken();
    }

    /** Name of the field that the parser stands at. */
    String name() throws IOException {
        return parser.currentName();
    }

    void skip() throws IOException {
        parser.skipChildren();
    }

    /** Path of the current value, for example {@code $[12].labels[3].box2d.x1} or {@code line 7 $.name}. */
    String path() {
        return before + path(parser.getParsingContext());
    }

    private static String path(JsonStreamContext context) {
        if (context == null || context.inRoot()) {
            return "$";
        }
        String parent = path(context.getParent());
        if (context.inArray()) {
            return context.hasCurrentIndex() ? parent + "[" + context.getCurrentIndex() + "]" : parent;
        }
        String name = context.getCurrentName();
        if (name == null) {
            return parent;
        }
        String shown = name.length() <= 100 ? name : name.substring(0, 100) + "…";
        return parent + (shown.matches("[A-Za-z_][A-Za-z0-9_]*") ? "." + shown : "['" + shown + "']");
    }

    void report(Collected.Kind kind, String place, String what, String whatToDo) {
        malformed.accept(new Collected.Malformed(kind, file, place, what, whatToDo));
    }

    /** Reports that the current value is not what it should be, and skips it. */
    void wrong(String expected) throws IOException {
        report(
                Collected.Kind.WRONG_VALUE,
                path(),
                "it is %s where %s is expected".formatted(described(), expected),
                "correct it");
        skip();
    }

    private String described() throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the text " + Limits.shown(parser.getText());
            case VALUE_NULL -> "null";
            default -> Limits.shown(parser.getText());
        };
    }

    /** The current value as text; empty for null, and for anything else than text, which is reported. */
    Optional<String> text() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            if (text.length() <= Limits.NAME) {
                return Optional.of(text);
            }
            report(
                    Collected.Kind.TOO_LARGE,
                    path(),
                    "a text of %,d characters".formatted(text.length()),
                    "shorten it to %,d".formatted(Limits.NAME));
        } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
            wrong("text");
        }
        return Optional.empty();
    }

    /** The current value as a number. */
    OptionalDouble number() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT
                || parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return OptionalDouble.of(Double.parseDouble(parser.getText()));
        }
        wrong("a number");
        return OptionalDouble.empty();
    }

    /** The current value as a whole number of 64 bits; null is empty and not reported. */
    OptionalLong whole() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getText().length() <= 18) {
            return OptionalLong.of(Long.parseLong(parser.getText()));
        }
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
            double value = Double.parseDouble(parser.getText());
            if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
                return OptionalLong.of((long) value);
            }
        }
        if (parser.currentToken() != JsonToken.VALUE_NULL) {
            wrong("a whole number");
        }
        return OptionalLong.empty();
    }

    /** The current value as an index from 0; null is empty and not reported. */
    OptionalInt index() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getText().matches("\\d{1,9}")) {
            return OptionalInt.of(Integer.parseInt(parser.getText()));
        }
        if (parser.currentToken() != JsonToken.VALUE_NULL) {
            wrong("a whole number from 0");
        }
        return OptionalInt.empty();
    }

    /** The current text, number or truth value as text; empty for others, which are skipped and not reported. */
    Optional<String> scalar() throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> text();
            case VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Optional.of(parser.getText());
            default -> {
                skip();
                yield Optional.empty();
            }
        };
    }

    /** What is wrong with a file that Jackson cannot read on. */
    Collected.Malformed broken(JsonProcessingException e) {
        // Jackson names no place where a limit of its own is passed.
        return broken(file, e, e.getLocation() == null ? parser.currentLocation() : e.getLocation(), line);
    }

    /** What is wrong with a file that Jackson cannot open. */
    static Collected.Malformed broken(String file, JsonProcessingException e) {
        return broken(file, e, e.getLocation(), OptionalLong.empty());
    }

    private static Collected.Malformed broken(
            String file, JsonProcessingException e, JsonLocation location, OptionalLong line) {
        String place = location == null
                ? ""
                : "line %d column %d".formatted(line.orElse(location.getLineNr()), location.getColumnNr());
        boolean syntax = e instanceof JsonParseException || e instanceof com.fasterxml.jackson.core.io.JsonEOFException;
        String reason =
                e.getOriginalMessage().lines().findFirst().orElse("").replaceFirst(" \\(start marker at .*", "");
        return new Collected.Malformed(
                syntax ? Collected.Kind.BROKEN_SYNTAX : Collected.Kind.TOO_LARGE,
                file,
                place,
                "this is no JSON from here on (%s)".formatted(Limits.shown(reason)),
                line.isPresent()
                        ? "correct this line, which was left out"
                        : "get the whole file, or correct this place; the rest of the file was not read");
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
