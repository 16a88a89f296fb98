package io.drivetrain.trainer.assemble;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which of several records of one sample holds: the one with the highest label revision, whatever order they arrived in.
 * Of two with the same one the first on its topic holds, as in curation. Not safe for several threads.
 */
final class Revisions {
    private static final Comparator<IndexEntry> HOLDS = Comparator.comparingInt(Revisions::of)
            .thenComparing(IndexEntry::source, Comparator.reverseOrder())
            .thenComparing(IndexEntry::offset, Comparator.reverseOrder());

    private final Set<String> corrected = new HashSet<>();
    private int superseded;

    private static int of(IndexEntry entry) {
        return entry.sample().getLabelRevision();
    }

    /**
     * Leaves out what is superseded by another of these records.
     *
     * @param records as indices of entries
     * @return in the same order
     */
    static List<Integer> newest(List<IndexEntry> entries, List<Integer> records) {
        Map<String, IndexEntry> holding = new HashMap<>();
        for (int record : records) {
            IndexEntry entry = entries.get(record);
            if (of(entry) > 0) {
                holding.merge(
                        entry.sample().getSampleId(),
                        entry,
                        (one, other) -> HOLDS.compare(one, other) < 0 ? other : one);
            }
        }
        if (holding.isEmpty()) {
            return records;
        }
        List<Integer> newest = new ArrayList<>(records.size());
        for (int record : records) {
            IndexEntry entry = entries.get(record);
            IndexEntry holds = holding.get(entry.sample().getSampleId());
            if (holds == null || holds == entry) {
                newest.add(record);
            }
        }
        return newest;
    }

    /**
     * Takes in what was added to a shard. All of it is looked through only if that corrects something.
     *
     * @param entries all there are now
     * @param from the first that is new
     */
    void grew(List<IndexEntry> entries, int from) {
        boolean changed = false;
        for (int i = from; i < entries.size(); i++) {
            String id = entries.get(i).sample().getSampleId();
            if (of(entries.get(i)) > 0) {
                corrected.add(id);
            }
            changed |= corrected.contains(id);
        }
        if (changed) {
            List<Integer> all = IntStream.range(0, entries.size()).boxed().toList();
            superseded = all.size() - newest(entries, all).size();
        }
    }

    /** Records that another one of the same sample supersedes. */
    int superseded() {
        return superseded;
    }
}
