package io.drivetrain.trainer.fit;

import java.util.List;

/** How a fit ended. */
public sealed interface FitOutcome {
    /**
     * A model with the weights of its best epoch.
     *
     * @param history every epoch, those before an interruption included
     */
    record Fitted(FittedModel model, List<EpochProgress> history) implements FitOutcome {
        public Fitted {
            history = List.copyOf(history);
        }
    }

    /**
     * The loss left the finite numbers.
     *
     * @param epoch from 1
     * @param iteration batch within the epoch, from 1
     * @param reason a sentence that also says what to do
     */
    record Diverged(int epoch, int iteration, String reason) implements FitOutcome {}

    /** The samples cannot be fitted, or not from where the fit should begin; {@code reason} says why and what to do. */
    record Unfit(String reason) implements FitOutcome {}
}
