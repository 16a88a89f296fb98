package io.drivetrain.trainer.fit;

/** How a fit ended. */
public sealed interface FitOutcome {
    /** A model with the weights of its best epoch. */
    record Fitted(FittedModel model) implements FitOutcome {}

    /**
     * The loss left the finite numbers.
     *
     * @param epoch from 1
     * @param iteration batch within the epoch, from 1
     * @param reason a sentence that also says what to do
     */
    record Diverged(int epoch, int iteration, String reason) implements FitOutcome {}

    /** The samples cannot be fitted; {@code reason} says why and what to do. */
    record Unfit(String reason) implements FitOutcome {}
}
