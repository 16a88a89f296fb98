package io.drivetrain.trainer.fit;

/** Hears how a fit goes on, on the thread that fits. */
@FunctionalInterface
public interface ProgressListener {
    /** Hears of every epoch. */
    void onEpoch(EpochProgress progress);

    /** Hears of batches within an epoch, at most once a second. */
    default void onBatch(BatchProgress progress) {}

    /**
     * Hears, before anything else, that an interrupted fit goes on from its checkpoint.
     *
     * @param epochs that are complete
     * @param batches of the next epoch that are done
     */
    default void onResume(int epochs, int batches) {}
}
