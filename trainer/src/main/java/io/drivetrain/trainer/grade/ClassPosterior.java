package io.drivetrain.trainer.grade;

import io.drivetrain.trainer.grade.SplitStatistics.Sums;
import java.util.List;
import org.hipparchus.random.RandomDataGenerator;

/**
 * What the counts of a split say about the error rate of each class, as draws from their posterior.
 *
 * <p>A class of n samples in drives of n₁, n₂, … samples, two of which agree with correlation ρ beyond chance, says as much
 * as {@code n² / Σ nᵢ(1 + (nᵢ − 1)ρ)} independent samples (Kish 1965, <i>Survey Sampling</i>, for clusters of unequal
 * size). Its error rate has the posterior of a beta distribution that is worth one such sample beforehand, whose mean lies
 * around the error rate of the split: a class that was seen little is thought to be like the others, by and large. In
 * every other draw the class that says least has one error more, because it weighs most in an average over classes, and an
 * interval must hold what could have been seen as easily (the mid-p gamma interval of weighted rates: Fay and Feuer 1997,
 * <i>Confidence Intervals for Directly Standardized Rates</i>; Fay and Kim 2017). Error
 * rate and correlation are drawn from {@link RatePosterior}, the correlation from one in which the samples of a class in a
 * drive stand for themselves, because what is hard in a drive may be hard in one class alone.
 */
final class ClassPosterior {
    /** Standard deviation of the log-odds by which classes differ from the split: most by less than a factor of seven. */
    private static final double UNLIKENESS = 1;

    private ClassPosterior() {}

    /**
     * Draws.
     *
     * @param statistics of a split that is not empty
     * @param posterior of its error rate
     * @param resamples of its drives; there are as many draws
     * @return expected sums of the split at the drawn error rates
     */
    static Sums[] draw(SplitStatistics statistics, RatePosterior posterior, Sums[] resamples, long seed) {
        int classes = statistics.classes();
        Sums total = statistics.total();
        double[] pairs = new double[classes];
        for (double[] drive : statistics.byDrive()) {
            Sums of = new Sums(classes, drive);
            for (int k = 0; k < classes; k++) {
                pairs[k] += of.given(k) * (of.given(k) - 1);
            }
        }
        RatePosterior ofClasses =
                RatePosterior.of(List.of(statistics.byClass())).get(0);
        RandomDataGenerator random = new RandomDataGenerator(seed);
        Sums[] drawn = new Sums[resamples.length];
        for (int draw = 0; draw < drawn.length; draw++) {
            double correlation = ofClasses.correlationAt(random.nextDouble());
            double ofSplit = posterior.logOddsAt(random.nextDouble());
            double[] rates = new double[classes];
            double[] worth = new double[classes];
            int least = -1;
            boolean once = random.nextDouble() < 0.5;
            for (int k = 0; k < classes; k++) {
                if (total.given(k) > 0) {
                    worth[k] = total.given(k) * total.given(k) / (total.given(k) + correlation * pairs[k]);
                    least = least < 0 || worth[k] < worth[least] ? k : least;
                }
            }
            for (int k = 0; k < classes; k++) {
                if (total.given(k) > 0) {
                    double before = RatePosterior.rate(ofSplit + UNLIKENESS * random.nextNormal(0, 1));
                    double more = k == least && once ? 1 : 0;
                    double rate = 1 - total.hits(k) / total.given(k);
                    double errors = random.nextGamma(worth[k] * rate + before + more, 1);
                    double hits = random.nextGamma(worth[k] * (1 - rate) + 1 - before, 1);
                    rates[k] = errors + hits == 0 ? before : errors / (errors + hits);
                }
            }
            drawn[draw] = total.expected(rates, RatePosterior.rate(ofSplit), resamples[draw]);
        }
        return drawn;
    }
}
