package io.drivetrain.schemas;

import java.util.Locale;

/** What an {@link Alert} is about; records carry the label, because older readers meet newer kinds. */
public enum AlertKind {
    /** Measurements of TARGET drives have moved away from the training set. */
    COVARIATE_SHIFT,
    /** Classes come in other shares than expected. */
    CLASS_IMBALANCE,
    /** A class has stopped coming. */
    CLASS_STARVATION,
    /** A split has filled windows and still lacks the minimum of a class. */
    CLASS_SHORTAGE,
    /** The labels of one source are refused or corrected more often than those of the others. */
    LABEL_SOURCE;

    /** As records carry it: {@code class-imbalance}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
