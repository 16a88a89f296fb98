package io.drivetrain.trainer.improve;

import io.drivetrain.trainer.grade.noise.NoisyLabels;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Predicts every sample by a model that saw no frame of its drive: drives are spread over folds, and each fold is
 * predicted by a model of the others. Frames of a drive are near-copies of each other, so that folds of frames would
 * let a model recognise what it should judge.
 */
public final class OutOfFold {
    private static final int FEWEST_FOLDS = 2;

    /** Of which one is set aside for stopping. */
    private static final int PARTS = 6;

    private OutOfFold() {}

    /** Trains a model on some samples and applies it to others. */
    @FunctionalInterface
    public interface Learner {
        /**
         * @param train indices of the samples to learn from, ascending
         * @param predict indices of the samples to predict, ascending
         * @param fold from 0
         * @return the outcome; the probabilities are {@code predict.length × classes}
         * @throws InterruptedException soon after the thread was interrupted
         */
        Learned learn(int[] train, int[] predict, int fold) throws InterruptedException;
    }

    /** How the learning of one fold ended. */
    public sealed interface Learned {
        /** Class probabilities, {@code predict.length × classes}. */
        @SuppressWarnings("ArrayRecordComponent")
        record Predicted(float[][] probabilities) implements Learned {}

        /** The reason is a sentence that says what to do. */
        record NotLearned(String reason) implements Learned {}
    }

    /** Hears before each fold is learned. */
    @FunctionalInterface
    public interface Listener {
        /** @param fold from 1 to {@code folds} */
        void onFold(int fold, int folds);
    }

    /** What came of it. */
    public sealed interface Outcome {
        /**
         * All samples that could be judged.
         *
         * @param samples their indices, ascending; a sample is left out if no other fold has its class, because a model
         *     that never saw a class can only contradict it
         * @param labels their labels and probabilities, in the same order
         * @param driveOf their drives, in the same order
         * @param folds number of models
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Predicted(int[] samples, NoisyLabels labels, int[] driveOf, int folds) implements Outcome {}

        /** The reason is a sentence that says what to do. */
        record NotPredicted(String reason) implements Outcome {}
    }

    /**
     * Trains one model for each fold, one after the other, on the calling thread.
     *
     * @param folds from 2; with fewer drives than folds nothing is trained
     * @param salt another salt, other folds
     * @throws InterruptedException soon after the thread was interrupted
     */
    public static Outcome predict(DriveSamples samples, int folds, String salt, Learner learner, Listener listener)
            throws InterruptedException {
        if (folds < FEWEST_FOLDS || samples.drives().size() < folds) {
            return new Outcome.NotPredicted(
                    "%d folds of %d drives are not possible; ask for 2 folds or more, and for no more folds than drives"
                            .formatted(folds, samples.drives().size()));
        }
        int[] foldOf = foldOf(samples, folds, salt);
        float[][] probabilities = new float[samples.size()][];
        boolean[] judged = new boolean[samples.size()];
        for (int fold = 0; fold < folds; fold++) {
            if (Thread.interrupted()) {
                throw new InterruptedException("Interrupted before fold %d of %d".formatted(fold + 1, folds));
            }
            listener.onFold(fold + 1, folds);
            int current = fold;
            int[] train = IntStream.range(0, foldOf.length)
                    .filter(i -> foldOf[i] != current)
                    .toArray();
            int[] predict = IntStream.range(0, foldOf.length)
                    .filter(i -> foldOf[i] == current)
                    .toArray();
            if (train.length == 0 || predict.length == 0) {
                continue;
            }
            Learned learned = learner.learn(train, predict, fold);
            if (learned instanceof Learned.NotLearned notLearned) {
                return new Outcome.NotPredicted(
                        "Fold %d of %d was not learned: %s".formatted(fold + 1, folds, notLearned.reason()));
            }
            float[][] rows = ((Learned.Predicted) learned).probabilities();
            if (rows.length != predict.length) {
                throw new IllegalStateException("Fold %d has probabilities of %d samples instead of %d"
                        .formatted(fold + 1, rows.length, predict.length));
            }
            boolean[] seen = new boolean[samples.classes()];
            for (int i : train) {
                seen[samples.labels()[i]] = true;
            }
            for (int i = 0; i < predict.length; i++) {
                probabilities[predict[i]] = rows[i];
                judged[predict[i]] = seen[samples.labels()[predict[i]]];
            }
        }
        return predicted(samples, probabilities, judged, folds);
    }

    /**
     * What a model is fitted to, and what tells it when to stop.
     *
     * @param learn indices of samples, ascending
     * @param stop indices of samples, ascending; the same where nothing is set aside
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Fitting(int[] learn, int[] stop) {}

    /** Sets a sixth of the drives of some samples aside; none where there is but one drive. */
    public static Fitting setAside(DriveSamples samples, int[] train, String salt) {
        int[] drives = Arrays.stream(train)
                .map(i -> samples.driveOf()[i])
                .distinct()
                .sorted()
                .toArray();
        if (drives.length < 2) {
            return new Fitting(train, train);
        }
        int[] foldOf = DriveFolds.of(
                Arrays.stream(drives).mapToObj(samples.drives()::get).toList(),
                Arrays.stream(train).map(i -> samples.labels()[i]).toArray(),
                Arrays.stream(train)
                        .map(i -> Arrays.binarySearch(drives, samples.driveOf()[i]))
                        .toArray(),
                Math.min(PARTS, drives.length),
                salt + "/stop");
        IntPredicate stops = i -> foldOf[Arrays.binarySearch(drives, samples.driveOf()[i])] == 0;
        return new Fitting(
                Arrays.stream(train).filter(stops.negate()).toArray(),
                Arrays.stream(train).filter(stops).toArray());
    }

    /** Fold of each sample, from 0: that of its drive. */
    static int[] foldOf(DriveSamples samples, int folds, String salt) {
        int[] ofDrive = DriveFolds.of(samples.drives(), samples.labels(), samples.driveOf(), folds, salt);
        return Arrays.stream(samples.driveOf()).map(drive -> ofDrive[drive]).toArray();
    }

    private static Outcome predicted(DriveSamples samples, float[][] probabilities, boolean[] judged, int folds) {
        int[] kept = IntStream.range(0, judged.length).filter(i -> judged[i]).toArray();
        int[] labels = Arrays.stream(kept).map(i -> samples.labels()[i]).toArray();
        int[] driveOf = Arrays.stream(kept).map(i -> samples.driveOf()[i]).toArray();
        float[][] rows = Arrays.stream(kept).mapToObj(i -> probabilities[i]).toArray(float[][]::new);
        return new Outcome.Predicted(kept, NoisyLabels.of(labels, rows, samples.classes()), driveOf, folds);
    }
}
