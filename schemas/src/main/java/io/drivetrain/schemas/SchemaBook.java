package io.drivetrain.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;

/**
 * The writer schemas that producers announced. Anyone who may write to the topic may announce anything, so a schema is
 * entered only if reading its records is as safe as reading those of a release: it is small, not recursive, compatible
 * with the reader's, and stripped of all properties, names of classes among them. What is entered first stays.
 *
 * <p>All methods are safe for use by several threads.
 */
public final class SchemaBook {
    /** Of a definition, in UTF-8. */
    static final int MAX_BYTES = 256 << 10;

    /** More than any fleet runs versions at a time. */
    static final int MAX_SCHEMAS = 100;

    /** Of the JSON and of the types. */
    static final int MAX_DEPTH = 32;

    /** Types once every name is replaced by what it stands for, as Avro does to read; ours have about 40. */
    static final int MAX_PARTS = 2_000;

    private final Schema reader;
    private final Map<Long, Schema> schemas = new ConcurrentHashMap<>();

    /** What became of an announcement. */
    public enum Outcome {
        LEARNED,
        /** It was in the book before. */
        KNOWN,
        IGNORED
    }

    /**
     * What became of an announcement.
     *
     * @param reason why it is ignored, fit for a log line; empty otherwise
     */
    public record Entry(Outcome outcome, String reason) {}

    /** A book of schemas that can be read as this one. */
    SchemaBook(Schema reader) {
        this.reader = reader;
    }

    /** Returns the writer's schema of that fingerprint, or null. */
    Schema find(long fingerprint) {
        return schemas.get(fingerprint);
    }

    /** Enters an announced schema, or says why not. */
    public synchronized Entry enter(AnnouncedSchema announced) {
        try {
            Schema schema = examined(announced.getDefinition());
            long fingerprint = SchemaNormalization.parsingFingerprint64(schema);
            String hex = "%016x".formatted(fingerprint);
            if (!hex.equals(announced.getFingerprint().toLowerCase(Locale.ROOT))) {
                throw new Unfit(
                        "its fingerprint is %s, announced is %s".formatted(hex, shown(announced.getFingerprint())));
            }
            if (schemas.containsKey(fingerprint)) {
                return new Entry(Outcome.KNOWN, "");
            }
            if (schemas.size() >= MAX_SCHEMAS) {
                throw new Unfit("%d schemas are known already; remove those that nobody writes from the topic"
                        .formatted(MAX_SCHEMAS));
            }
            schemas.put(fingerprint, schema);
            return new Entry(Outcome.LEARNED, "");
        } catch (Unfit e) {
            return new Entry(Outcome.IGNORED, e.getMessage());
        }
    }

    private Schema examined(String definition) throws Unfit {
        // A character has at least one byte, so that a huge text is not encoded to be measured.
        if (definition.length() > MAX_BYTES || definition.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new Unfit("its definition has more than %d bytes".formatted(MAX_BYTES));
        }
        checkJsonDepth(definition);
        Schema parsed = parse(definition);
        checkParts(parsed);
        if (!parsed.getFullName().equals(reader.getFullName())) {
            throw new Unfit(
                    "it is a %s, only %s is announced".formatted(shown(parsed.getFullName()), reader.getName()));
        }
        // The canonical form has the same fingerprint, and none of the properties that Avro acts upon.
        Schema bare = parse(SchemaNormalization.toParsingForm(parsed));
        checkCompatible(bare);
        return bare;
    }

    private static Schema parse(String definition) throws Unfit {
        try {
            return new Schema.Parser().parse(definition);
        } catch (RuntimeException e) {
            // Avro signals what it cannot parse by many unchecked types.
            throw new Unfit("its definition is no Avro schema (%s)".formatted(shown(String.valueOf(e.getMessage()))));
        }
    }

    private void checkCompatible(Schema writer) throws Unfit {
        SchemaCompatibility.SchemaPairCompatibility pair =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
            List<String> problems = pair.getResult().getIncompatibilities().stream()
                    .limit(3)
                    .map(problem -> problem.getType() + " at " + problem.getLocation())
                    .toList();
            throw new Unfit("it cannot be read as the %s of this version: %s"
                    .formatted(reader.getName(), shown(String.join(", ", problems))));
        }
    }

    private static void checkJsonDepth(String json) throws Unfit {
        int depth = 0;
        boolean inString = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (inString) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    inString = false;
                }
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                if (++depth > 4 * MAX_DEPTH) {
                    throw new Unfit("its definition is nested deeper than %d levels".formatted(4 * MAX_DEPTH));
                }
            } else if (c == '}' || c == ']') {
                depth--;
            }
        }
    }

    private static void checkParts(Schema schema) throws Unfit {
        new Parts().count(schema, 0);
    }

    /** Counts as far as the limit, so that names that stand for names do not multiply the work. */
    private static final class Parts {
        private final Set<Schema> open = Collections.newSetFromMap(new IdentityHashMap<>());
        private int parts;

        private void add(int more) throws Unfit {
            parts += more;
            if (parts > MAX_PARTS) {
                throw new Unfit("it has more than %d parts".formatted(MAX_PARTS));
            }
        }

        void count(Schema schema, int depth) throws Unfit {
            if (depth > MAX_DEPTH) {
                throw new Unfit("its types are nested deeper than %d levels".formatted(MAX_DEPTH));
            }
            add(1);
            switch (schema.getType()) {
                case NULL, BOOLEAN, INT, LONG, FLOAT, DOUBLE, FIXED, BYTES, STRING -> {}
                case ENUM -> add(schema.getEnumSymbols().size());
                case ARRAY -> count(schema.getElementType(), depth + 1);
                case MAP -> count(schema.getValueType(), depth + 1);
                case UNION -> {
                    for (Schema branch : schema.getTypes()) {
                        count(branch, depth + 1);
                    }
                }
                case RECORD -> {
                    if (!open.add(schema)) {
                        throw new Unfit("its record %s contains itself".formatted(shown(schema.getFullName())));
                    }
                    for (Schema.Field field : schema.getFields()) {
                        count(field.schema(), depth + 1);
                    }
                    open.remove(schema);
                }
            }
        }
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    /** The reason why an announcement is ignored. */
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }
}
