package io.drivetrain.trainer.grade;

import org.hipparchus.distribution.continuous.BetaDistribution;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * The classical intervals of one proportion, for independent samples (Brown, Cai and DasGupta 2001, <i>Interval Estimation
 * for a Binomial Proportion</i>). Without samples every proportion is possible, and intervals are 0..1.
 *
 * @param successes 0 to {@code samples}
 * @param samples 0 or more
 */
public record Proportion(long successes, long samples) {
    public Proportion {
        if (successes < 0 || successes > samples) {
            throw new IllegalArgumentException("%d of %d samples is no proportion".formatted(successes, samples));
        }
    }

    /** 0..1; not a number without samples. */
    public double value() {
        return successes / (double) samples;
    }

    /** Estimate ± normal quantile × standard error: too narrow near 0 and 1, where it collapses. */
    public Interval wald(double alpha) {
        return samples == 0 ? everything() : around(value(), samples, alpha).clippedTo(0, 1);
    }

    /** Wald's with about two successes and two failures added (Agresti and Coull 1998). */
    public Interval agrestiCoull(double alpha) {
        double z = quantile(alpha);
        double enlarged = samples + z * z;
        return around((successes + z * z / 2) / enlarged, enlarged, alpha).clippedTo(0, 1);
    }

    /** The proportions that the score test does not reject (Wilson 1927). */
    public Interval wilson(double alpha) {
        return wilson(alpha, 0);
    }

    /** Wilson's with a correction for continuity (Newcombe 1998). */
    public Interval wilsonCorrected(double alpha) {
        return wilson(alpha, 1);
    }

    private Interval wilson(double alpha, int correction) {
        if (samples == 0) {
            return everything();
        }
        double z = quantile(alpha);
        double p = value();
        double middle = 2 * successes + z * z;
        double scale = 2 * (samples + z * z);
        double square = z * z + 4 * successes * (1 - p) - correction / (double) samples;
        double low = (middle - correction - z * Math.sqrt(square + correction * (4 * p - 2))) / scale;
        double high = (middle + correction + z * Math.sqrt(square - correction * (4 * p - 2))) / scale;
        return new Interval(successes == 0 ? 0 : Math.max(0, low), successes == samples ? 1 : Math.min(1, high));
    }

    /** The proportions that neither exact one-sided test rejects (Clopper and Pearson 1934): never too narrow. */
    public Interval clopperPearson(double alpha) {
        return new Interval(
                successes == 0 ? 0 : beta(successes, samples - successes + 1.0, alpha / 2),
                successes == samples ? 1 : beta(successes + 1.0, samples - successes, 1 - alpha / 2));
    }

    /** Equal tails of the posterior after the prior Beta(½, ½). */
    public Interval jeffreys(double alpha) {
        return new Interval(
                beta(successes + 0.5, samples - successes + 0.5, alpha / 2),
                beta(successes + 0.5, samples - successes + 0.5, 1 - alpha / 2));
    }

    private static Interval everything() {
        return new Interval(0, 1);
    }

    private static Interval around(double centre, double samples, double alpha) {
        double half = quantile(alpha) * Math.sqrt(centre * (1 - centre) / samples);
        return new Interval(centre - half, centre + half);
    }

    static double quantile(double alpha) {
        return new NormalDistribution().inverseCumulativeProbability(1 - alpha / 2);
    }

    private static double beta(double a, double b, double probability) {
        return new BetaDistribution(a, b, 1e-13).inverseCumulativeProbability(probability);
    }
}
