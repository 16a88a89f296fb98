package io.drivetrain.trainer.fit;

/** Hears of every epoch, on the thread that fits. */
@FunctionalInterface
public interface ProgressListener {
    void onEpoch(EpochProgress progress);
}
