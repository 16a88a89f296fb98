package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Errors of two models on the same samples, counted by drive: all that a paired comparison depends on.
 *
 * @param samples by drive, each at least one
 * @param onlyCandidate by drive, samples that only the candidate has wrong
 * @param onlyOther by drive, samples that only the other model has wrong
 */
// Arrays, because there may be a hundred thousand drives, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record PairedErrors(long[] samples, long[] onlyCandidate, long[] onlyOther) {
    public PairedErrors {
        if (samples.length != onlyCandidate.length || samples.length != onlyOther.length) {
            throw new IllegalArgumentException("%d drives with samples, %d and %d with errors; they must be as many"
                    .formatted(samples.length, onlyCandidate.length, onlyOther.length));
        }
        for (int drive = 0; drive < samples.length; drive++) {
            if (samples[drive] < 1
                    || onlyCandidate[drive] < 0
                    || onlyOther[drive] < 0
                    || onlyCandidate[drive] + onlyOther[drive] > samples[drive]) {
                throw new IllegalArgumentException("Drive %d has %d and %d differing errors in %d samples"
                        .formatted(drive, onlyCandidate[drive], onlyOther[drive], samples[drive]));
            }
        }
    }

    /**
     * Counts.
     *
     * @param labels given class index of each sample
     * @param candidate class index that the candidate gave
     * @param other class index that the other model gave
     * @param driveOf drive of each sample, from 0 to {@code drives − 1}
     * @param which the samples that count; a drive without such samples is left out
     */
    public static PairedErrors count(
            int[] labels, int[] candidate, int[] other, int[] driveOf, int drives, IntPredicate which) {
        long[] samples = new long[drives];
        long[] onlyCandidate = new long[drives];
        long[] onlyOther = new long[drives];
        for (int i = 0; i < labels.length; i++) {
            if (which.test(i)) {
                samples[driveOf[i]]++;
                boolean candidateErrs = candidate[i] != labels[i];
                boolean otherErrs = other[i] != labels[i];
                onlyCandidate[driveOf[i]] += candidateErrs && !otherErrs ? 1 : 0;
                onlyOther[driveOf[i]] += otherErrs && !candidateErrs ? 1 : 0;
            }
        }
        int kept = 0;
        for (int drive = 0; drive < drives; drive++) {
            if (samples[drive] > 0) {
                samples[kept] = samples[drive];
                onlyCandidate[kept] = onlyCandidate[drive];
                onlyOther[kept++] = onlyOther[drive];
            }
        }
        return new PairedErrors(
                Arrays.copyOf(samples, kept), Arrays.copyOf(onlyCandidate, kept), Arrays.copyOf(onlyOther, kept));
    }

    public int drives() {
        return samples.length;
    }

    public long sampleCount() {
        return Arrays.stream(samples).sum();
    }

    public boolean isEmpty() {
        return samples.length == 0;
    }

    public long onlyCandidateCount() {
        return Arrays.stream(onlyCandidate).sum();
    }

    public long onlyOtherCount() {
        return Arrays.stream(onlyOther).sum();
    }

    /** Error rate of the candidate minus that of the other, −1..1; not a number where there is no sample. */
    public double difference() {
        return (onlyCandidateCount() - onlyOtherCount()) / (double) sampleCount();
    }

    /** Drives in which one model has more errors than the other: the only ones that speak for either. */
    public int differingDrives() {
        int differing = 0;
        for (int drive = 0; drive < samples.length; drive++) {
            differing += onlyCandidate[drive] == onlyOther[drive] ? 0 : 1;
        }
        return differing;
    }

    double[][] statistics() {
        double[][] byDrive = new double[samples.length][];
        for (int drive = 0; drive < samples.length; drive++) {
            byDrive[drive] = new double[] {samples[drive], onlyCandidate[drive] - onlyOther[drive]};
        }
        return byDrive;
    }
}
