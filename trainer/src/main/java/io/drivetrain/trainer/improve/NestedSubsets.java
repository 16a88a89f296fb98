package io.drivetrain.trainer.improve;

import io.drivetrain.trainer.grade.SplitErrors;
import io.drivetrain.trainer.grade.curve.CurvePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Trains on nested subsets of the training drives, each containing half of the drives of the next, so that the errors
 * show what more data bring and not what other data bring.
 */
public final class NestedSubsets {
    private NestedSubsets() {}

    /** Trains a model on some of the training samples. */
    @FunctionalInterface
    public interface Learner {
        /**
         * @param train indices of the training samples to learn from, ascending
         * @throws InterruptedException soon after the thread was interrupted
         */
        Learned learn(int[] train) throws InterruptedException;
    }

    /** How one learning ended. */
    public sealed interface Learned {
        /**
         * Errors in evaluation mode.
         *
         * @param trainError on the samples that were learned from, 0..1
         * @param trainDev by drive, the same drives in the same order for every subset
         */
        record Graded(double trainError, SplitErrors trainDev) implements Learned {}

        /** The reason is a sentence that says what to do. */
        record NotLearned(String reason) implements Learned {}
    }

    /** Hears before each subset is learned. */
    @FunctionalInterface
    public interface Listener {
        /** @param subset from 1 to {@code subsets} */
        void onSubset(int subset, int subsets, int samples);
    }

    /**
     * Errors by size, smallest first, and why subsets are missing.
     *
     * @param points one for each subset that was learned
     * @param missing sentences
     */
    public record Outcome(List<CurvePoint> points, List<String> missing) {
        public Outcome {
            points = List.copyOf(points);
            missing = List.copyOf(missing);
        }
    }

    /**
     * The subsets, smallest first, each as ascending indices of samples. Every half is stratified by class as far as
     * whole drives allow. There are fewer than asked for where one drive cannot be halved.
     *
     * @param count how many, the whole included
     * @param salt another salt, other subsets
     */
    public static List<int[]> subsets(DriveSamples samples, int count, String salt) {
        boolean[] kept = new boolean[samples.drives().size()];
        Arrays.fill(kept, true);
        List<int[]> subsets = new ArrayList<>();
        while (subsets.size() < count) {
            boolean[] now = kept.clone();
            subsets.add(IntStream.range(0, samples.size())
                    .filter(i -> now[samples.driveOf()[i]])
                    .toArray());
            Optional<boolean[]> half = half(samples, kept, salt + "/" + subsets.size());
            if (half.isEmpty()) {
                break;
            }
            kept = half.get();
        }
        Collections.reverse(subsets);
        return List.copyOf(subsets);
    }

    /** Half of the drives; empty if there are not two with samples. */
    private static Optional<boolean[]> half(DriveSamples samples, boolean[] kept, String salt) {
        int[] inside = IntStream.range(0, samples.size())
                .filter(i -> kept[samples.driveOf()[i]])
                .toArray();
        int[] drives = Arrays.stream(inside)
                .map(i -> samples.driveOf()[i])
                .distinct()
                .sorted()
                .toArray();
        if (drives.length < 2) {
            return Optional.empty();
        }
        int[] position = new int[kept.length];
        for (int i = 0; i < drives.length; i++) {
            position[drives[i]] = i;
        }
        int[] foldOf = DriveFolds.of(
                Arrays.stream(drives)
                        .mapToObj(drive -> samples.drives().get(drive))
                        .toList(),
                Arrays.stream(inside).map(i -> samples.labels()[i]).toArray(),
                Arrays.stream(inside).map(i -> position[samples.driveOf()[i]]).toArray(),
                2,
                salt);
        boolean[] half = new boolean[kept.length];
        for (int i = 0; i < drives.length; i++) {
            half[drives[i]] = foldOf[i] == 0;
        }
        return Optional.of(half);
    }

    /**
     * Trains on each subset, smallest first, on the calling thread.
     *
     * @param whole errors of a model that has been trained on all samples, so that it is not trained again; empty if
     *     there is none
     * @throws InterruptedException soon after the thread was interrupted
     */
    public static Outcome learn(
            DriveSamples samples,
            int count,
            String salt,
            Optional<Learned.Graded> whole,
            Learner learner,
            Listener listener)
            throws InterruptedException {
        List<int[]> subsets = subsets(samples, count, salt);
        List<CurvePoint> points = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (int s = 0; s < subsets.size(); s++) {
            int[] subset = subsets.get(s);
            if (Thread.interrupted()) {
                throw new InterruptedException("Interrupted before subset %d of %d".formatted(s + 1, subsets.size()));
            }
            boolean last = s + 1 == subsets.size();
            Learned learned;
            if (last && whole.isPresent()) {
                learned = whole.get();
            } else {
                listener.onSubset(s + 1, subsets.size(), subset.length);
                learned = learner.learn(subset);
            }
            if (learned instanceof Learned.Graded graded) {
                int drives = (int) Arrays.stream(subset)
                        .map(i -> samples.driveOf()[i])
                        .distinct()
                        .count();
                points.add(new CurvePoint(subset.length, drives, graded.trainError(), graded.trainDev()));
            } else if (learned instanceof Learned.NotLearned notLearned) {
                missing.add("%d samples were not learned: %s".formatted(subset.length, notLearned.reason()));
            }
        }
        return new Outcome(points, missing);
    }
}
