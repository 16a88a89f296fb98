package io.drivetrain.trainer.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.trainer.assemble.ShardStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts how often the test drives were read for a report: a test set that is looked at again and again stops being one.
 *
 * <p>Each drive counts for itself, because test grows with the stream and a set with one drive more, or with images of another
 * size, is not a fresh one. Kept in a file; a run that is repeated after a kill counts once. The file stays small: beyond
 * {@value #MOST_DRIVES} drives the least read are forgotten, which the answer does not depend on, and beyond {@value
 * #MOST_RUNS} runs the oldest.
 */
public final class TestReads {
    static final int MOST_DRIVES = 100_000;
    static final int MOST_RUNS = 1_000;

    private static final String DRIVES = "drives";
    private static final String RUNS = "runs";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    public TestReads(Path file) {
        this.file = file;
    }

    /**
     * Notes that a run reads the test set.
     *
     * @param drives ids of the drives of the test split
     * @return how many runs have read the drive of these that was read most, this one included; 0 without drives
     */
    public int note(Collection<String> drives, String runId) throws IOException {
        ObjectNode root =
                Files.exists(file) ? (ObjectNode) JSON.readTree(Files.readString(file)) : JSON.createObjectNode();
        Map<String, Integer> runs = counts(root.path(RUNS));
        Integer before = runs.get(runId);
        if (before != null) {
            return before;
        }
        int earlier = root.has(DRIVES) ? 0 : readsOfSets(root);
        Map<String, Integer> reads = counts(root.path(DRIVES));
        int most = 0;
        for (String drive : drives) {
            most = Math.max(most, reads.merge(drive, earlier + 1, (known, first) -> known + 1));
        }
        runs.put(runId, most);
        ObjectNode changed = JSON.createObjectNode();
        changed.set(DRIVES, JSON.valueToTree(mostRead(reads)));
        changed.set(RUNS, JSON.valueToTree(newest(runs)));
        ShardStore.replaceAtomically(file, changed.toString());
        return most;
    }

    /** A file of earlier versions lists the runs of each test set; the set that was read most holds the drives of today. */
    private static int readsOfSets(JsonNode root) {
        int most = 0;
        for (JsonNode runs : root) {
            most = Math.max(most, runs.size());
        }
        return most;
    }

    private static Map<String, Integer> counts(JsonNode node) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        node.fields()
                .forEachRemaining(
                        field -> counts.put(field.getKey(), field.getValue().asInt()));
        return counts;
    }

    private static Map<String, Integer> mostRead(Map<String, Integer> reads) {
        Map<String, Integer> kept = new TreeMap<>();
        reads.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_DRIVES)
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return kept;
    }

    private static Map<String, Integer> newest(Map<String, Integer> runs) {
        Map<String, Integer> kept = new LinkedHashMap<>();
        runs.entrySet().stream()
                .skip(Math.max(0, runs.size() - MOST_RUNS))
                .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return kept;
    }
}
