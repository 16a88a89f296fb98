package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A manifest with one JSON object a line: {@code path}, and if known {@code label}, {@code domain} (SOURCE or TARGET),
 * {@code drive}, {@code frame} (from 0), {@code capturedAt} (for example 2026-11-24T10:00:00Z), {@code labelSource},
 * {@code labelRevision} (from 0; higher than before where a label that was sent is corrected), {@code boxes} (each with category, x1, y1, x2, y2 in pixels, x2 and y2 exclusive), {@code telemetry} (numbers by name, in
 * SI units, such as speed and yaw-rate; each may also be a field {@code telemetry.NAME}) and {@code attributes}; any
 * other text, number or truth value is an attribute, too.
 */
final class ManifestLines implements EntryReader {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    static final String A_TIME = "a time in UTC such as 2026-11-24T10:00:00Z";

    /** Before the name of a number that the car measured. */
    static final String TELEMETRY = "telemetry.";

    /** How often the label of the image was corrected before, from 0. */
    static final String LABEL_REVISION = "labelRevision";

    static final String A_NUMBER = "a finite number such as 13.9";

    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?");

    private final Path file;
    private final TextLines lines;
    private Optional<String> ahead = Optional.empty();

    ManifestLines(Path file) throws DatasetException {
        this.file = file;
        try {
            lines = new TextLines(file);
        } catch (IOException e) {
            throw new DatasetException(
                    "Cannot read the manifest %s (%s); check its rights"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
    }

    @Override
    public boolean hasNext() {
        try {
            while (ahead.isEmpty()) {
                Optional<String> line = lines.next();
                if (line.isEmpty()) {
                    return false;
                }
                ahead = line.filter(text -> !text.isBlank());
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Entry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        String line = ahead.orElseThrow();
        ahead = Optional.empty();
        try {
            if (lines.cut()) {
                throw new Wrong(
                        Collected.Kind.TOO_LARGE,
                        "",
                        "the line has more than %,d characters".formatted(Limits.LINE),
                        "write one object a line");
            }
            if (TextLines.isGarbled(line)) {
                throw new Wrong(Collected.Kind.BROKEN_SYNTAX, "", TextLines.GARBLED, TextLines.WHAT_TO_DO);
            }
            return entry(MAPPER.readTree(line));
        } catch (JsonProcessingException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            return bad(
                    Collected.Kind.BROKEN_SYNTAX,
                    "",
                    "this is no JSON object (%s)".formatted(Limits.shown(reason)),
                    "write one object a line");
        } catch (Wrong e) {
            return bad(e.kind, e.path, e.getMessage(), e.whatToDo);
        }
    }

    private Entry bad(Collected.Kind kind, String path, String what, String whatToDo) {
        String place = "line " + lines.number() + (path.isEmpty() ? "" : " " + path);
        return new Entry.Bad(new Collected.Malformed(kind, file.toString(), place, what, whatToDo));
    }

    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;
        private final Collected.Kind kind;
        private final String path;
        private final String whatToDo;

        Wrong(Collected.Kind kind, String path, String what, String whatToDo) {
            super(what);
            this.kind = kind;
            this.path = path;
            this.whatToDo = whatToDo;
        }

        static Wrong value(String path, JsonNode value, String expected) {
            return new Wrong(
                    Collected.Kind.WRONG_VALUE,
                    path,
                    "it is %s where %s is expected".formatted(Limits.shown(value.toString()), expected),
                    "correct it");
        }
    }

    private Entry entry(JsonNode row) throws Wrong {
        if (!row.isObject()) {
            throw Wrong.value("$", row, "an object");
        }
        String path = text(row, "path")
                .orElseThrow(() -> new Wrong(Collected.Kind.MISSING_FIELD, "", "no path", "name the image file"));
        Map<String, String> attributes = new TreeMap<>();
        Map<String, Double> telemetry = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : row.properties()) {
            switch (field.getKey()) {
                case "path",
                        "label",
                        "domain",
                        "drive",
                        "frame",
                        "capturedAt",
                        "labelSource",
                        "labelRevision",
                        "boxes" -> {}
                case "attributes" -> {
                    if (!field.getValue().isObject() && !field.getValue().isNull()) {
                        throw Wrong.value("$.attributes", field.getValue(), "an object of attributes");
                    }
                    for (Map.Entry<String, JsonNode> each : field.getValue().properties()) {
                        attribute(each, attributes);
                    }
                }
                case "telemetry" -> {
                    if (!field.getValue().isObject() && !field.getValue().isNull()) {
                        throw Wrong.value("$.telemetry", field.getValue(), "an object of numbers");
                    }
                    for (Map.Entry<String, JsonNode> each : field.getValue().properties()) {
                        measured(each.getKey(), "$.telemetry." + each.getKey(), each.getValue(), telemetry);
                    }
                }
                default -> {
                    if (field.getKey().startsWith(TELEMETRY)) {
                        measured(
                                field.getKey().substring(TELEMETRY.length()),
                                "$['%s']".formatted(field.getKey()),
                                field.getValue(),
                                telemetry);
                    } else {
                        attribute(field, attributes);
                    }
                }
            }
        }
        String startedAt = attributes.get(DatasetReader.STARTED_AT);
        if (startedAt != null && time(startedAt).isEmpty()) {
            throw Wrong.value("$." + DatasetReader.STARTED_AT, row.path(DatasetReader.STARTED_AT), A_TIME);
        }
        return new Entry.Image(
                file.toString(),
                "line " + lines.number(),
                path,
                List.of(path),
                new Entry.Labels(
                        text(row, "label"),
                        boxes(row.path("boxes")),
                        attributes,
                        text(row, "labelSource"),
                        wholeNumber(row, LABEL_REVISION).orElse(0)),
                new Entry.Recording(
                        text(row, "drive"),
                        wholeNumber(row, "frame"),
                        capturedAt(row),
                        OptionalLong.empty(),
                        domain(row),
                        telemetry));
    }

    private static void measured(String name, String path, JsonNode value, Map<String, Double> telemetry) throws Wrong {
        if (name.isBlank()) {
            throw new Wrong(Collected.Kind.MISSING_FIELD, path, "the number has no name", "write telemetry.speed");
        }
        if (value.isNull()) {
            return;
        }
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw Wrong.value(path, value, A_NUMBER);
        }
        telemetry.put(name, value.doubleValue());
    }

    /** Reads a decimal; empty if it is none, or not finite. */
    static Optional<Double> decimal(String text) {
        return Optional.of(text)
                .filter(digits -> DECIMAL.matcher(digits).matches())
                .map(Double::valueOf)
                .filter(Double::isFinite);
    }

    private static void attribute(Map.Entry<String, JsonNode> field, Map<String, String> attributes) {
        JsonNode value = field.getValue();
        if (value.isValueNode() && !value.isNull() && !value.asText().isEmpty()) {
            attributes.put(field.getKey(), value.asText());
        }
    }

    private static Optional<String> text(JsonNode row, String field) throws Wrong {
        JsonNode value = row.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual() && !value.isIntegralNumber()) {
            throw Wrong.value("$." + field, value, "text");
        }
        return Optional.of(value.asText()).filter(text -> !text.isBlank());
    }

    private static Optional<Domain> domain(JsonNode row) throws Wrong {
        Optional<String> text = text(row, "domain");
        try {
            return text.map(name -> Domain.valueOf(name.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw Wrong.value("$.domain", row.path("domain"), "SOURCE or TARGET");
        }
    }

    private static OptionalInt wholeNumber(JsonNode row, String field) throws Wrong {
        JsonNode value = row.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalInt.empty();
        }
        if (!value.isInt() || value.intValue() < 0) {
            throw Wrong.value("$." + field, value, "a whole number from 0");
        }
        return OptionalInt.of(value.intValue());
    }

    private static Optional<Instant> capturedAt(JsonNode row) throws Wrong {
        Optional<String> text = text(row, "capturedAt");
        Optional<Instant> time = text.flatMap(ManifestLines::time);
        if (text.isPresent() && time.isEmpty()) {
            throw Wrong.value("$.capturedAt", row.path("capturedAt"), A_TIME);
        }
        return time;
    }

    /** Reads a time; empty if it is none, or none that a record can hold. */
    static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text)).filter(Limits::isTime);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<Entry.Boxes> boxes(JsonNode array) throws Wrong {
        if (array.isMissingNode() || array.isNull()) {
            return Optional.empty();
        }
        if (!array.isArray()) {
            throw Wrong.value("$.boxes", array, "an array");
        }
        List<Box> boxes = new ArrayList<>();
        for (JsonNode box : array) {
            String path = "$.boxes[%d]".formatted(boxes.size());
            String category = text(box, "category")
                    .orElseThrow(() -> new Wrong(
                            Collected.Kind.MISSING_FIELD, path, "the box has no category", "name what it shows"));
            boxes.add(new Box(
                    category,
                    number(box, "x1", path),
                    number(box, "y1", path),
                    number(box, "x2", path),
                    number(box, "y2", path)));
        }
        return Optional.of(new Entry.Boxes(boxes, false, true));
    }

    private static double number(JsonNode box, String field, String path) throws Wrong {
        JsonNode value = box.path(field);
        if (!value.isNumber()) {
            throw value.isMissingNode()
                    ? new Wrong(Collected.Kind.MISSING_FIELD, path, "the box has no " + field, "add it")
                    : Wrong.value(path + "." + field, value, "a number");
        }
        return value.doubleValue();
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
