package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What a model said about one split, in the split's canonical order.
 *
 * @param labels given class index of each sample
 * @param predicted class index that the model gave, as many
 * @param driveOf drive of each sample, from 0 to {@code drives − 1}, in the order of the drives' ids
 * @param drives number of drives
 * @param probabilities samples × classes, 0..1; null for a rule that gives classes alone
 */
// Arrays, because there may be millions of samples, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record SplitPredictions(int[] labels, int[] predicted, int[] driveOf, int drives, float[][] probabilities) {
    public SplitPredictions {
        if (labels.length != predicted.length || labels.length != driveOf.length) {
            throw new IllegalArgumentException("%d labels, %d predictions, %d drives of samples; they must be as many"
                    .formatted(labels.length, predicted.length, driveOf.length));
        }
        if (probabilities != null && probabilities.length != labels.length) {
            throw new IllegalArgumentException(
                    "%d labels but probabilities of %d samples".formatted(labels.length, probabilities.length));
        }
    }

    /** What a rule said that gives classes alone. */
    public SplitPredictions(int[] labels, int[] predicted, int[] driveOf, int drives) {
        this(labels, predicted, driveOf, drives, null);
    }

    /** The samples of these given classes alone; drives keep their indices. */
    SplitPredictions ofClasses(boolean[] kept) {
        int[] samples =
                IntStream.range(0, labels.length).filter(i -> kept[labels[i]]).toArray();
        return new SplitPredictions(
                IntStream.of(samples).map(i -> labels[i]).toArray(),
                IntStream.of(samples).map(i -> predicted[i]).toArray(),
                IntStream.of(samples).map(i -> driveOf[i]).toArray(),
                drives,
                probabilities == null
                        ? null
                        : IntStream.of(samples).mapToObj(i -> probabilities[i]).toArray(float[][]::new));
    }

    /** Counts samples and errors by drive; a drive without samples is left out. */
    public SplitErrors errors() {
        return errors(i -> true);
    }

    /** Counts samples of one given class, and errors among them, by drive; a drive without such samples is left out. */
    SplitErrors errorsOfClass(int index) {
        return errors(i -> labels[i] == index);
    }

    /** The same of the samples that were taken for a class. */
    SplitErrors errorsOfPredicted(int index) {
        return errors(i -> predicted[i] == index);
    }

    /** The same of the samples that are of a class or were taken for it. */
    SplitErrors errorsAround(int index) {
        return errors(i -> labels[i] == index || predicted[i] == index);
    }

    private SplitErrors errors(IntPredicate which) {
        long[] samples = new long[drives];
        long[] errors = new long[drives];
        for (int i = 0; i < labels.length; i++) {
            if (which.test(i)) {
                samples[driveOf[i]]++;
                errors[driveOf[i]] += labels[i] == predicted[i] ? 0 : 1;
            }
        }
        int kept = 0;
        for (int drive = 0; drive < drives; drive++) {
            if (samples[drive] > 0) {
                samples[kept] = samples[drive];
                errors[kept++] = errors[drive];
            }
        }
        return new SplitErrors(Arrays.copyOf(samples, kept), Arrays.copyOf(errors, kept));
    }

    /** Counts by given class (rows) and predicted class (columns). */
    public long[][] confusion(int classes) {
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]][predicted[i]]++;
        }
        return counts;
    }
}
