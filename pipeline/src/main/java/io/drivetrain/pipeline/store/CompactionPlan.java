package io.drivetrain.pipeline.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which files are written anew as one: small ones of the same partition, in the order in which they came, as many as
 * make a file of the target size.
 */
final class CompactionPlan {
    /** A file of at least this share of the target size is left alone. */
    private static final double HEALTHY = 0.75;

    private CompactionPlan() {}

    /**
     * One data file.
     *
     * @param partition its name as in the path, for example {@code split=train}
     * @param sequence of the commit that brought it
     * @param deletes files that delete rows from it
     */
    record Candidate(String path, String partition, long bytes, long rows, long sequence, int deletes) {}

    /** Files that become one, or a few if there are more rows than expected. */
    record Group(String partition, List<Candidate> files) {
        Group {
            files = List.copyOf(files);
        }

        long bytes() {
            return files.stream().mapToLong(Candidate::bytes).sum();
        }

        long rows() {
            return files.stream().mapToLong(Candidate::rows).sum();
        }
    }

    /**
     * Plans.
     *
     * @param targetBytes size of a healthy file
     * @param minFiles fewer small files than this wait for more, unless they fill a file, so that what is written is not
     *     written again for every newcomer
     */
    static List<Group> of(List<Candidate> files, long targetBytes, int minFiles) {
        List<Candidate> sorted = files.stream()
                .filter(file -> file.bytes() < HEALTHY * targetBytes || file.deletes() > 0)
                .sorted(Comparator.comparing(Candidate::partition)
                        .thenComparing(Candidate::sequence)
                        .thenComparing(Candidate::path))
                .toList();
        List<Group> groups = new ArrayList<>();
        List<Candidate> open = new ArrayList<>();
        long bytes = 0;
        for (Candidate file : sorted) {
            boolean fits = open.isEmpty()
                    || open.get(0).partition().equals(file.partition()) && bytes + file.bytes() <= targetBytes;
            if (!fits) {
                close(open, bytes, targetBytes, minFiles, groups);
                bytes = 0;
            }
            open.add(file);
            bytes += file.bytes();
        }
        close(open, bytes, targetBytes, minFiles, groups);
        return groups;
    }

    private static void close(List<Candidate> open, long bytes, long targetBytes, int minFiles, List<Group> groups) {
        boolean full = open.size() > 1 && bytes >= HEALTHY * targetBytes;
        boolean many = open.size() > 1 && open.size() >= minFiles;
        if (full || many || open.stream().anyMatch(file -> file.deletes() > 0)) {
            groups.add(new Group(open.get(0).partition(), open));
        }
        open.clear();
    }
}
