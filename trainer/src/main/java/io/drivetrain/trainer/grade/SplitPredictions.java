package io.drivetrain.trainer.grade;

import java.util.Arrays;

/**
 * What a model said about one split, in the split's canonical order.
 *
 * @param labels given class index of each sample
 * @param predicted class index that the model gave, as many
 * @param driveOf drive of each sample, from 0 to {@code drives − 1}, in the order of the drives' ids
 * @param drives number of drives
 */
// Arrays, because there may be millions of samples, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record SplitPredictions(int[] labels, int[] predicted, int[] driveOf, int drives) {
    public SplitPredictions {
        if (labels.length != predicted.length || labels.length != driveOf.length) {
            throw new IllegalArgumentException("%d labels, %d predictions, %d drives of samples; they must be as many"
                    .formatted(labels.length, predicted.length, driveOf.length));
        }
    }

    /** Counts samples and errors by drive; a drive without samples is left out. */
    public SplitErrors errors() {
        long[] samples = new long[drives];
        long[] errors = new long[drives];
        for (int i = 0; i < labels.length; i++) {
            samples[driveOf[i]]++;
            if (labels[i] != predicted[i]) {
                errors[driveOf[i]]++;
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
