package io.drivetrain.trainer.assemble;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which of several records of one sample holds: the one with the highest label revision, whatever order they arrived in.
 * Of two with the same one the first on its topic holds, as in curation. Not safe for several threads.
 */
final class Revisions {
    private final Set<String> corrected = new HashSet<>();
    private int superseded;

    /** Which of two records of one sample holds: the greater one. */
    private static Comparator<Integer> holds(SampleIndex index) {
        return Comparator.<Integer>comparingInt(index::revision)
                .thenComparing(index::partition, Comparator.reverseOrder())
                .thenComparing(index::offset, Comparator.reverseOrder());
    }

    /**
     * Leaves out what is superseded by another of these records.
     *
     * @param records by their numbers
     * @return in the same order
     */
    static int[] newest(SampleIndex index, int[] records) {
        Comparator<Integer> holds = holds(index);
        Map<String, Integer> holding = new HashMap<>();
        for (int record : records) {
            if (index.revision(record) > 0) {
                holding.merge(
                        index.sampleId(record), record, (one, other) -> holds.compare(one, other) < 0 ? other : one);
            }
        }
        // Without a correction no id is looked at.
        if (holding.isEmpty()) {
            return records;
        }
        return Arrays.stream(records)
                .filter(record -> holding.getOrDefault(index.sampleId(record), record) == record)
                .toArray();
    }

    /**
     * Takes in what was added to a shard. All of it is looked through only if that corrects something.
     *
     * @param index all there is now
     * @param from the first that is new
     */
    void grew(SampleIndex index, int from) {
        for (int i = from; i < index.size(); i++) {
            if (index.revision(i) > 0) {
                corrected.add(index.sampleId(i));
            }
        }
        boolean changed = !corrected.isEmpty()
                && IntStream.range(from, index.size()).anyMatch(record -> corrected.contains(index.sampleId(record)));
        if (changed) {
            superseded = index.size()
                    - newest(index, IntStream.range(0, index.size()).toArray()).length;
        }
    }

    /** Records that another one of the same sample supersedes. */
    int superseded() {
        return superseded;
    }
}
