package io.drivetrain.trainer.improve;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How much a sample of each class counts in the loss. */
public sealed interface ClassWeights {
    /** Every sample counts the same. */
    record None() implements ClassWeights {}

    /** Inverse frequency: every class counts the same in total. */
    record Balanced() implements ClassWeights {}

    /**
     * Inverse effective number of samples, {@code (1 − β) / (1 − β^n)} (Cui et al., 2019): between the other two, as
     * another sample of a frequent class adds little that is new.
     *
     * @param beta from 0 (none) to below 1 (balanced)
     */
    record EffectiveNumber(double beta) implements ClassWeights {
        public EffectiveNumber {
            if (!(beta >= 0 && beta < 1)) {
                throw new IllegalArgumentException(
                        "balance.beta is %s; it must be at least 0 and below 1".formatted(beta));
            }
        }
    }

    /**
     * Reads {@code improve.class-weights}.
     *
     * @param beta {@code balance.beta}, for effective numbers
     */
    static ClassWeights parse(String text, double beta) {
        return switch (text) {
            case "none" -> new None();
            case "balanced" -> new Balanced();
            case "effective-number" -> new EffectiveNumber(beta);
            default ->
                throw new IllegalArgumentException("Unknown improve.class-weights '%s'; it must be one of %s"
                        .formatted(text, List.of("none", "balanced", "effective-number")));
        };
    }

    /**
     * Weight of each class, scaled so that the mean over all samples is 1 and the learning rate keeps its meaning. A class
     * without samples gets 1, which nothing reads.
     *
     * @param counts samples of each class
     * @return empty if all count the same
     */
    default Optional<float[]> of(long[] counts) {
        if (this instanceof None) {
            return Optional.empty();
        }
        double[] raw = Arrays.stream(counts).mapToDouble(this::inverse).toArray();
        double total = 0;
        long samples = 0;
        for (int i = 0; i < counts.length; i++) {
            total += raw[i] * counts[i];
            samples += counts[i];
        }
        float[] weights = new float[counts.length];
        for (int i = 0; i < counts.length; i++) {
            weights[i] = counts[i] == 0 ? 1 : (float) (raw[i] * samples / total);
        }
        return Optional.of(weights);
    }

    private double inverse(long count) {
        if (count == 0) {
            return 0;
        }
        if (this instanceof EffectiveNumber effective) {
            return (1 - effective.beta()) / (1 - Math.pow(effective.beta(), count));
        }
        return 1.0 / count;
    }
}
