package io.drivetrain.trainer.grade;

import io.drivetrain.trainer.grade.SplitStatistics.Sums;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A measure of how bad a model is, lower being better, that the test error can be decomposed by. Each is a function of sums
 * over drives, so that all are computed from the same resamples.
 *
 * <p>The irreducible error is given for the error rate alone. {@link #BALANCED_ERROR} and {@link #MACRO_F1_ERROR} take the
 * same value, as someone has who errs as often in every class; {@link #LOG_LOSS} takes 0, that of someone who is right and
 * sure of it, so that its bias holds all that is above a perfect loss.
 */
public enum Metric {
    /** Share of samples misclassified, 0..1. */
    ERROR_RATE("error-rate") {
        @Override
        double of(Sums sums) {
            return sums.errorRate();
        }
    },

    /** One minus balanced accuracy, 0..1: every class that occurs counts as much as any other. */
    BALANCED_ERROR("balanced-error") {
        @Override
        double of(Sums sums) {
            return sums.balancedError();
        }
    },

    /** One minus the mean F1 of the classes that are given or predicted, 0..1. */
    MACRO_F1_ERROR("macro-f1-error") {
        @Override
        double of(Sums sums) {
            return sums.macroF1Error();
        }
    },

    /** Mean of minus the logarithm of the probability of the given class, nats. */
    LOG_LOSS("log-loss") {
        @Override
        double of(Sums sums) {
            return sums.logLoss();
        }
    };

    private final String label;

    Metric(String label) {
        this.label = label;
    }

    abstract double of(Sums sums);

    /** The name in configuration and reports. */
    public String label() {
        return label;
    }

    /** The metric of that name. */
    public static Metric named(String label) {
        return Arrays.stream(values())
                .filter(metric -> metric.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Unknown metric '%s'; accepted are %s"
                        .formatted(
                                label,
                                Arrays.stream(values()).map(Metric::label).collect(Collectors.joining(", ")))));
    }

    boolean needsProbabilities() {
        return this == LOG_LOSS;
    }

    /** Whether it is an average over classes, which two splits share only as far as both have samples of them. */
    boolean averagesClasses() {
        return switch (this) {
            case BALANCED_ERROR, MACRO_F1_ERROR -> true;
            case ERROR_RATE, LOG_LOSS -> false;
        };
    }

    double irreducible(double errorRate) {
        return switch (this) {
            case ERROR_RATE, BALANCED_ERROR, MACRO_F1_ERROR -> errorRate;
            case LOG_LOSS -> 0;
        };
    }

    /** The highest value there is. */
    double highest() {
        return switch (this) {
            case ERROR_RATE, BALANCED_ERROR, MACRO_F1_ERROR -> 1;
            case LOG_LOSS -> Double.POSITIVE_INFINITY;
        };
    }
}
