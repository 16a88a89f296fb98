package io.drivetrain.pipeline.balance;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The effective number of samples of a class and the weights that follow from it (Cui et al. 2019, "Class-Balanced Loss
 * Based on Effective Number of Samples", CVPR, equations 2 and 12).
 *
 * <p>A sample more adds the less, the more there are: near-copies cover the same volume. With beta 0 every class counts
 * as one sample; towards 1 the effective number tends to the number.
 */
public final class EffectiveNumber {
    private EffectiveNumber() {}

    /**
     * Returns (1 - beta^n) / (1 - beta).
     *
     * @param samples 0 or more
     * @param beta at least 0 and below 1
     */
    public static double of(long samples, double beta) {
        if (samples < 0 || !(beta >= 0 && beta < 1)) {
            throw new IllegalArgumentException(
                    "No effective number of %d samples with beta %s; samples are 0 or more, beta is 0..1, below 1"
                            .formatted(samples, beta));
        }
        if (beta == 0) {
            return samples == 0 ? 0 : 1;
        }
        // expm1 and log1p keep the digits that 1 - beta^n loses for beta close to 1.
        return -Math.expm1(samples * Math.log1p(-(1 - beta))) / (1 - beta);
    }

    /** Returns 1 / effective number by class, scaled to mean 1; classes without samples have no weight. */
    public static Map<String, Double> weights(Map<String, Long> samples, double beta) {
        return weights(samples, count -> of(count, beta));
    }

    /** Returns 1 / samples by class, scaled to mean 1; classes without samples have no weight. */
    public static Map<String, Double> inverseFrequencyWeights(Map<String, Long> samples) {
        return weights(samples, count -> count);
    }

    private static Map<String, Double> weights(Map<String, Long> samples, ToDoubleFunction<Long> size) {
        Map<String, Double> weights = new LinkedHashMap<>();
        samples.forEach((label, count) -> {
            if (count > 0) {
                weights.put(label, 1 / size.applyAsDouble(count));
            }
        });
        double mean = weights.values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(1);
        weights.replaceAll((label, weight) -> weight / mean);
        return weights;
    }
}
