package io.drivetrain.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.Schema;

/** The schemas of every release: topics that are kept for ever hold records of all of them. */
final class ReleasedSchemas {
    private static final String LIST = "releases/list.txt";

    private ReleasedSchemas() {}

    /** Returns the schemas that the build found in the releases. */
    static List<Schema> read() {
        return text(LIST)
                .lines()
                .map(String::strip)
                .filter(path -> !path.isEmpty())
                .map(path -> new Schema.Parser().parse(text(path)))
                .toList();
    }

    private static String text(String path) {
        try (InputStream in = ReleasedSchemas.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(
                        "The class path has no %s beside Wire; build the module schemas with Maven, which puts it there"
                                .formatted(path));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read %s from the class path".formatted(path), e);
        }
    }
}
