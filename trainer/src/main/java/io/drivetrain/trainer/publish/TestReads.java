package io.drivetrain.trainer.publish;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.trainer.assemble.ShardStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Counts how often each test set was read for a report: a test set that is looked at again and again stops being one.
 * Kept in a file, by the test set's fingerprint; a run that is repeated after a kill counts once.
 */
public final class TestReads {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    public TestReads(Path file) {
        this.file = file;
    }

    /**
     * Notes that a run reads a test set.
     *
     * @param testFingerprint of the test split
     * @return how many runs have read this test set, this one included
     */
    public int note(String testFingerprint, String runId) throws IOException {
        ObjectNode root =
                Files.exists(file) ? (ObjectNode) JSON.readTree(Files.readString(file)) : JSON.createObjectNode();
        ArrayNode runs = root.withArray("/" + testFingerprint);
        for (int i = 0; i < runs.size(); i++) {
            if (runs.get(i).asText().equals(runId)) {
                return runs.size();
            }
        }
        runs.add(runId);
        ShardStore.replaceAtomically(file, root.toPrettyString());
        return runs.size();
    }
}
