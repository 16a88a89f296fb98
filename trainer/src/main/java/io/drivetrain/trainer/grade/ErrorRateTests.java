package io.drivetrain.trainer.grade;

import java.util.Arrays;
import java.util.Comparator;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.hipparchus.distribution.discrete.BinomialDistribution;

/**
 * The classical tests and intervals of error rates. All take samples as independent, which frames of one drive are not:
 * use {@link ClusterBootstrap} and {@link PairedBootstrap} to decide, and these where samples are independent or to report
 * beside them.
 */
public final class ErrorRateTests {
    private ErrorRateTests() {}

    /**
     * McNemar's test of two models on the same samples (McNemar 1947; mid-p as in Fagerland, Lydersen and Laake 2013).
     *
     * @param first samples that only the first model has wrong
     * @param second samples that only the second model has wrong
     */
    public record McNemar(long first, long second) {
        public McNemar {
            if (first < 0 || second < 0 || first + second > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "%d and %d differing samples; each must be 0 or more, both together below 2^31"
                                .formatted(first, second));
            }
        }

        static McNemar of(PairedErrors errors) {
            return new McNemar(errors.onlyCandidateCount(), errors.onlyOtherCount());
        }

        /** Two-sided, from the binomial distribution; 1 where no sample differs. */
        public double exactPValue() {
            return Math.min(1, 2 * binomial().cumulativeProbability((int) Math.min(first, second)));
        }

        /** Two-sided, less conservative than the exact one: half of the probability of what was seen counts. */
        public double midPValue() {
            BinomialDistribution binomial = binomial();
            int less = (int) Math.min(first, second);
            return 2 * (binomial.cumulativeProbability(less) - 0.5 * binomial.probability(less));
        }

        /** Chi-squared with one degree of freedom, no correction; not a number where no sample differs. */
        public double chiSquared() {
            return Math.pow(first - second, 2) / (first + second);
        }

        public double chiSquaredPValue() {
            return upperTail(chiSquared());
        }

        /**
         * With Edwards' correction for continuity (1948), (|b − c| − 1)² / (b + c), also where b = c; not a number where no
         * sample differs.
         */
        public double correctedChiSquared() {
            return first + second == 0 ? Double.NaN : Math.pow(Math.abs(first - second) - 1, 2) / (first + second);
        }

        public double correctedPValue() {
            return upperTail(correctedChiSquared());
        }

        private BinomialDistribution binomial() {
            return new BinomialDistribution((int) (first + second), 0.5);
        }
    }

    /**
     * P-values after Holm's correction (1979): the chance that any of them is below a level, where nothing differs, is at
     * most that level.
     *
     * @return in the order given, each at most 1
     */
    public static double[] holm(double[] pValues) {
        Integer[] ascending = new Integer[pValues.length];
        Arrays.setAll(ascending, i -> i);
        Arrays.sort(ascending, Comparator.comparingDouble(i -> pValues[i]));
        double[] corrected = new double[pValues.length];
        double highest = 0;
        for (int rank = 0; rank < ascending.length; rank++) {
            highest = Math.max(highest, Math.min(1, (pValues.length - rank) * pValues[ascending[rank]]));
            corrected[ascending[rank]] = highest;
        }
        return corrected;
    }

    private static double upperTail(double chiSquared) {
        return Double.isNaN(chiSquared) ? 1 : 1 - new ChiSquaredDistribution(1).cumulativeProbability(chiSquared);
    }
}
