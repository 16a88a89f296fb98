package io.drivetrain.trainer.fit;

import java.util.List;

/**
 * How the learning rate goes over a training, as a factor of {@code training.learning-rate} for every weight update.
 *
 * @param warmUpEpochs in which the factor first rises in a straight line from a tenth to 1, 0 or more
 */
public record LearningRateSchedule(Shape shape, int warmUpEpochs) {
    /** The same learning rate from the first update to the last. */
    public static final LearningRateSchedule CONSTANT = new LearningRateSchedule(Shape.CONSTANT, 0);

    private static final double WARM_UP_FROM = 0.1;

    /** After the warm-up. */
    public enum Shape {
        /** 1 throughout. */
        CONSTANT,
        /** Half a cosine from 1 to 0 (Loshchilov and Hutter, 2017). */
        COSINE,
        /** A tenth from half of the updates on, a hundredth from three quarters on (He et al., 2016). */
        STEP,
        /**
         * By half cosines up from 1/25 to 1 in the first 30 % of the updates, then down to 1/250,000 (Smith and Topin,
         * 2019). It is its own warm-up.
         */
        ONE_CYCLE
    }

    public LearningRateSchedule {
        if (warmUpEpochs < 0) {
            throw new IllegalArgumentException(
                    "improve.warm-up is %d epochs; it must be 0 or more".formatted(warmUpEpochs));
        }
        if (shape == Shape.ONE_CYCLE && warmUpEpochs > 0) {
            throw new IllegalArgumentException(
                    "improve.warm-up is %d with improve.schedule one-cycle, which begins with a warm-up of its own; set it to 0"
                            .formatted(warmUpEpochs));
        }
    }

    /** Reads {@code improve.schedule} and {@code improve.warm-up}. */
    public static LearningRateSchedule parse(String schedule, int warmUpEpochs) {
        Shape shape = switch (schedule) {
            case "constant" -> Shape.CONSTANT;
            case "cosine" -> Shape.COSINE;
            case "step" -> Shape.STEP;
            case "one-cycle" -> Shape.ONE_CYCLE;
            default ->
                throw new IllegalArgumentException("Unknown improve.schedule '%s'; it must be one of %s"
                        .formatted(schedule, List.of("constant", "cosine", "step", "one-cycle")));
        };
        return new LearningRateSchedule(shape, warmUpEpochs);
    }

    /**
     * Factor of one weight update.
     *
     * @param update from 0
     * @param updatesPerEpoch 1 or more
     * @param epochs upper bound of the training, more than those of the warm-up; early stopping does not compress the
     *     schedule
     */
    public double factor(long update, long updatesPerEpoch, int epochs) {
        long warmUp = warmUpEpochs * updatesPerEpoch;
        if (update < warmUp) {
            return WARM_UP_FROM + (1 - WARM_UP_FROM) * update / warmUp;
        }
        double progress = (double) (update - warmUp) / (updatesPerEpoch * epochs - warmUp);
        return switch (shape) {
            case CONSTANT -> 1;
            case COSINE -> between(1, 0, progress);
            case STEP -> progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01;
            case ONE_CYCLE ->
                progress < OneCycle.RISE
                        ? between(OneCycle.FIRST, 1, progress / OneCycle.RISE)
                        : between(1, OneCycle.LAST, (progress - OneCycle.RISE) / (1 - OneCycle.RISE));
        };
    }

    private static double between(double from, double to, double progress) {
        return to + (from - to) * (1 + Math.cos(Math.PI * progress)) / 2;
    }

    private static final class OneCycle {
        static final double RISE = 0.3;
        static final double FIRST = 1.0 / 25;
        static final double LAST = FIRST / 10_000;
    }
}
