package io.drivetrain.trainer.improve;

import java.util.List;

/**
 * Samples by their drives and classes, for experiments that train on some of them.
 *
 * @param drives ids, each different
 * @param labels class of each sample, from 0 to {@code classes − 1}
 * @param driveOf drive of each sample, as an index into {@code drives}
 * @param classes number of classes
 */
// Arrays, because there may be millions of samples, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
public record DriveSamples(List<String> drives, int[] labels, int[] driveOf, int classes) {
    public DriveSamples {
        drives = List.copyOf(drives);
        if (labels.length != driveOf.length) {
            throw new IllegalArgumentException("%d labels and drives of %d samples; they must be as many"
                    .formatted(labels.length, driveOf.length));
        }
    }

    public int size() {
        return labels.length;
    }
}
