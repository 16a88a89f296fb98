package io.drivetrain.trainer.grade;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hipparchus.special.Gamma;

/**
 * What the counts of a split say about its error rate, when errors of one drive go together: the posterior of the rate of
 * a beta-binomial model, on a grid of log-odds.
 *
 * <p>A drive of m samples has Binomial(m, q) errors, its own q being drawn from a beta distribution with mean p, the rate
 * asked for, and correlation ρ between two of its samples. p has Jeffreys' prior of a single proportion, Beta(½, ½), ρ
 * has Beta(1, 2). Splits of one model have much the same ρ, and so lend each other a part of what they say about it: a
 * split with hardly any error learns from the others how far to trust its number of samples. A split that contradicts
 * the others is believed over them: a hundredth of its prior owes them nothing (Schmidli et al. 2014, <i>Robust
 * Meta-Analytic-Predictive Priors in Clinical Trials with Historical Control Information</i>). Equal-tailed intervals of Jeffreys' posterior hold the
 * truth about as often as they say, for rates near zero too (Brown, Cai and DasGupta 2001, <i>Interval Estimation for a
 * Binomial Proportion</i>); likelihood as in Griffiths 1973 and Prentice 1986.
 *
 * <p>The model lends its shape, not its place. Where drives are wholly right or wholly wrong, its likelihood is highest at
 * several times the rate that was seen, and more drives make it surer of that; so the posterior is moved to the rate.
 */
// Arrays, because they are computed with, and nobody compares them.
@SuppressWarnings("ArrayRecordComponent")
record RatePosterior(double[] logOdds, double[] weights, double[] correlations, double[] correlationWeights) {
    private static final double LEAST = -14;
    private static final double MOST = 8;
    private static final int COARSE = 30;
    private static final int FINE = 44;
    private static final double[] CORRELATIONS = {0.0005, 0.02, 0.07, 0.15, 0.27, 0.42, 0.6, 0.78, 0.94};
    private static final int FINE_CORRELATIONS = 8;

    /** A density this far below the highest, as a logarithm, adds nothing to an interval. */
    private static final double NEGLIGIBLE = -12;

    /** Part of the other splits' likelihood of a correlation that counts for a split, as an exponent. */
    private static final double LENT = 0.5;

    /** Part of a split's prior of the correlation that the other splits have no say in, as in Schmidli et al. 2014. */
    private static final double OWN = 0.01;

    /** Drives of the same counts, which have the same likelihood. */
    private record Alike(int samples, int errors, int drives) {}

    /**
     * The posteriors of several splits, in their order.
     *
     * @param splits each with at least one drive, of at most 2³¹ samples
     */
    static List<RatePosterior> of(List<SplitErrors> splits) {
        List<List<Alike>> counts = splits.stream().map(RatePosterior::alike).toList();
        double[] everywhere = grid(LEAST, MOST, COARSE);
        List<double[][]> coarse = counts.stream()
                .map(c -> logDensity(c, everywhere, CORRELATIONS))
                .toList();
        List<double[]> spoken =
                coarse.stream().map(RatePosterior::logSumOverRates).toList();
        List<RatePosterior> posteriors = new ArrayList<>();
        for (int split = 0; split < counts.size(); split++) {
            double[] lent = lent(spoken, split);
            double[] correlations = refined(CORRELATIONS, sum(lent, spoken.get(split)));
            double[] logOdds = refined(everywhere, overRates(coarse.get(split)));
            double[][] density = logDensity(counts.get(split), logOdds, correlations);
            double[] logWeights = new double[logOdds.length];
            Arrays.fill(logWeights, Double.NEGATIVE_INFINITY);
            double[] logOfCorrelations = new double[correlations.length];
            for (int c = 0; c < correlations.length; c++) {
                double prior = interpolated(lent, correlations[c]) + Math.log(1 - correlations[c]);
                logOfCorrelations[c] = prior + logSum(density[c]);
                for (int i = 0; i < logWeights.length; i++) {
                    logWeights[i] = logAdd(logWeights[i], density[c][i] + prior);
                }
            }
            posteriors.add(
                    new RatePosterior(logOdds, normalised(logWeights), correlations, normalised(logOfCorrelations))
                            .around(splits.get(split)));
        }
        return posteriors;
    }

    /**
     * Moved along the log-odds, to have its median where that of as many independent samples is ({@code (k+⅙)/(n+⅓)} for k
     * errors of n: Kerman 2011, <i>A Closed-Form Approximation for the Median of the Beta Distribution</i>).
     */
    RatePosterior around(SplitErrors split) {
        double rate = split.rate();
        if (rate == 0 || rate == 1) {
            return this;
        }
        double worth = split.worth(correlationAt(0.5));
        double move = logOdds((rate * worth + 1.0 / 6) / (worth + 1.0 / 3)) - logOddsAt(0.5);
        return new RatePosterior(
                Arrays.stream(logOdds).map(z -> z + move).toArray(), weights, correlations, correlationWeights);
    }

    /** The rate at each point of the grid, 0..1. */
    double[] rates() {
        return Arrays.stream(logOdds).map(RatePosterior::rate).toArray();
    }

    /** The log-odds of the rate below which it lies with a probability, a point of the grid standing for its cell. */
    double logOddsAt(double probability) {
        return quantile(logOdds, weights, probability);
    }

    /** The correlation within drives below which it lies with a probability, 0..1. */
    double correlationAt(double probability) {
        return Math.max(0, quantile(correlations, correlationWeights, probability));
    }

    /** A grid of values standing for the cells around them. */
    static double quantile(double[] values, double[] weights, double probability) {
        double below = 0;
        for (int i = 0; i < weights.length; i++) {
            if (below + weights[i] >= probability) {
                double cell = i + 1 < values.length ? values[i + 1] - values[i] : values[i] - values[i - 1];
                return values[i] + cell * ((probability - below) / weights[i] - 0.5);
            }
            below += weights[i];
        }
        return values[values.length - 1];
    }

    static double rate(double logOdds) {
        return 1 / (1 + Math.exp(-logOdds));
    }

    static double logOdds(double rate) {
        return Math.log(rate / (1 - rate));
    }

    private static List<Alike> alike(SplitErrors split) {
        Map<Long, Integer> drives = new TreeMap<>();
        for (int drive = 0; drive < split.drives(); drive++) {
            long key = (split.samples()[drive] << 32) | split.errors()[drive];
            drives.merge(key, 1, Integer::sum);
        }
        return drives.entrySet().stream()
                .map(e -> new Alike((int) (e.getKey() >>> 32), (int) (long) e.getKey(), e.getValue()))
                .toList();
    }

    private static double[] grid(double least, double most, int points) {
        double[] grid = new double[points];
        for (int i = 0; i < points; i++) {
            grid[i] = least + (most - least) * (i + 0.5) / points;
        }
        return grid;
    }

    /** A finer grid over the part of a coarse one whose density is not negligible, with a point more at each side. */
    private static double[] refined(double[] coarse, double[] logDensity) {
        double highest = Arrays.stream(logDensity).max().orElseThrow();
        int first = 0;
        while (logDensity[first] < highest + NEGLIGIBLE) {
            first++;
        }
        int last = coarse.length - 1;
        while (logDensity[last] < highest + NEGLIGIBLE) {
            last--;
        }
        boolean ofCorrelations = coarse == CORRELATIONS;
        double least = ofCorrelations ? 1e-4 : LEAST;
        double most = ofCorrelations ? 0.98 : MOST;
        return grid(
                first == 0 ? least : coarse[first - 1],
                last == coarse.length - 1 ? most : coarse[last + 1],
                ofCorrelations ? FINE_CORRELATIONS : FINE);
    }

    /** By correlation and rate, up to a constant: the likelihood times the prior of the rate. */
    private static double[][] logDensity(List<Alike> counts, double[] logOdds, double[] correlations) {
        double[][] density = new double[correlations.length][logOdds.length];
        for (int c = 0; c < correlations.length; c++) {
            double strength = (1 - correlations[c]) / correlations[c];
            for (int i = 0; i < logOdds.length; i++) {
                double p = rate(logOdds[i]);
                double q = rate(-logOdds[i]);
                Rising errors = new Rising(p * strength);
                Rising others = new Rising(q * strength);
                Rising all = new Rising(strength);
                double log = 0;
                for (Alike alike : counts) {
                    log += alike.drives
                            * (errors.log(alike.errors)
                                    + others.log(alike.samples - alike.errors)
                                    - all.log(alike.samples));
                }
                // Jeffreys' density of p, times dp by the logarithm of the odds.
                density[c][i] = log + 0.5 * Math.log(p) + 0.5 * Math.log(q);
            }
        }
        return density;
    }

    /** Logarithms of rising factorials a(a+1)…(a+n−1), those of small n from the one before. */
    private static final class Rising {
        private static final int KEPT = 128;
        private final double start;
        private final double[] logs = new double[KEPT];
        private int known;

        Rising(double start) {
            this.start = start;
        }

        double log(int n) {
            if (n >= KEPT) {
                return Gamma.logGamma(start + n) - Gamma.logGamma(start);
            }
            while (known < n) {
                logs[known + 1] = logs[known] + Math.log(start + known);
                known++;
            }
            return logs[n];
        }
    }

    private static double[] logSumOverRates(double[][] density) {
        return Arrays.stream(density).mapToDouble(RatePosterior::logSum).toArray();
    }

    private static double[] overRates(double[][] density) {
        double[] sums = new double[density[0].length];
        Arrays.fill(sums, Double.NEGATIVE_INFINITY);
        for (double[] row : density) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] = logAdd(sums[i], row[i]);
            }
        }
        return sums;
    }

    /** By correlation, what the prior of one split owes to the others, 1 on average over Beta(1, 2), as a logarithm. */
    private static double[] lent(List<double[]> spoken, int split) {
        double[] lent = new double[CORRELATIONS.length];
        for (int other = 0; other < spoken.size(); other++) {
            for (int c = 0; other != split && c < lent.length; c++) {
                lent[c] += LENT * spoken.get(other)[c];
            }
        }
        double total = logPriorMean(lent);
        return Arrays.stream(lent)
                .map(log -> logAdd(Math.log(1 - OWN) + log - total, Math.log(OWN)))
                .toArray();
    }

    /** The logarithm of the mean of a function of ρ under its prior Beta(1, 2), by the midpoints of the coarse grid. */
    private static double logPriorMean(double[] byCorrelation) {
        double sum = Double.NEGATIVE_INFINITY;
        double below = 0;
        for (int c = 0; c < byCorrelation.length; c++) {
            double above = c == byCorrelation.length - 1 ? 1 : (CORRELATIONS[c] + CORRELATIONS[c + 1]) / 2;
            double mass = (1 - below) * (1 - below) - (1 - above) * (1 - above);
            sum = logAdd(sum, byCorrelation[c] + Math.log(mass));
            below = above;
        }
        return sum;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = new double[a.length];
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }

    /** Linearly between the coarse correlations, the outermost value beyond them. */
    private static double interpolated(double[] byCorrelation, double correlation) {
        int above = 0;
        while (above < CORRELATIONS.length && CORRELATIONS[above] < correlation) {
            above++;
        }
        if (above == 0 || above == CORRELATIONS.length) {
            return byCorrelation[Math.min(above, CORRELATIONS.length - 1)];
        }
        double part = (correlation - CORRELATIONS[above - 1]) / (CORRELATIONS[above] - CORRELATIONS[above - 1]);
        return byCorrelation[above - 1] + part * (byCorrelation[above] - byCorrelation[above - 1]);
    }

    private static double[] normalised(double[] logWeights) {
        double sum = logSum(logWeights);
        return Arrays.stream(logWeights).map(w -> Math.exp(w - sum)).toArray();
    }

    private static double logSum(double[] logs) {
        double highest = Arrays.stream(logs).max().orElseThrow();
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - highest);
        }
        return highest + Math.log(sum);
    }

    private static double logAdd(double a, double b) {
        double high = Math.max(a, b);
        return high == Double.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
    }
}
