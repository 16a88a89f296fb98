package io.drivetrain.trainer.grade.slice;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Which cluster each sample of some splits is in. */
final class ClusterMembers {
    /** Embeddings that are held at a time: a thousand of ResNet-50's take 8 MB. */
    private static final int READ_AT_ONCE = 1024;

    private final Map<GradedSplit, int[]> clusterOf = new IdentityHashMap<>();

    private ClusterMembers() {}

    /**
     * Looks at every sample once.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    static ClusterMembers of(ErrorClusters clusters, List<GradedSplit> splits) throws InterruptedException {
        ClusterMembers members = new ClusterMembers();
        for (GradedSplit split : splits) {
            members.clusterOf.put(split, clusterOf(clusters, split));
        }
        return members;
    }

    private static int[] clusterOf(ErrorClusters clusters, GradedSplit split) throws InterruptedException {
        int[] clusterOf = new int[split.size()];
        Arrays.fill(clusterOf, -1);
        for (int from = 0; split.embeddings() != null && from < clusterOf.length; from += READ_AT_ONCE) {
            int[] samples = IntStream.range(from, Math.min(clusterOf.length, from + READ_AT_ONCE))
                    .toArray();
            float[][] embeddings = split.embeddings().of(samples);
            for (int i = 0; i < samples.length; i++) {
                clusterOf[samples[i]] = clusters.clusterOf(embeddings[i]);
            }
        }
        return clusterOf;
    }

    /** By sample, the number of its cluster from 0; -1 for none. */
    int[] clusterOf(GradedSplit split) {
        return clusterOf.get(split);
    }
}
