package io.drivetrain.trainer.fit;

/**
 * State after one epoch.
 *
 * @param epoch from 1
 * @param maxEpochs upper bound; early stopping may end before it
 * @param trainLoss mean cross-entropy (nats) over the epoch's batches, each before its own update
 * @param trainError share of wrong predictions, 0 to 1, in evaluation mode, on a fixed subsample of the training set
 * @param trainDevLoss mean cross-entropy (nats) on train-dev, in evaluation mode
 * @param trainDevError share of wrong predictions on train-dev, 0 to 1, in evaluation mode
 * @param imagesPerSecond training throughput of this epoch, without the evaluation
 * @param secondsElapsed since the fit began
 * @param secondsRemainingAtMost if every epoch up to {@code maxEpochs} is run
 * @param best whether this is the best epoch so far: lowest train-dev error, then lowest train-dev loss, both with the
 *     weights that the training gives to the classes
 */
public record EpochProgress(
        int epoch,
        int maxEpochs,
        double trainLoss,
        double trainError,
        double trainDevLoss,
        double trainDevError,
        double imagesPerSecond,
        double secondsElapsed,
        double secondsRemainingAtMost,
        boolean best) {}
