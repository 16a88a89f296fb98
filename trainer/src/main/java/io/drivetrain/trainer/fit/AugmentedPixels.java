package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.improve.augment.Augmentations;

/** Augmentation on the way into a batch. */
final class AugmentedPixels {
    /** Keeps these draws apart from the others of the same seed, which {@link FitRun} numbers. */
    private static final int STREAM = 4;

    /** More would only take cores from the device when it computes on the same ones. */
    private static final int MOST_PREPARERS = 4;

    private AugmentedPixels() {}

    /** The changes of one epoch. */
    static PixelTransform of(Augmentations augmentations, SampleStore store, long seed, int epoch) {
        if (augmentations.isEmpty()) {
            return PixelTransform.NONE;
        }
        return (chw, sample, position) -> {
            byte[] changed = augmentations.apply(
                    chw, store.channels(), store.height(), store.width(), seed, STREAM, epoch, sample, position);
            System.arraycopy(changed, 0, chw, 0, chw.length);
        };
    }

    /** Threads that prepare batches: reading and normalising alone is fast enough on one. */
    static int preparers(Augmentations augmentations) {
        return augmentations.isEmpty()
                ? 1
                : Math.min(MOST_PREPARERS, Runtime.getRuntime().availableProcessors());
    }
}
