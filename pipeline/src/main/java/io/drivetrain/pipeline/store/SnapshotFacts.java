package io.drivetrain.pipeline.store;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What is known of one snapshot without reading its files.
 *
 * @param parent empty for the first one
 * @param operation Iceberg's: append, replace (compaction), overwrite, delete
 * @param summary Iceberg's counts and what the writer noted, by their names
 */
record SnapshotFacts(long id, OptionalLong parent, Instant committedAt, String operation, Map<String, String> summary) {
    private static final String WRITER_JOB = "flink.job-id";

    SnapshotFacts {
        summary = Map.copyOf(summary);
    }

    /** A number of the summary; 0 where it is not given. */
    long count(String name) {
        return Long.parseLong(summary.getOrDefault(name, "0"));
    }

    /** Whether the curation job committed it; after a restart it looks here for what it had committed last. */
    boolean fromWriter() {
        return summary.containsKey(WRITER_JOB);
    }
}
