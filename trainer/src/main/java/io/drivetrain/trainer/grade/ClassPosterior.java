package io.drivetrain.trainer.grade;

import io.drivetrain.trainer.grade.SplitStatistics.Sums;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.random.RandomDataGenerator;

/**
 * What the counts of a split say about the error rate of each class, or of each of other parts, as draws from their posterior.
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
        List<SplitErrors> classes = IntStream.range(0, statistics.classes())
                .mapToObj(statistics::ofClass)
                .toList();
        RandomDataGenerator random = new RandomDataGenerator(seed);
        Draw[] draws = rates(classes, posterior, OneMore.LEAST_KNOWN, resamples.length, random);
        Sums total = statistics.total();
        Sums[] drawn = new Sums[resamples.length];
        Arrays.setAll(drawn, i -> total.expected(draws[i].byPart, draws[i].ofAll, resamples[i]));
        return drawn;
    }

    /** Who has more errors than were seen in every other draw; it depends on what the draws are for. */
    enum OneMore {
        /** For sums over parts, in which every part weighs by its samples. */
        NOBODY,

        /** For averages, in which the least known part weighs most. */
        LEAST_KNOWN,

        /** By half an error, for figures of each part. */
        EVERYBODY
    }

    /** Error rate of each part, 0 for one without samples, and the one that they are thought to be like; 0..1. */
    @SuppressWarnings("ArrayRecordComponent")
    record Draw(double[] byPart, double ofAll) {}

    /**
     * Draws of the error rates of the parts of a split, such as its classes or slices.
     *
     * @param parts by drive; some may be empty
     * @param ofSplit posterior of the split's error rate
     * @param oneMore whose error rate may be that of one error more, in every other draw
     */
    static Draw[] rates(
            List<SplitErrors> parts, RatePosterior ofSplit, OneMore oneMore, int draws, RandomDataGenerator random) {
        RatePosterior ofParts = RatePosterior.of(List.of(together(parts))).get(0);
        Draw[] drawn = new Draw[draws];
        for (int draw = 0; draw < draws; draw++) {
            double correlation = ofParts.correlationAt(random.nextDouble());
            double likely = ofSplit.logOddsAt(random.nextDouble());
            boolean once = random.nextDouble() < 0.5;
            double[] worth = parts.stream()
                    .mapToDouble(part -> part.isEmpty() ? Double.NaN : part.worth(correlation))
                    .toArray();
            double least = Arrays.stream(worth).filter(w -> w > 0).min().orElse(0);
            double[] rates = new double[worth.length];
            for (int k = 0; k < rates.length; k++) {
                if (worth[k] > 0) {
                    double before = RatePosterior.rate(likely + UNLIKENESS * random.nextNormal(0, 1));
                    double more = switch (oneMore) {
                        case NOBODY -> 0;
                        case LEAST_KNOWN -> worth[k] == least ? 1 : 0;
                        case EVERYBODY -> 0.5;
                    };
                    double rate = parts.get(k).rate();
                    double errors = random.nextGamma(worth[k] * rate + before + (once ? more : 0), 1);
                    double hits = random.nextGamma(worth[k] * (1 - rate) + 1 - before, 1);
                    rates[k] = errors + hits == 0 ? before : errors / (errors + hits);
                }
            }
            drawn[draw] = new Draw(rates, RatePosterior.rate(likely));
        }
        return drawn;
    }

    /** As if every part of a drive were a drive, because what is hard in a drive may be hard in one part alone. */
    static SplitErrors together(List<SplitErrors> parts) {
        return new SplitErrors(
                parts.stream().flatMapToLong(p -> Arrays.stream(p.samples())).toArray(),
                parts.stream().flatMapToLong(p -> Arrays.stream(p.errors())).toArray());
    }
}
