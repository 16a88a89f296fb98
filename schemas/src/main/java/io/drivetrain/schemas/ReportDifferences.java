package io.drivetrain.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/** Where the reports of one model and of the same one trained again differ, in all that samples, keys and seed decide. */
public final class ReportDifferences {
    /** What depends on when and where a run was, and on which runs were before it. */
    private static final Set<String> OF_THE_RUN = Set.of(
            "runId",
            "requestId",
            "testReads",
            "findings",
            "nextSteps",
            "changes",
            "promotion",
            "verdict",
            "provenance",
            "trainingSeconds",
            "publishedAt",
            // An address.
            "contactSheet");

    private ReportDifferences() {}

    /**
     * One for each value that is not the same, in the order of the schema, as {@code PATH (BEFORE, now NOW)}: for example
     * {@code splits[2].errors (12, now 13)}.
     */
    public static List<String> of(TrainingReport before, TrainingReport now) {
        List<String> differences = new ArrayList<>();
        compare("", before, now, differences);
        return differences;
    }

    private static void compare(String path, Object before, Object now, List<String> differences) {
        if (before instanceof SpecificRecordBase one && now instanceof SpecificRecordBase other) {
            for (Schema.Field field : one.getSchema().getFields()) {
                if (!OF_THE_RUN.contains(field.name())) {
                    compare(
                            path.isEmpty() ? field.name() : path + "." + field.name(),
                            one.get(field.pos()),
                            other.get(field.pos()),
                            differences);
                }
            }
        } else if (before instanceof List<?> one && now instanceof List<?> other && one.size() == other.size()) {
            for (int i = 0; i < one.size(); i++) {
                compare("%s[%d]".formatted(path, i), one.get(i), other.get(i), differences);
            }
        } else if (before instanceof Map<?, ?> one && now instanceof Map<?, ?> other) {
            Set<String> keys = new TreeSet<>();
            one.keySet().forEach(key -> keys.add(key.toString()));
            other.keySet().forEach(key -> keys.add(key.toString()));
            keys.forEach(key -> compare(path + "." + key, one.get(key), other.get(key), differences));
        } else if (!Objects.equals(before, now)) {
            differences.add("%s (%s, now %s)".formatted(path, shown(before), shown(now)));
        }
    }

    private static String shown(Object value) {
        if (value == null) {
            return "nothing";
        }
        if (value instanceof List<?> list) {
            return list.size() + " entries";
        }
        return value instanceof SpecificRecordBase ? "something" : value.toString();
    }
}
