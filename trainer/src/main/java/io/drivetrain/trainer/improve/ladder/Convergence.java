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

        /** By {@code training.max-epochs}, while the loss fell. */
        CUT_SHORT,

        /** By {@code training.patience}, since train-dev got no better, while the loss fell. */
        STOPPED_FOR_TRAIN_DEV,

        /** The report does not tell. */
        UNKNOWN
    }

    /** A lower gain than this share of the loss is not worth as many epochs again. */
    private static final double WORTH_DOUBLING = 0.1;

    private static final int FEWEST = 3;
    private static final int FEWEST_TO_TEST = 4;
    private static final double LEAST_LOSS = 1e-9;

    /**
     * Judges.
     *
     * @param epochs in their order
     * @param maxEpochs most that were allowed, 0 if that is not known
     */
    public static Convergence of(List<EpochResult> epochs, double maxEpochs) {
        int count = epochs.size();
        if (count == 0 || epochs.stream().anyMatch(epoch -> !Double.isFinite(epoch.getTrainLoss()))) {
            return new Convergence(State.UNKNOWN, "");
        }
        State ifFalling = maxEpochs > 0 && count >= maxEpochs ? State.CUT_SHORT : State.STOPPED_FOR_TRAIN_DEV;
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
                                "%s, and at this pace twice as many would lower it by another %.0f %%",
                                losses,
                                100 * fallOfTwice))
                : new Convergence(State.SETTLED, losses);
    }

    private static double criticalT(int points) {
        return new TDistribution(points - 2.0).inverseCumulativeProbability(0.95);
    }
}
