package io.drivetrain.trainer.grade;

import io.drivetrain.schemas.Split;
import java.util.Optional;

/** The terms of the decomposition that have a cause: each the difference of two error rates, with its remedy. */
public enum Term {
    BIAS(
            "bias",
            "Avoidable bias",
            Split.TRAIN,
            null,
            "try a bigger network, then less regularisation, then look at the errors on train one by one"),
    VARIANCE(
            "variance",
            "Variance",
            Split.TRAIN_DEV,
            Split.TRAIN,
            "add SOURCE drives, then normalisation and augmentation, then dropout or weight decay"),
    SHIFT(
            "shift",
            "Distribution shift",
            Split.TEST_DEV,
            Split.TRAIN_DEV,
            "look at the test-dev errors and collect such drives for train, or else synthesise them, then try domain"
                    + " adaptation"),
    VALIDATION_OVERFITTING(
            "validationOverfitting",
            "Validation overfitting",
            Split.TEST,
            Split.TEST_DEV,
            "resample validation: deal fresh TARGET drives to test-dev");

    private final String label;
    private final String title;
    private final Split upper;
    private final Split lower;
    private final String remedy;

    Term(String label, String title, Split upper, Split lower, String remedy) {
        this.label = label;
        this.title = title;
        this.upper = upper;
        this.lower = lower;
        this.remedy = remedy;
    }

    /** The name in reports, as the fields of the record {@code Decomposition} are called. */
    public String label() {
        return label;
    }

    /** The name in sentences. */
    public String title() {
        return title;
    }

    /** The split whose error rate is reduced by that of {@link #lower()}. */
    public Split upper() {
        return upper;
    }

    /** The split that is subtracted; empty for the bias, from which the irreducible error is. */
    public Optional<Split> lower() {
        return Optional.ofNullable(lower);
    }

    /** What to do about it first, second and third, after the field guide's ladders. */
    public String remedy() {
        return remedy;
    }
}
