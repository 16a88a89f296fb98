package io.drivetrain.trainer.grade;

import java.util.Arrays;

/**
 * Samples and errors of one split, counted by drive: all that error rates and their intervals depend on.
 *
 * @param samples by drive, each at least one
 * @param errors by drive, from 0 to the drive's samples
 */
// Arrays, because there is one for each split of millions of samples, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record SplitErrors(long[] samples, long[] errors) {
    public SplitErrors {
        if (samples.length != errors.length) {
            throw new IllegalArgumentException(
                    "%d drives with samples but %d with errors".formatted(samples.length, errors.length));
        }
        for (int drive = 0; drive < samples.length; drive++) {
            if (samples[drive] < 1 || errors[drive] < 0 || errors[drive] > samples[drive]) {
                throw new IllegalArgumentException(
                        "Drive %d has %d errors in %d samples".formatted(drive, errors[drive], samples[drive]));
            }
        }
    }

    public int drives() {
        return samples.length;
    }

    public long sampleCount() {
        return Arrays.stream(samples).sum();
    }

    public long errorCount() {
        return Arrays.stream(errors).sum();
    }

    public boolean isEmpty() {
        return samples.length == 0;
    }

    /** Errors over samples, 0..1; not a number for an empty split. */
    public double rate() {
        return errorCount() / (double) sampleCount();
    }

    int drivesWithErrors() {
        return (int) Arrays.stream(errors).filter(e -> e > 0).count();
    }

    /** Independent samples that say as much, where two of a drive agree with this correlation beyond chance (Kish 1965). */
    double worth(double correlation) {
        double pairs = Arrays.stream(samples).mapToDouble(n -> n * (n - 1.0)).sum();
        double all = sampleCount();
        return all * all / (all + correlation * pairs);
    }
}
