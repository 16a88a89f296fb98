package io.drivetrain.trainer.improve.ladder;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import java.util.function.Function;

/** A term of the decomposition, and the ladder that is climbed against it. */
enum Cause {
    BIAS("bias", "underfitting", "avoidable bias", Decomposition::getBias),
    VARIANCE("variance", "overfitting", "variance", Decomposition::getVariance),
    SHIFT("shift", "shift", "distribution shift", Decomposition::getShift),
    VALIDATION_OVERFITTING(
            "validationOverfitting",
            "validation-overfitting",
            "validation overfitting",
            Decomposition::getValidationOverfitting);

    private final String term;
    private final String ladder;
    private final String title;
    private final Function<Decomposition, Estimate> estimate;

    Cause(String term, String ladder, String title, Function<Decomposition, Estimate> estimate) {
        this.term = term;
        this.ladder = ladder;
        this.title = title;
        this.estimate = estimate;
    }

    /** As {@code distinguishable} and {@code dominant} of a report name it. */
    String term() {
        return term;
    }

    String ladder() {
        return ladder;
    }

    String title() {
        return title;
    }

    Estimate of(Decomposition decomposition) {
        return estimate.apply(decomposition);
    }
}
