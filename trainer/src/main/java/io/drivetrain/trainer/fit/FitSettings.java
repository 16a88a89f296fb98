package io.drivetrain.trainer.fit;

/**
 * How to fit.
 *
 * @param maxEpochs upper bound on passes over the training samples, 1 or more
 * @param patience epochs without a better train-dev result after which fitting stops, 1 or more
 * @param batchSize samples of one weight update, 1 or more
 * @param seed of the order of the samples in every epoch
 * @param threads of the native operations, 0 for every core; part of the result
 */
public record FitSettings(int maxEpochs, int patience, int batchSize, long seed, int threads) {
    public FitSettings {
        requireAtLeast(1, "training.max-epochs", maxEpochs);
        requireAtLeast(1, "training.patience", patience);
        requireAtLeast(1, "training.batch-size", batchSize);
        requireAtLeast(0, "training.threads", threads);
    }

    private static void requireAtLeast(int least, String key, int value) {
        if (value < least) {
            throw new IllegalArgumentException("%s is %d; it must be at least %d".formatted(key, value, least));
        }
    }
}
