package io.drivetrain.schemas;

import java.util.Locale;

/** The names of the splits as people and files write them. */
public final class Splits {
    private Splits() {}

    /** Returns {@code train}, {@code train-dev}, {@code test-dev} or {@code test}. */
    public static String label(Split split) {
        return split.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the split of that name.
     *
     * @throws IllegalArgumentException if no split has that name
     */
    public static Split parse(String label) {
        for (Split split : Split.values()) {
            if (label(split).equals(label)) {
                return split;
            }
        }
        throw new IllegalArgumentException(
                "Unknown split '%s'; it is one of train, train-dev, test-dev, test".formatted(label));
    }

    /** Returns the domain whose drives this split holds. */
    public static Domain domain(Split split) {
        return switch (split) {
            case TRAIN, TRAIN_DEV -> Domain.SOURCE;
            case TEST_DEV, TEST -> Domain.TARGET;
        };
    }
}
