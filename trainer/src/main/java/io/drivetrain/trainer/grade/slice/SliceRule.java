package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.SliceKind;

/** Says which samples are in a slice; the same rule holds in every split. */
public sealed interface SliceRule {
    /** As in reports, for example {@code timeofday=night}. */
    String name();

    SliceKind kind();

    /** By sample, whether the split's samples are in the slice. */
    boolean[] members(GradedSplit split);

    /** Samples whose attribute has this value. */
    record ByAttribute(String attribute, String value) implements SliceRule {
        @Override
        public String name() {
            return attribute + "=" + value;
        }

        @Override
        public SliceKind kind() {
            return SliceKind.ATTRIBUTE;
        }

        @Override
        public boolean[] members(GradedSplit split) {
            boolean[] members = new boolean[split.size()];
            for (int i = 0; i < members.length; i++) {
                members[i] = split.attribute(i, attribute).equals(value);
            }
            return members;
        }
    }

    /** Samples whose measurement lies beyond a threshold; one that is not known does not. */
    record ByMeasurement(String measurement, boolean above, double threshold) implements SliceRule {
        @Override
        public String name() {
            return measurement + (above ? ">" : "<") + Figures.plain(threshold);
        }

        @Override
        public SliceKind kind() {
            return SliceKind.MEASUREMENT;
        }

        @Override
        public boolean[] members(GradedSplit split) {
            boolean[] members = new boolean[split.size()];
            int column = split.measurementNames().indexOf(measurement);
            for (int i = 0; column >= 0 && i < members.length; i++) {
                double value = split.measurements()[i][column];
                members[i] = above ? value > threshold : value < threshold;
            }
            return members;
        }
    }

    /** Samples that look to the network as the errors of one cluster do; without embeddings there are none. */
    record ByCluster(String name, ClusterMembers all, int cluster) implements SliceRule {
        @Override
        public SliceKind kind() {
            return SliceKind.CLUSTER;
        }

        @Override
        public boolean[] members(GradedSplit split) {
            boolean[] members = new boolean[split.size()];
            int[] clusterOf = all.clusterOf(split);
            for (int i = 0; i < members.length; i++) {
                members[i] = clusterOf[i] == cluster;
            }
            return members;
        }
    }
}
