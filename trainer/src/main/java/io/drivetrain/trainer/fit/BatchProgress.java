package io.drivetrain.trainer.fit;

/**
 * State within an epoch.
 *
 * @param stage what is being done
 * @param epoch from 1
 * @param maxEpochs upper bound; early stopping may end before it
 * @param batch batches that are done in this stage of the epoch, from 1
 * @param batches that this stage of the epoch has
 * @param trainLoss mean cross-entropy (nats) over the epoch's batches so far, each before its own update
 * @param imagesPerSecond training throughput of this epoch so far, without the evaluation
 * @param secondsRemainingAtMost if every epoch up to {@code maxEpochs} is run as fast as so far
 */
public record BatchProgress(
        Stage stage,
        int epoch,
        int maxEpochs,
        int batch,
        int batches,
        double trainLoss,
        double imagesPerSecond,
        double secondsRemainingAtMost) {
    /** What an epoch consists of, in this order. */
    public enum Stage {
        /** Weights are being updated. */
        FITTING,
        /** The weights are being judged on train-dev and on a subsample of train. */
        EVALUATING
    }
}
