package io.drivetrain.pipeline.watch;

import java.util.Arrays;

/**
 * The two-sample Kolmogorov-Smirnov test, two-sided and exact.
 *
 * <p>Under the null hypothesis all orders of the pooled sample are equally likely, so the p-value is the share of
 * lattice paths from (0, 0) to (n, m) that touch the distance seen (Hodges 1958, "The significance probability of the
 * Smirnov two-sample test"). The recursion adds positive terms only, so that small p-values keep their precision. Ties
 * make it conservative.
 */
public final class KolmogorovSmirnov {
    private KolmogorovSmirnov() {}

    /**
     * The outcome of a test.
     *
     * @param statistic largest distance of the two empirical distribution functions, 0..1
     * @param pValue 0..1
     */
    public record Result(double statistic, double pValue) {}

    /**
     * Compares two samples in time proportional to the product of their sizes.
     *
     * @throws IllegalArgumentException if one is empty or holds a NaN
     */
    public static Result test(double[] first, double[] second) {
        double[] a = sorted(first);
        double[] b = sorted(second);
        long distance = distance(a, b);
        return new Result((double) distance / ((long) a.length * b.length), pValue(a.length, b.length, distance));
    }

    private static double[] sorted(double[] sample) {
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        // Arrays.sort puts NaN last.
        if (sorted.length == 0 || Double.isNaN(sorted[sorted.length - 1])) {
            throw new IllegalArgumentException("Cannot compare a sample of %d values%s; leave such a measurement out"
                    .formatted(sorted.length, sorted.length == 0 ? "" : " with NaN among them"));
        }
        return sorted;
    }

    /** Returns the distance times n times m, an integer, so that no rounding decides between equal distances. */
    private static long distance(double[] a, double[] b) {
        long most = 0;
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            // Comparing with == makes 0.0 and -0.0 the tie that they are.
            double value = Math.min(a[i], b[j]);
            while (i < a.length && a[i] == value) {
                i++;
            }
            while (j < b.length && b[j] == value) {
                j++;
            }
            most = Math.max(most, Math.abs((long) i * b.length - (long) j * a.length));
        }
        return most;
    }

    private static double pValue(int n, int m, long distance) {
        double[] touched = new double[m + 1];
        for (int i = 0; i <= n; i++) {
            for (int j = 0; j <= m; j++) {
                if (Math.abs((long) i * m - (long) j * n) >= distance) {
                    touched[j] = 1;
                } else if (i == 0) {
                    touched[j] = j == 0 ? 0 : touched[j - 1];
                } else if (j > 0) {
                    // A random path to (i, j) comes from (i - 1, j) with probability i / (i + j).
                    touched[j] = (touched[j] * i + touched[j - 1] * j) / (i + j);
                }
            }
        }
        return Math.min(1, touched[m]);
    }
}
