package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What earlier runs tried, and what came of it. */
final class Attempts {
    private final List<TrainingReport> history;

    Attempts(List<TrainingReport> history) {
        this.history = history;
    }

    /**
     * Why a step is not worth trying again, as a sentence: the newest run that tried it did not lower the term beyond
     * chance.
     */
    Optional<String> failed(String step, Cause cause) {
        for (int i = history.size() - 1; i >= 0; i--) {
            Changes changes = history.get(i).getChanges();
            if (changes == null || !changes.getStep().equals(step)) {
                continue;
            }
            Estimate outcome = changes.getOutcome().get(cause.term());
            if (outcome == null) {
                continue;
            }
            boolean lowered = outcome.getHigh() != null ? outcome.getHigh() < 0 : outcome.getValue() < 0;
            return lowered
                    ? Optional.empty()
                    : Optional.of(String.format(
                            Locale.ROOT,
                            "%s was tried by %s and changed %s by %+.1f points%s",
                            step,
                            history.get(i).getModelId(),
                            cause.title(),
                            100 * outcome.getValue(),
                            outcome.getLow() == null
                                    ? ""
                                    : String.format(
                                            Locale.ROOT,
                                            " (%+.1f to %+.1f)",
                                            100 * outcome.getLow(),
                                            100 * outcome.getHigh())));
        }
        return Optional.empty();
    }
}
