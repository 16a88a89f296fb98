package io.drivetrain.trainer.grade;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.analysis.solvers.BrentSolver;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.hipparchus.distribution.discrete.HypergeometricDistribution;

/**
 * The classical tests and intervals for the difference of two proportions, first minus second, of independent samples. A
 * p-value is 1 where the samples cannot differ.
 *
 * @param first with at least one sample
 * @param second with at least one sample
 */
public record TwoProportions(Proportion first, Proportion second) {
    /** Tables whose probability is above that seen by less than this, relatively, count as equal to it. */
    private static final double SAME = 1e-7;

    /** Values of the unknown common proportion that the unconditional tests try. */
    private static final int TRIED = 2_000;

    private static final NormalDistribution NORMAL = new NormalDistribution();

    public TwoProportions {
        if (first.samples() < 1 || second.samples() < 1) {
            throw new IllegalArgumentException("%d and %d samples; a comparison needs at least one of each"
                    .formatted(first.samples(), second.samples()));
        }
    }

    /** −1..1. */
    public double difference() {
        return first.value() - second.value();
    }

    /** Difference over its standard error, both taken as of one proportion; not a number where that is 0 or 1. */
    public double pooledZ() {
        double pooled = pooled();
        return difference() / Math.sqrt(pooled * (1 - pooled) * (1.0 / first.samples() + 1.0 / second.samples()));
    }

    public double pooledPValue() {
        return twoSided(pooledZ());
    }

    /** Difference over its standard error, each with its own proportion; not a number where that error is 0. */
    public double unpooledZ() {
        double error = unpooledError();
        return error == 0 ? Double.NaN : difference() / error;
    }

    public double unpooledPValue() {
        return twoSided(unpooledZ());
    }

    /** Pearson's, of the table of four cells; not a number where a margin is empty. */
    public double chiSquared() {
        return chiSquared(0);
    }

    public double chiSquaredPValue() {
        return upperTail(chiSquared());
    }

    /** With Yates' correction for continuity, which takes at most what there is. */
    public double correctedChiSquared() {
        return chiSquared(0.5);
    }

    public double correctedPValue() {
        return upperTail(correctedChiSquared());
    }

    private double chiSquared(double correction) {
        double pooled = pooled();
        double expected = first.samples() * pooled;
        double distance = Math.abs(first.successes() - expected);
        double corrected = Math.pow(distance - Math.min(correction, distance), 2);
        double chiSquared = 0;
        for (Proportion each : new Proportion[] {first, second}) {
            chiSquared += corrected / (each.samples() * pooled) + corrected / (each.samples() * (1 - pooled));
        }
        return pooled == 0 || pooled == 1 ? Double.NaN : chiSquared;
    }

    /** Fisher's exact test: tables of the same margins that are as improbable as that seen, or more. */
    public double fisherPValue() {
        HypergeometricDistribution tables = tables();
        double seen = tables.probability((int) first.successes());
        double sum = 0;
        for (int k = tables.getSupportLowerBound(); k <= tables.getSupportUpperBound(); k++) {
            double probability = tables.probability(k);
            sum += probability <= seen * (1 + SAME) ? probability : 0;
        }
        return Math.min(1, sum);
    }

    /** Fisher's exact test against the first proportion being the smaller. */
    public double fisherLessPValue() {
        return tables().cumulativeProbability((int) first.successes());
    }

    private HypergeometricDistribution tables() {
        return new HypergeometricDistribution(
                (int) (first.samples() + second.samples()), (int) (first.successes() + second.successes()), (int)
                        first.samples());
    }

    /** Barnard's unconditional exact test with the pooled z (1947); takes time with the product of both sizes. */
    public double barnardPValue() {
        double seen = Math.abs(pooledZ());
        return Double.isNaN(seen)
                ? 1
                : unconditional((a, b) -> {
                    double z = Math.abs(new TwoProportions(a, b).pooledZ());
                    return z >= seen * (1 - SAME);
                });
    }

    /** Boschloo's (1970): unconditional and exact, with twice the smaller of Fisher's one-sided p-values. */
    public double boschlooPValue() {
        return Math.min(1, 2 * Math.min(boschlooOneSided(), new TwoProportions(second, first).boschlooOneSided()));
    }

    private double boschlooOneSided() {
        double seen = fisherLessPValue();
        return unconditional((a, b) -> new TwoProportions(a, b).fisherLessPValue() <= seen * (1 + SAME));
    }

    private interface Extreme {
        boolean test(Proportion first, Proportion second);
    }

    /** The highest probability of an extreme table over all common proportions. */
    private double unconditional(Extreme extreme) {
        int rows = (int) first.samples() + 1;
        int columns = (int) second.samples() + 1;
        boolean[][] counts = new boolean[rows][columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                counts[i][j] = extreme.test(new Proportion(i, rows - 1), new Proportion(j, columns - 1));
            }
        }
        double highest = 0;
        for (int step = 1; step < TRIED; step++) {
            double common = step / (double) TRIED;
            BinomialDistribution ofFirst = new BinomialDistribution(rows - 1, common);
            BinomialDistribution ofSecond = new BinomialDistribution(columns - 1, common);
            double[] second = new double[columns];
            for (int j = 0; j < columns; j++) {
                second[j] = ofSecond.probability(j);
            }
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                double row = 0;
                for (int j = 0; j < columns; j++) {
                    row += counts[i][j] ? second[j] : 0;
                }
                sum += ofFirst.probability(i) * row;
            }
            highest = Math.max(highest, sum);
        }
        return Math.min(1, highest);
    }

    /** Difference ± normal quantile × standard error: too narrow near 0 and 1, where it collapses. */
    public Interval wald(double alpha) {
        double half = Proportion.quantile(alpha) * unpooledError();
        return new Interval(difference() - half, difference() + half);
    }

    /** Wald's with a success and a failure added to each (Agresti and Caffo 2000). */
    public Interval agrestiCaffo(double alpha) {
        return new TwoProportions(
                        new Proportion(first.successes() + 1, first.samples() + 2),
                        new Proportion(second.successes() + 1, second.samples() + 2))
                .wald(alpha);
    }

    /** From Wilson's interval of each (Newcombe 1998, method 10). */
    public Interval newcombe(double alpha) {
        Interval one = first.wilson(alpha);
        Interval other = second.wilson(alpha);
        return new Interval(
                difference() - Math.hypot(first.value() - one.low(), other.high() - second.value()),
                difference() + Math.hypot(one.high() - first.value(), second.value() - other.low()));
    }

    /** The differences that the score test does not reject (Miettinen and Nurminen 1985). */
    public Interval score(double alpha) {
        double z = Proportion.quantile(alpha);
        DoubleUnaryOperator beyond = difference -> Math.abs(scoreZ(difference)) - z;
        return new Interval(root(beyond, -1, difference()), root(beyond, 1, difference()));
    }

    /** Where the test begins to reject on the way from the difference seen to an end; the end where it never does. */
    private static double root(DoubleUnaryOperator beyond, double end, double seen) {
        double almost = end * (1 - 1e-9);
        if (Math.abs(seen - end) < 1e-9 || beyond.applyAsDouble(almost) <= 0) {
            return end;
        }
        return new BrentSolver(1e-12)
                .solve(1_000, beyond::applyAsDouble, Math.min(almost, seen), Math.max(almost, seen));
    }

    /** Distance of the difference seen from one supposed, over the error under that supposition. */
    private double scoreZ(double supposed) {
        double all = first.samples() + second.samples();
        double p = likeliestSecond(supposed);
        double variance = (p + supposed) * (1 - p - supposed) / first.samples() + p * (1 - p) / second.samples();
        double distance = difference() - supposed;
        return distance == 0 ? 0 : distance / Math.sqrt(Math.max(0, variance) * all / (all - 1));
    }

    /** The second proportion of the highest likelihood, with the first larger by what is supposed: a cubic's root. */
    private double likeliestSecond(double supposed) {
        double n1 = first.samples();
        double n2 = second.samples();
        double k2 = second.successes();
        double all = n1 + n2;
        double successes = first.successes() + k2;
        double square = (n1 + 2 * n2) * supposed - all - successes;
        double linear = (n2 * supposed - all - 2 * k2) * supposed + successes;
        double constant = k2 * supposed * (1 - supposed);
        double q = Math.pow(square / (3 * all), 3) - square * linear / (6 * all * all) + constant / (2 * all);
        double p = Math.copySign(Math.sqrt(Math.max(0, Math.pow(square / (3 * all), 2) - linear / (3 * all))), q);
        double cosine = p == 0 ? 0 : Math.max(-1, Math.min(1, q / (p * p * p)));
        double root = 2 * p * Math.cos((Math.PI + Math.acos(cosine)) / 3) - square / (3 * all);
        return Math.max(Math.max(0, -supposed), Math.min(Math.min(1, 1 - supposed), root));
    }

    /** Percentiles of resamples in which every sample is its own drive: what is left of a cluster bootstrap without clusters. */
    public Interval bootstrap(int replicates, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] one = resampled(first, replicates, random);
        double[] other = resampled(second, replicates, random);
        for (int i = 0; i < replicates; i++) {
            one[i] -= other[i];
        }
        return DriveResamples.percentiles(one);
    }

    private static double[] resampled(Proportion proportion, int replicates, SplittableRandom random) {
        double[][] bySample = new double[(int) proportion.samples()][];
        for (int i = 0; i < bySample.length; i++) {
            bySample[i] = new double[] {i < proportion.successes() ? 1 : 0};
        }
        double[][] sums = DriveResamples.sums(bySample, replicates, random);
        double[] values = new double[replicates];
        for (int i = 0; i < replicates; i++) {
            values[i] = sums[i][0] / proportion.samples();
        }
        return values;
    }

    private double pooled() {
        return (first.successes() + second.successes()) / (double) (first.samples() + second.samples());
    }

    private double unpooledError() {
        return Math.sqrt(first.value() * (1 - first.value()) / first.samples()
                + second.value() * (1 - second.value()) / second.samples());
    }

    private static double twoSided(double z) {
        return Double.isNaN(z) ? 1 : 2 * NORMAL.cumulativeProbability(-Math.abs(z));
    }

    private static double upperTail(double chiSquared) {
        return Double.isNaN(chiSquared) ? 1 : 1 - new ChiSquaredDistribution(1).cumulativeProbability(chiSquared);
    }
}
