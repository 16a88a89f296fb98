package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.improve.ClassWeights;
import io.drivetrain.trainer.improve.Resampling;
import io.drivetrain.trainer.improve.augment.Augmentations;

/**
 * How to fit.
 *
 * @param maxEpochs upper bound on passes over the training samples, 1 or more
 * @param patience epochs without a better train-dev result after which fitting stops, 1 or more
 * @param batchSize samples of one weight update, 1 or more
 * @param seed of the order of the samples in every epoch, of augmentation and of dropout
 * @param threads of the native operations, 0 for every core; part of the result
 * @param augmentations of every training sample in every epoch; train-dev is never changed
 * @param classWeights in the loss that the weights are fitted to, and in the choice of the best epoch; reported errors
 *     count every sample the same
 * @param resampling of the training samples in every epoch; if balanced, so is the choice of the best epoch
 * @param schedule of the learning rate
 * @param freeze layers with weights, counted from the input, that keep those of the warm start, 0 or more
 */
public record FitSettings(
        int maxEpochs,
        int patience,
        int batchSize,
        long seed,
        int threads,
        Augmentations augmentations,
        ClassWeights classWeights,
        Resampling resampling,
        LearningRateSchedule schedule,
        int freeze) {
    public FitSettings {
        requireAtLeast(1, "training.max-epochs", maxEpochs);
        requireAtLeast(1, "training.patience", patience);
        requireAtLeast(1, "training.batch-size", batchSize);
        requireAtLeast(0, "training.threads", threads);
        requireAtLeast(0, "improve.freeze", freeze);
        if (schedule.warmUpEpochs() >= maxEpochs && schedule.warmUpEpochs() > 0) {
            throw new IllegalArgumentException(
                    "improve.warm-up is %d epochs and training.max-epochs %d; the warm-up must be shorter than the training"
                            .formatted(schedule.warmUpEpochs(), maxEpochs));
        }
        if (resampling == Resampling.BALANCED && !(classWeights instanceof ClassWeights.None)) {
            throw new IllegalArgumentException(
                    "improve.resample is balanced and improve.class-weights is set too, which would favour rare classes twice; set one of them to none");
        }
    }

    /** The plain recipe: every sample once in each epoch, as it is, at a constant learning rate. */
    public FitSettings(int maxEpochs, int patience, int batchSize, long seed, int threads) {
        this(
                maxEpochs,
                patience,
                batchSize,
                seed,
                threads,
                Augmentations.NONE,
                new ClassWeights.None(),
                Resampling.NONE,
                LearningRateSchedule.CONSTANT,
                0);
    }

    public FitSettings with(Augmentations changed) {
        return new FitSettings(
                maxEpochs, patience, batchSize, seed, threads, changed, classWeights, resampling, schedule, freeze);
    }

    public FitSettings with(ClassWeights changed) {
        return new FitSettings(
                maxEpochs, patience, batchSize, seed, threads, augmentations, changed, resampling, schedule, freeze);
    }

    public FitSettings with(Resampling changed) {
        return new FitSettings(
                maxEpochs, patience, batchSize, seed, threads, augmentations, classWeights, changed, schedule, freeze);
    }

    public FitSettings with(LearningRateSchedule changed) {
        return new FitSettings(
                maxEpochs,
                patience,
                batchSize,
                seed,
                threads,
                augmentations,
                classWeights,
                resampling,
                changed,
                freeze);
    }

    public FitSettings withFreeze(int layers) {
        return new FitSettings(
                maxEpochs,
                patience,
                batchSize,
                seed,
                threads,
                augmentations,
                classWeights,
                resampling,
                schedule,
                layers);
    }

    private static void requireAtLeast(int least, String key, int value) {
        if (value < least) {
            throw new IllegalArgumentException("%s is %d; it must be at least %d".formatted(key, value, least));
        }
    }
}
