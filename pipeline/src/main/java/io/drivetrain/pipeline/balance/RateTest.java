package io.drivetrain.pipeline.balance;

import org.hipparchus.special.Beta;
import org.hipparchus.special.Gamma;

/** Exact one-sided tests of whether one rate is higher than another. */
public final class RateTest {
    private static final double NEGLIGIBLE = 1e-17;

    private RateTest() {}

    /**
     * Fisher's exact test: the chance of at least this many hits among the first, given all hits, if both have the same
     * rate.
     *
     * @param hits 0..samples
     * @param otherHits 0..otherSamples
     */
    public static double fisher(long hits, long samples, long otherHits, long otherSamples) {
        if (hits < 0 || hits > samples || otherHits < 0 || otherHits > otherSamples) {
            throw new IllegalArgumentException("No test of %d of %d against %d of %d; hits are 0..samples"
                    .formatted(hits, samples, otherHits, otherSamples));
        }
        long all = hits + otherHits;
        long most = Math.min(all, samples);
        if (hits <= Math.max(0, all - otherSamples)) {
            return 1;
        }
        double term = Math.exp(
                logChoose(samples, hits) + logChoose(otherSamples, otherHits) - logChoose(samples + otherSamples, all));
        boolean upper = (double) hits * (samples + otherSamples) >= (double) samples * all;
        if (!upper) {
            // Below the mean the lower tail is short and the upper one is not.
            double lower = 0;
            double below = term;
            for (long x = hits; x > Math.max(0, all - otherSamples) && below > NEGLIGIBLE; x--) {
                below *= (double) x * (otherSamples - all + x) / ((double) (samples - x + 1) * (all - x + 1));
                lower += below;
            }
            return Math.min(1, Math.max(0, 1 - lower));
        }
        double sum = term;
        for (long x = hits; x < most && term > sum * NEGLIGIBLE; x++) {
            term *= (double) (samples - x) * (all - x) / ((double) (x + 1) * (otherSamples - all + x + 1));
            sum += term;
        }
        return Math.min(1, sum);
    }

    /**
     * The conditional test of two Poisson rates (Przyborowski and Wilenski 1940): the chance of at least this many of
     * all events, if they fall in proportion to the exposures.
     *
     * @param exposure above 0
     * @param otherExposure above 0
     */
    public static double poisson(long events, double exposure, long otherEvents, double otherExposure) {
        if (events < 0 || otherEvents < 0 || !(exposure > 0 && otherExposure > 0)) {
            throw new IllegalArgumentException("No test of %d events in %s against %d in %s; exposures are above 0"
                    .formatted(events, exposure, otherEvents, otherExposure));
        }
        return events == 0 ? 1 : Beta.regularizedBeta(exposure / (exposure + otherExposure), events, otherEvents + 1.0);
    }

    private static double logChoose(long n, long k) {
        return Gamma.logGamma(n + 1.0) - Gamma.logGamma(k + 1.0) - Gamma.logGamma(n - k + 1.0);
    }
}
