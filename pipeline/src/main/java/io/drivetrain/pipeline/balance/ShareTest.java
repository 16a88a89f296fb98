package io.drivetrain.pipeline.balance;

import io.drivetrain.schemas.BalanceMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.hipparchus.special.Beta;

/**
 * Whether classes come in the shares of a reference: Pearson's chi-squared and the likelihood-ratio G of counts of
 * independent samples, with effect sizes.
 *
 * <p>The p-value is Pearson's, which holds its level with smaller counts than G (Koehler and Larntz 1980). Where a class
 * is expected fewer than {@value #SMALL} times, chi-squared does not hold, and the p-value is found by simulation with a
 * fixed seed, exactly but for the number of draws (Hope 1968); draws end early where the outcome is clear (Besag and
 * Clifford 1991). Where that would take too long, rare classes are counted as one.
 */
public final class ShareTest {
    /** Smallest expected count for which chi-squared holds (Cochran 1954). */
    static final double SMALL = 5;

    private static final int DRAWS = 9_999;
    private static final int ENOUGH_EXCEEDANCES = 25;
    private static final int MOST_SIMULATED = 2_000;
    private static final long SEED = 0x5EED_BA1AL;
    private static final double ROUNDING = 1e-9;

    private ShareTest() {}

    /**
     * The outcome.
     *
     * @param pooled positions of the classes that were counted as one; empty if none
     * @param pValue 0..1; 1 where nothing can be compared
     * @param cohensW effect size against the shares of the reference: √Σ (p - q)² / q
     * @param unbiasedW cohensW less what chance alone adds, (classes - 1) / samples under the root
     * @param cramersV 0..1
     */
    public record Result(
            BalanceMethod method,
            List<Integer> pooled,
            double gStatistic,
            double chiSquared,
            int degreesOfFreedom,
            double pValue,
            double cohensW,
            double unbiasedW,
            double cramersV) {}

    /**
     * Compares counts with given shares (goodness of fit).
     *
     * @param counts of independent samples by class; need not be whole
     * @param shares above 0, summing to 1
     * @param clusters drives behind the counts less one, which the spread of their design effect is worth; infinite for
     *     samples that are independent by themselves
     */
    public static Result against(double[] counts, double[] shares, double clusters) {
        double total = sum(counts);
        double w = cohensW(scaled(counts, 1 / total), shares);
        double v = w / Math.sqrt(Math.max(1, counts.length - 1));
        return result(new double[][] {counts}, new double[][] {scaled(shares, total)}, clusters, w, v);
    }

    /** How {@link #against} would find the p-value, without the work. */
    static BalanceMethod methodAgainst(double[] counts, double[] shares) {
        double total = sum(counts);
        return method(total, new double[][] {scaled(shares, total)});
    }

    /**
     * Compares counts with those of a reference that was sampled, too (homogeneity).
     *
     * @param counts of independent samples by class; need not be whole
     * @param reference likewise
     * @param clusters as in {@link #against}
     */
    public static Result between(double[] counts, double[] reference, double clusters) {
        double referenceTotal = sum(reference);
        double[] smoothed = new double[counts.length];
        for (int i = 0; i < counts.length; i++) {
            // A class new to the reference would have an infinite effect.
            smoothed[i] = (reference[i] + 0.5) / (referenceTotal + 0.5 * counts.length);
        }
        double w = cohensW(scaled(counts, 1 / sum(counts)), smoothed);
        return result(new double[][] {counts, reference}, expected(counts, reference), clusters, w, Double.NaN);
    }

    /** How {@link #between} would find the p-value, without the work. */
    static BalanceMethod methodBetween(double[] counts, double[] reference) {
        return method(sum(counts), expected(counts, reference));
    }

    private static double[][] expected(double[] counts, double[] reference) {
        double total = sum(counts);
        double referenceTotal = sum(reference);
        double both = total + referenceTotal;
        double[][] expected = new double[2][counts.length];
        for (int i = 0; i < counts.length; i++) {
            expected[0][i] = (counts[i] + reference[i]) * total / both;
            expected[1][i] = (counts[i] + reference[i]) * referenceTotal / both;
        }
        return expected;
    }

    private static BalanceMethod method(double samples, double[][] expected) {
        if (seen(expected) < 2 || samples == 0) {
            return BalanceMethod.NONE;
        }
        if (smallest(expected) >= SMALL) {
            return BalanceMethod.ASYMPTOTIC;
        }
        return samples <= MOST_SIMULATED ? BalanceMethod.MONTE_CARLO : BalanceMethod.POOLED;
    }

    /** Classes that are expected at all. */
    private static int seen(double[][] expected) {
        int seen = 0;
        for (int i = 0; i < expected[0].length; i++) {
            seen += total(expected, i) > 0 ? 1 : 0;
        }
        return seen;
    }

    private static Result result(double[][] counts, double[][] expected, double clusters, double w, double v) {
        double g = g(counts, expected);
        double chiSquared = chiSquared(counts, expected);
        double all = Arrays.stream(counts).mapToDouble(ShareTest::sum).sum();
        double cramersV = Double.isNaN(v) ? all == 0 ? 0 : Math.sqrt(chiSquared / all) : v;
        double samples = sum(counts[0]);
        int freedom = seen(expected) - 1;
        double unbiased = Math.sqrt(Math.max(0, w * w - freedom / samples));
        return switch (method(samples, expected)) {
            case NONE -> new Result(BalanceMethod.NONE, List.of(), 0, 0, 0, 1, w, 0, cramersV);
            case ASYMPTOTIC -> {
                double p = upperTail(chiSquared, freedom, clusters);
                yield new Result(BalanceMethod.ASYMPTOTIC, List.of(), g, chiSquared, freedom, p, w, unbiased, cramersV);
            }
            case MONTE_CARLO -> {
                double p = counts.length == 1 ? simulated(counts[0], expected[0]) : shuffled(counts[0], counts[1]);
                yield new Result(
                        BalanceMethod.MONTE_CARLO, List.of(), g, chiSquared, freedom, p, w, unbiased, cramersV);
            }
            case POOLED -> pooled(counts, expected, clusters, w, unbiased, cramersV);
        };
    }

    private static Result pooled(
            double[][] counts, double[][] expected, double clusters, double w, double unbiased, double cramersV) {
        List<Integer> pooled = rare(expected);
        double[][] fewer = merged(counts, pooled);
        double[][] fewerExpected = merged(expected, pooled);
        int freedomLeft = fewer[0].length - 1;
        double statistic = chiSquared(fewer, fewerExpected);
        double p = freedomLeft < 1 ? 1 : upperTail(statistic, freedomLeft, clusters);
        return new Result(
                BalanceMethod.POOLED,
                pooled,
                g(fewer, fewerExpected),
                statistic,
                freedomLeft,
                p,
                w,
                unbiased,
                cramersV);
    }

    /**
     * Returns the chance of at least this statistic: chi-squared, or F where the design effect is itself an estimate
     * (Thomas and Rao 1987).
     */
    static double upperTail(double statistic, int freedom, double clusters) {
        if (!(statistic > 0)) {
            return 1;
        }
        if (Double.isInfinite(clusters)) {
            return org.hipparchus.special.Gamma.regularizedGammaQ(freedom / 2.0, statistic / 2);
        }
        return Beta.regularizedBeta(clusters / (clusters + statistic), clusters / 2, freedom / 2.0);
    }

    private static double cohensW(double[] shares, double[] reference) {
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            double difference = shares[i] - reference[i];
            sum += difference * difference / reference[i];
        }
        return Math.sqrt(sum);
    }

    private static double chiSquared(double[][] counts, double[][] expected) {
        double sum = 0;
        for (int row = 0; row < counts.length; row++) {
            for (int i = 0; i < counts[row].length; i++) {
                double difference = counts[row][i] - expected[row][i];
                sum += expected[row][i] > 0 ? difference * difference / expected[row][i] : 0;
            }
        }
        return sum;
    }

    private static double g(double[][] counts, double[][] expected) {
        double sum = 0;
        for (int row = 0; row < counts.length; row++) {
            for (int i = 0; i < counts[row].length; i++) {
                sum += counts[row][i] > 0 ? counts[row][i] * Math.log(counts[row][i] / expected[row][i]) : 0;
            }
        }
        return Math.max(0, 2 * sum);
    }

    private static double smallest(double[][] expected) {
        double smallest = Double.POSITIVE_INFINITY;
        for (double[] row : expected) {
            for (double value : row) {
                smallest = value > 0 ? Math.min(smallest, value) : smallest;
            }
        }
        return smallest;
    }

    /** The rarest classes that together are expected often enough in every row. */
    private static List<Integer> rare(double[][] expected) {
        List<Integer> byExpected = new ArrayList<>();
        for (int i = 0; i < expected[0].length; i++) {
            byExpected.add(i);
        }
        byExpected.sort(Comparator.comparingDouble(i -> total(expected, i)));
        List<Integer> pooled = new ArrayList<>();
        double[] sums = new double[expected.length];
        for (int i : byExpected) {
            boolean small = false;
            for (double[] row : expected) {
                small |= row[i] < SMALL;
            }
            if (!small && Arrays.stream(sums).min().orElse(0) >= SMALL) {
                break;
            }
            pooled.add(i);
            for (int row = 0; row < expected.length; row++) {
                sums[row] += expected[row][i];
            }
        }
        return pooled.stream().sorted().toList();
    }

    private static double total(double[][] rows, int column) {
        double sum = 0;
        for (double[] row : rows) {
            sum += row[column];
        }
        return sum;
    }

    private static double[][] merged(double[][] rows, List<Integer> pooled) {
        double[][] merged = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            double[] values = new double[rows[row].length - pooled.size() + 1];
            int next = 1;
            for (int i = 0; i < rows[row].length; i++) {
                if (pooled.contains(i)) {
                    values[0] += rows[row][i];
                } else {
                    values[next++] = rows[row][i];
                }
            }
            merged[row] = values;
        }
        return merged;
    }

    /** Draws as many samples from the shares, again and again. */
    private static double simulated(double[] counts, double[] expected) {
        long[] observed = whole(counts);
        long total = Arrays.stream(observed).sum();
        double scale = total / sum(expected);
        double[] cumulative = new double[expected.length];
        double[] rescaled = scaled(expected, scale);
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += expected[i];
            cumulative[i] = sum;
        }
        double end = sum;
        double statistic = chiSquared(new double[][] {doubles(observed)}, new double[][] {rescaled});
        SplittableRandom random = new SplittableRandom(SEED);
        return exceedances(statistic, () -> {
            double[] drawn = new double[expected.length];
            for (long i = 0; i < total; i++) {
                drawn[firstAbove(cumulative, random.nextDouble() * end)]++;
            }
            return chiSquared(new double[][] {drawn}, new double[][] {rescaled});
        });
    }

    /** The class whose part of the cumulative counts holds a number; the last one if it is beyond all. */
    private static int firstAbove(double[] cumulative, double at) {
        int low = 0;
        int high = cumulative.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (at >= cumulative[middle]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Deals all samples anew to the two sides, again and again. */
    private static double shuffled(double[] counts, double[] reference) {
        long[] first = whole(counts);
        long[] second = whole(reference);
        long[] columns = new long[first.length];
        Arrays.setAll(columns, i -> first[i] + second[i]);
        long dealt = Arrays.stream(first).sum();
        long all = Arrays.stream(columns).sum();
        if (dealt == 0 || dealt == all) {
            return 1;
        }
        double[] expected = new double[columns.length];
        Arrays.setAll(expected, i -> (double) columns[i] * dealt / all);
        double statistic = distance(doubles(first), expected, columns);
        long[] full = tree(columns);
        SplittableRandom random = new SplittableRandom(SEED);
        return exceedances(statistic, () -> {
            double[] drawn = new double[columns.length];
            long[] tree = full.clone();
            long remaining = all;
            for (long i = 0; i < dealt; i++) {
                drawn[taken(tree, random.nextLong(remaining--))]++;
            }
            return distance(drawn, expected, columns);
        });
    }

    /** Sums of counts from which one can be taken by its rank in a few steps (Fenwick 1994); as long as a power of two. */
    private static long[] tree(long[] counts) {
        long[] tree = new long[Math.max(1, Integer.highestOneBit(2 * counts.length - 1)) + 1];
        for (int i = 1; i < tree.length; i++) {
            tree[i] += i <= counts.length ? counts[i - 1] : 0;
            int parent = i + Integer.lowestOneBit(i);
            if (parent < tree.length) {
                tree[parent] += tree[i];
            }
        }
        return tree;
    }

    /** Takes the sample of that rank, from 0, and returns its class. */
    private static int taken(long[] tree, long rank) {
        int before = 0;
        long at = rank;
        for (int step = tree.length - 1; step > 0; step >>= 1) {
            int next = before + step;
            if (tree[next] <= at) {
                at -= tree[next];
                before = next;
            } else {
                tree[next]--;
            }
        }
        return before;
    }

    /** Pearson's statistic of the two sides but for a constant: the second side mirrors the first. */
    private static double distance(double[] counts, double[] expected, long[] columns) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double difference = counts[i] - expected[i];
            sum += columns[i] > 0 ? difference * difference / columns[i] : 0;
        }
        return sum;
    }

    private interface Draw {
        double statistic();
    }

    private static double exceedances(double statistic, Draw draw) {
        double threshold = statistic - ROUNDING * Math.max(1, statistic);
        int exceeded = 0;
        for (int i = 1; i <= DRAWS; i++) {
            exceeded += draw.statistic() >= threshold ? 1 : 0;
            if (exceeded == ENOUGH_EXCEEDANCES) {
                return (double) exceeded / i;
            }
        }
        return (exceeded + 1.0) / (DRAWS + 1.0);
    }

    /** Rounds to whole numbers that keep the whole part of the sum, by largest remainders. */
    static long[] whole(double[] values) {
        long[] whole = new long[values.length];
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        long left = (long) Math.floor(sum(values) + ROUNDING);
        for (int i = 0; i < values.length; i++) {
            whole[i] = (long) Math.floor(values[i] + ROUNDING);
            left -= whole[i];
        }
        Arrays.sort(order, Comparator.comparingDouble(i -> Math.floor(values[i] + ROUNDING) - values[i]));
        for (int i = 0; i < left; i++) {
            whole[order[i % order.length]]++;
        }
        return whole;
    }

    private static double[] doubles(long[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }

    private static double[] scaled(double[] values, double factor) {
        return Arrays.stream(values).map(value -> value * factor).toArray();
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }
}
