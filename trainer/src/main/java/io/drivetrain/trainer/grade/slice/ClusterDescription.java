package io.drivetrain.trainer.grade.slice;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts into words what the errors of a cluster have in common: attribute values, classes and high or low measurements that
 * at least half of them have and that are at least half as common again among them as among all samples.
 */
final class ClusterDescription {
    private static final double LEAST_SHARE = 0.5;
    private static final double LEAST_LIFT = 1.5;
    private static final int MOST_WORDS = 3;

    /** High is above the upper quartile of all samples, low below the lower one. */
    private static final double QUARTILE = 0.25;

    private ClusterDescription() {}

    /** A sample of either split. */
    private record Member(GradedSplit split, int index, boolean inCluster) {}

    private record Word(String subject, String text, double weight) {}

    /**
     * Describes a cluster.
     *
     * @param splits that have members
     * @param members by split and sample, the errors of the cluster
     * @param attributes names that may be used
     * @param classes names by class index
     * @return the most telling first, for example {@code timeofday=night, glareShare high, class pedestrian}; empty where
     *     they have nothing in common but their looks
     */
    static String of(List<GradedSplit> splits, List<boolean[]> members, List<String> attributes, List<String> classes) {
        List<Member> all = new ArrayList<>();
        for (int s = 0; s < splits.size(); s++) {
            for (int i = 0; i < splits.get(s).size(); i++) {
                all.add(new Member(splits.get(s), i, members.get(s)[i]));
            }
        }
        List<Word> words = new ArrayList<>();
        for (String attribute : attributes) {
            Set<String> values = new TreeSet<>();
            all.stream().filter(Member::inCluster).forEach(m -> values.add(m.split.attribute(m.index, attribute)));
            values.remove("");
            for (String value : values) {
                add(
                        words,
                        attribute,
                        attribute + "=" + value,
                        all,
                        m -> m.split.attribute(m.index, attribute).equals(value));
            }
        }
        for (int label = 0; label < classes.size(); label++) {
            int given = label;
            add(words, "class", "class " + classes.get(label), all, m -> m.split.labels()[m.index] == given);
        }
        List<String> measurements = splits.get(0).measurementNames();
        for (int column = 0; column < measurements.size(); column++) {
            int at = column;
            double[] sorted = all.stream()
                    .mapToDouble(m -> m.split.measurements()[m.index][at])
                    .filter(v -> !Double.isNaN(v))
                    .sorted()
                    .toArray();
            if (sorted.length == 0) {
                continue;
            }
            double low = sorted[(int) (QUARTILE * (sorted.length - 1))];
            double high = sorted[(int) ((1 - QUARTILE) * (sorted.length - 1))];
            String name = measurements.get(column);
            add(words, name, name + " high", all, m -> m.split.measurements()[m.index][at] > high);
            add(words, name, name + " low", all, m -> m.split.measurements()[m.index][at] < low);
        }
        words.sort(Comparator.comparingDouble((Word w) -> -w.weight).thenComparing(Word::text));
        Set<String> subjects = new LinkedHashSet<>();
        return String.join(
                ", ",
                words.stream()
                        .filter(w -> subjects.add(w.subject))
                        .limit(MOST_WORDS)
                        .map(Word::text)
                        .toList());
    }

    private interface Holds {
        boolean of(Member member);
    }

    private static void add(List<Word> words, String subject, String text, List<Member> all, Holds holds) {
        long cluster = 0;
        long inCluster = 0;
        long everywhere = 0;
        for (Member member : all) {
            boolean held = holds.of(member);
            everywhere += held ? 1 : 0;
            cluster += member.inCluster ? 1 : 0;
            inCluster += held && member.inCluster ? 1 : 0;
        }
        double share = inCluster / (double) cluster;
        double lift = share / (everywhere / (double) all.size());
        if (share >= LEAST_SHARE && lift >= LEAST_LIFT) {
            words.add(new Word(subject, text, share * Math.log(lift)));
        }
    }
}
