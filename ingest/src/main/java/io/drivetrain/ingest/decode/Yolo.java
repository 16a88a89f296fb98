package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** YOLO's text: index of the class, then centre x and y, width and height as shares of the image's. */
final class Yolo {
    private static final int COLUMNS = 5;
    private static final int COLUMNS_OF_A_RESULT = 6;
    private static final long MOST_BYTES_OF_NAMES = 4 << 20;

    private final Map<Integer, String> names;

    private Yolo(Map<Integer, String> names) {
        this.names = names;
    }

    /**
     * Reads the names of the classes.
     *
     * @param file {@code classes.txt} or another text with one name a line, or a YAML with {@code names} as a list or as
     *     a map by index
     */
    static Yolo withNames(Path file) throws DatasetException {
        Map<Integer, String> names = new TreeMap<>();
        try {
            if (Files.size(file) > MOST_BYTES_OF_NAMES) {
                throw new DatasetException(
                        "%s has more than 4 MB, too many for names of classes; check the path".formatted(file));
            }
            String lower = file.getFileName().toString().toLowerCase(Locale.ROOT);
            String text = Files.readString(file);
            if (text.startsWith("\uFEFF")) {
                text = text.substring(1);
            }
            if (lower.endsWith(".yaml") || lower.endsWith(".yml")) {
                // The name of a class may be off or no.
                JsonNode list = YAMLMapper.builder()
                        .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                        .build()
                        .readTree(text)
                        .path("names");
                if (list.isArray()) {
                    list.forEach(name -> names.put(names.size(), name.asText()));
                } else {
                    list.properties()
                            .forEach(name -> names.put(
                                    Integer.valueOf(name.getKey()),
                                    name.getValue().asText()));
                }
            } else {
                text.lines().map(String::strip).forEach(name -> names.put(names.size(), name));
                names.values().removeIf(String::isEmpty);
            }
        } catch (JsonProcessingException | NumberFormatException e) {
            throw new DatasetException(
                    "%s has no list 'names' and no map of index to name (%s); correct it"
                            .formatted(file, e.getMessage().lines().findFirst().orElse("")),
                    e);
        } catch (IOException e) {
            throw new DatasetException(
                    "Cannot read the names of the classes in %s (%s); it must be UTF-8 text"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
        if (names.isEmpty()) {
            throw new DatasetException("%s names no class; write one a line, or 'names:' in a YAML".formatted(file));
        }
        return new Yolo(names);
    }

    Optional<Box> box(String[] columns) throws BoxText.Wrong {
        if (columns.length != COLUMNS && columns.length != COLUMNS_OF_A_RESULT) {
            throw new BoxText.Wrong(
                    Collected.Kind.BROKEN_SYNTAX,
                    "%d columns beginning with %s where YOLO has 5, or 6 in results"
                            .formatted(columns.length, Limits.shown(columns[0])),
                    "correct the line; polygons are not read");
        }
        String name;
        try {
            name = names.get(Integer.valueOf(columns[0]));
        } catch (NumberFormatException e) {
            throw new BoxText.Wrong(
                    Collected.Kind.WRONG_VALUE,
                    "the class is %s, which is no whole number".formatted(Limits.shown(columns[0])),
                    "write its index, from 0");
        }
        if (name == null) {
            throw new BoxText.Wrong(
                    Collected.Kind.UNKNOWN_CATEGORY,
                    "there is no class %s among %d names".formatted(Limits.shown(columns[0]), names.size()),
                    "add its name or correct the index");
        }
        double x = BoxText.number(columns[1], "centre x");
        double y = BoxText.number(columns[2], "centre y");
        double width = BoxText.number(columns[3], "width");
        double height = BoxText.number(columns[4], "height");
        return Optional.of(new Box(name, x - width / 2, y - height / 2, x + width / 2, y + height / 2));
    }
}
