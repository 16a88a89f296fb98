package io.drivetrain.trainer.grade.slice;

import io.drivetrain.trainer.grade.SplitErrors;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Samples and errors of a part of a split, by drive.
 *
 * @param samples by drive of the split; 0 where the drive has none in the part
 * @param errors by drive of the split
 */
// Arrays, because there is one for each slice, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
record SliceCounts(long[] samples, long[] errors) {
    /** Of the samples that are members. */
    static SliceCounts of(GradedSplit split, boolean[] members, boolean[] wrong) {
        long[] samples = new long[split.drives().size()];
        long[] errors = new long[samples.length];
        for (int i = 0; i < members.length; i++) {
            if (members[i]) {
                samples[split.driveOf()[i]]++;
                errors[split.driveOf()[i]] += wrong[i] ? 1 : 0;
            }
        }
        return new SliceCounts(samples, errors);
    }

    /** Of all samples. */
    static SliceCounts all(GradedSplit split, boolean[] wrong) {
        boolean[] every = new boolean[split.size()];
        Arrays.fill(every, true);
        return of(split, every, wrong);
    }

    /** What remains without a part of this. */
    SliceCounts without(SliceCounts part) {
        long[] otherSamples = new long[samples.length];
        long[] otherErrors = new long[samples.length];
        Arrays.setAll(otherSamples, d -> samples[d] - part.samples[d]);
        Arrays.setAll(otherErrors, d -> errors[d] - part.errors[d]);
        return new SliceCounts(otherSamples, otherErrors);
    }

    /** Only these drives, in this order. */
    SliceCounts keep(int[] drives) {
        return new SliceCounts(
                Arrays.stream(drives).mapToLong(d -> samples[d]).toArray(),
                Arrays.stream(drives).mapToLong(d -> errors[d]).toArray());
    }

    long sampleCount() {
        return Arrays.stream(samples).sum();
    }

    long errorCount() {
        return Arrays.stream(errors).sum();
    }

    /** Drives with a sample in it. */
    int drives() {
        return (int) Arrays.stream(samples).filter(n -> n > 0).count();
    }

    int drivesWithErrors() {
        return (int) Arrays.stream(errors).filter(e -> e > 0).count();
    }

    /** 0..1; NaN without samples. */
    double rate() {
        return errorCount() / (double) sampleCount();
    }

    /** Without the drives that have no sample in it. */
    SplitErrors asSplitErrors() {
        int[] kept =
                IntStream.range(0, samples.length).filter(d -> samples[d] > 0).toArray();
        return new SplitErrors(
                Arrays.stream(kept).mapToLong(d -> samples[d]).toArray(),
                Arrays.stream(kept).mapToLong(d -> errors[d]).toArray());
    }

    long resampledSamples(int[] times) {
        return dot(samples, times);
    }

    long resampledErrors(int[] times) {
        return dot(errors, times);
    }

    private static long dot(long[] counts, int[] times) {
        long sum = 0;
        for (int d = 0; d < times.length; d++) {
            sum += counts[d] * times[d];
        }
        return sum;
    }
}
