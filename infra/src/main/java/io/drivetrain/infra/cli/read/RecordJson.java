package io.drivetrain.infra.cli.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;

/** Avro records as plain JSON, without the type wrappers that Avro's own JSON encoding puts around unions. */
public final class RecordJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RecordJson() {}

    /** Returns the record with its field names; times in ISO-8601, bytes as their number. */
    public static ObjectNode of(IndexedRecord record) {
        ObjectNode node = JSON.createObjectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            node.set(field.name(), value(record.get(field.pos())));
        }
        return node;
    }

    private static JsonNode value(Object value) {
        if (value instanceof IndexedRecord record) {
            return of(record);
        }
        if (value instanceof Collection<?> values) {
            ArrayNode array = JSON.createArrayNode();
            values.forEach(element -> array.add(value(element)));
            return array;
        }
        if (value instanceof Map<?, ?> map) {
            ObjectNode object = JSON.createObjectNode();
            sorted(map).forEach((key, element) -> object.set(key.toString(), value(element)));
            return object;
        }
        if (value instanceof Instant instant) {
            return JSON.getNodeFactory().textNode(instant.toString());
        }
        if (value instanceof java.nio.ByteBuffer bytes) {
            return JSON.getNodeFactory().numberNode(bytes.remaining());
        }
        if (value instanceof CharSequence || value instanceof Enum<?>) {
            return JSON.getNodeFactory().textNode(value.toString());
        }
        return JSON.valueToTree(value);
    }

    private static Map<String, Object> sorted(Map<?, ?> map) {
        Map<String, Object> sorted = new TreeMap<>();
        map.forEach((key, element) -> sorted.put(key.toString(), element));
        return sorted;
    }
}
