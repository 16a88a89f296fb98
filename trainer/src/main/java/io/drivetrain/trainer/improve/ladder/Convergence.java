package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.EpochResult;
import java.util.List;
import java.util.Locale;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.regression.SimpleRegression;

/**
 * Whether training had anything left to learn when it ended, which comes before every conclusion from its train error: a
 * model that was not trained to the end looks as one does that is too small.
 *
 * <p>The loss of the last half of the epochs, at least three if there are as many, is taken to fall as a power of their
 * number. It still falls where twice the epochs would lower it by a tenth or more, and, with the four epochs that it takes
 * to tell, the fall is beyond the scatter of the epochs (one-sided t-test, 5 %).
 *
 * @param evidence part of a sentence; empty if the state is {@link State#UNKNOWN}
 */
public record Convergence(State state, String evidence) {
    /** How a training ended. */
    public enum State {
        /** The loss hardly fell any more. */
        SETTLED,

        /** By {@code training.max-epochs}, while the loss fell and patience with train-dev was left. */
        CUT_SHORT,

        /** By {@code training.patience}, since train-dev got no better, while the loss fell. */
        STOPPED_FOR_TRAIN_DEV,

        /** By either: with more of one alone, the other would end training at once or a few epochs later. */
        AT_BOTH_LIMITS,

        /** The report does not tell. */
        UNKNOWN
    }

    /** A lower gain than this share of the loss is not worth as many epochs again. */
    private static final double WORTH_DOUBLING = 0.1;

    private static final int FEWEST = 3;
    private static final int FEWEST_TO_TEST = 4;
    private static final double LEAST_LOSS = 1e-9;

    /** Patience of which no more than this share, or one epoch, is left is all but spent. */
    private static final double ALL_BUT_SPENT = 0.25;

    /**
     * What ends a training.
     *
     * @param maxEpochs most that are allowed, 0 if that is not known
     * @param patience epochs without a better train-dev result after which it stops, 0 if that is not known
     */
    public record Limits(double maxEpochs, double patience) {}

    /**
     * Judges.
     *
     * @param epochs in their order
     * @param bestEpoch the best on train-dev, 0 if that is not known
     */
    public static Convergence of(List<EpochResult> epochs, int bestEpoch, Limits limits) {
        int count = epochs.size();
        if (count == 0 || epochs.stream().anyMatch(epoch -> !Double.isFinite(epoch.getTrainLoss()))) {
            return new Convergence(State.UNKNOWN, "");
        }
        State ifFalling = ended(count, bestEpoch, limits);
        if (count == 1) {
            return new Convergence(ifFalling, "one epoch is too short to tell what the model can learn");
        }
        int looked = Math.min(count, Math.max(FEWEST, count / 2));
        SimpleRegression regression = new SimpleRegression();
        for (int epoch = count - looked + 1; epoch <= count; epoch++) {
            regression.addData(
                    Math.log(epoch),
                    Math.log(Math.max(LEAST_LOSS, epochs.get(epoch - 1).getTrainLoss())));
        }
        double fallOfTwice = 1 - Math.pow(2, regression.getSlope());
        boolean falls = fallOfTwice >= WORTH_DOUBLING
                && (looked < FEWEST_TO_TEST
                        || regression.getSlope() < -criticalT(looked) * regression.getSlopeStdErr());
        String losses = String.format(
                Locale.ROOT,
                "its loss went from %.3g to %.3g in the last %d of %d epochs",
                epochs.get(count - looked).getTrainLoss(),
                epochs.get(count - 1).getTrainLoss(),
                looked,
                count);
        return falls
                ? new Convergence(
                        ifFalling,
                        String.format(
                                Locale.ROOT,
                                "%s, and at this pace twice as many would lower it by another %.0f %%%s",
                                losses,
                                100 * fallOfTwice,
                                ifFalling == State.AT_BOTH_LIMITS
                                        ? ", but train-dev was best in epoch %d".formatted(bestEpoch)
                                        : ""))
                : new Convergence(State.SETTLED, losses);
    }

    private static State ended(int count, int bestEpoch, Limits limits) {
        boolean byLimit = limits.maxEpochs > 0 && count >= limits.maxEpochs;
        if (bestEpoch <= 0 || limits.patience <= 0) {
            return byLimit ? State.CUT_SHORT : State.STOPPED_FOR_TRAIN_DEV;
        }
        double left = limits.patience - (count - bestEpoch);
        boolean spent = count > bestEpoch && left <= Math.max(1, ALL_BUT_SPENT * limits.patience);
        if (byLimit && !spent) {
            return State.CUT_SHORT;
        }
        // Twice the patience is worth it only where the limit of epochs leaves most of it.
        boolean room = limits.maxEpochs <= 0 || limits.maxEpochs - count > Math.max(1, ALL_BUT_SPENT * limits.patience);
        return room ? State.STOPPED_FOR_TRAIN_DEV : State.AT_BOTH_LIMITS;
    }

    private static double criticalT(int points) {
        return new TDistribution(points - 2.0).inverseCumulativeProbability(0.95);
    }
}
