package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;

/**
 * The loss of one batch while it is learnt by heart, and the symptom that its shape is.
 *
 * @param losses in nats, at equal distances, the first before any update
 * @param guessing loss of equal probabilities, the logarithm of the number of classes
 */
record LossCurve(double[] losses, double guessing) {
    /** Of the loss to start from; below, the batch counts as learnt. */
    private static final double LEARNT = 0.5;

    /** Of the loss of guessing; whoever begins there, as a trained network does, has nothing to learn. */
    private static final double KNOWN = 0.05;

    private static final double RISES = 1.1;
    /** Times the loss of guessing; a network that learns by heart does not pass there. */
    private static final double BLOWN_UP = 5;
    /** The same for one that came back and learnt. */
    private static final double BLOWN_UP_AND_BACK = 10;

    private static final double FALLS = 0.2;

    /** How a batch that should be learnt by heart is not. */
    enum Symptom {
        NONE,
        RISES,
        EXPLODES,
        OSCILLATES,
        PLATEAUS
    }

    double first() {
        return losses[0];
    }

    double last() {
        return losses[losses.length - 1];
    }

    double highest() {
        return Arrays.stream(losses).max().orElse(0);
    }

    boolean finite() {
        return Arrays.stream(losses).allMatch(Double::isFinite);
    }

    /** Of the first loss and that of guessing the smaller: to come down to guessing is not to learn. */
    private double start() {
        return Math.min(first(), guessing);
    }

    /** Share of the loss of guessing, or of a smaller first loss, that is gone at the end; negative if none is. */
    double fall() {
        return finite() ? 1 - last() / start() : Double.NEGATIVE_INFINITY;
    }

    boolean learnt() {
        return finite() && last() <= Math.max(LEARNT * start(), KNOWN * guessing);
    }

    /** Whether the loss was far above that of guessing on its way. */
    boolean blewUp() {
        return !finite() || highest() > (learnt() ? BLOWN_UP_AND_BACK : BLOWN_UP) * guessing + first();
    }

    Symptom symptom() {
        if (blewUp()) {
            return rising() && finite() && last() > first() ? Symptom.RISES : Symptom.EXPLODES;
        }
        if (learnt()) {
            return Symptom.NONE;
        }
        if (last() > RISES * first() && rising()) {
            return Symptom.RISES;
        }
        if (wandering() > 4 * Math.max(Math.abs(first() - last()), 0.1 * first())) {
            return Symptom.OSCILLATES;
        }
        return fall() >= FALLS ? Symptom.NONE : Symptom.PLATEAUS;
    }

    /** Whether most steps go up. */
    private boolean rising() {
        int up = 0;
        for (int i = 1; i < losses.length; i++) {
            up += losses[i] > losses[i - 1] ? 1 : 0;
        }
        return up > 0.7 * (losses.length - 1);
    }

    /** Length of the way up and down. */
    private double wandering() {
        double sum = 0;
        for (int i = 1; i < losses.length; i++) {
            sum += Math.abs(losses[i] - losses[i - 1]);
        }
        return sum;
    }

    /** First, highest and last loss, for evidence. */
    String told() {
        return String.format(
                java.util.Locale.ROOT, "%.3f at first, %.3g at most, %.3g at last", first(), highest(), last());
    }
}
