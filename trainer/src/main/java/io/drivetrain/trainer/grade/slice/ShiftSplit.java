package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.ShiftSlice;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Splits the shift term, error on test-dev minus error on train-dev, exactly into a part of composition (test-dev has
 * another mixture of slices) and a part within slices (the same slice is harder in test-dev).
 *
 * <p>With shares a and error rates e of a slice on train-dev, b and f on test-dev, its parts are
 *
 * <pre>
 *   composition  (b − a) · (e + f) / 2
 *   within slice (f − e) · (a + b) / 2
 * </pre>
 *
 * whose sum is {@code b·f − a·e}, and over all slices the shift (Kitagawa 1955, <i>Components of a Difference Between Two
 * Rates</i>; the midpoint form of Oaxaca and Blinder). A slice that one of the splits does not have cannot be harder in
 * the other: its missing rate is taken to be the other's, so all of its part is composition. Samples without the
 * attribute are a slice of their own.
 */
public final class ShiftSplit {
    /** Of the slice of samples whose attribute is not known. */
    static final String NOT_KNOWN = "(not given)";

    /** Drives with errors that say as much of the spread of a part within a slice as its draws do. */
    private static final double DRAWS_COUNT = 3;

    private ShiftSplit() {}

    /**
     * Splits by each of several attributes and keeps the one that explains most: that with the largest composition, up or
     * down, of those distinguishable from zero; the first if none is. What is distinguishable is judged by intervals that
     * are wide enough for having looked at all of them (Bonferroni); those reported are 95 % intervals.
     *
     * @param attributes names; the first is the one preferred
     * @return empty where a split has no sample or there is no attribute
     */
    public static Optional<ShiftParts> byWhatExplainsMost(
            GradedSplit trainDev, GradedSplit testDev, List<String> attributes, SliceSettings settings) {
        if (trainDev.size() == 0 || testDev.size() == 0 || attributes.isEmpty()) {
            return Optional.empty();
        }
        List<Split> splits = attributes.stream()
                .map(attribute -> split(trainDev, testDev, attribute, settings))
                .toList();
        return Optional.of(splits.stream()
                .filter(split -> split.composition(attributes.size())
                        .map(Interval::excludesZero)
                        .orElse(false))
                .max(Comparator.comparingDouble(
                        split -> Math.abs(split.record.getComposition().getValue())))
                .orElse(splits.get(0))
                .record);
    }

    /**
     * Splits by the values of one attribute.
     *
     * @return empty where a split has no sample
     */
    public static Optional<ShiftParts> by(
            GradedSplit trainDev, GradedSplit testDev, String attribute, SliceSettings settings) {
        return trainDev.size() == 0 || testDev.size() == 0
                ? Optional.empty()
                : Optional.of(split(trainDev, testDev, attribute, settings).record);
    }

    /** What was found for one attribute. */
    private record Split(ShiftParts record) {
        Optional<Interval> composition(int tried) {
            Estimate composition = record.getComposition();
            double wider = DriveResamples.widening(tried);
            return composition.getLow() == null
                    ? Optional.empty()
                    : Optional.of(new Interval(
                            composition.getValue() - wider * (composition.getValue() - composition.getLow()),
                            composition.getValue() + wider * (composition.getHigh() - composition.getValue())));
        }
    }

    /**
     * Composition and within-slice part of each slice, at {@code 2·slice} and {@code 2·slice + 1}.
     *
     * @param before samples by slice
     * @param errorsBefore error rate by slice; NaN where there is no sample
     */
    private static double[] parts(double[] before, double[] after, double[] errorsBefore, double[] errorsAfter) {
        double allBefore = Arrays.stream(before).sum();
        double allAfter = Arrays.stream(after).sum();
        double[] parts = new double[2 * before.length];
        for (int s = 0; s < before.length; s++) {
            double a = before[s] / allBefore;
            double b = after[s] / allAfter;
            double e = errorsBefore[s];
            double f = errorsAfter[s];
            if (before[s] == 0) {
                e = after[s] == 0 ? 0 : f;
            }
            if (after[s] == 0) {
                f = e;
            }
            parts[2 * s] = (b - a) * (e + f) / 2;
            parts[2 * s + 1] = (f - e) * (a + b) / 2;
        }
        return parts;
    }

    private static double[] samples(List<SliceCounts> slices, int[] times) {
        return slices.stream().mapToDouble(s -> s.resampledSamples(times)).toArray();
    }

    private static double[] errorRates(List<SliceCounts> slices, int[] times) {
        return slices.stream()
                .mapToDouble(s -> s.resampledErrors(times) / (double) s.resampledSamples(times))
                .toArray();
    }

    private static double[][] possible(List<SliceCounts> slices, boolean ofEach, SliceSettings settings, long seed) {
        return ClusterBootstrap.possibleRates(
                slices.stream().map(SliceCounts::asSplitErrors).toList(), ofEach, settings.replicates(), seed);
    }

    private static Split split(GradedSplit trainDev, GradedSplit testDev, String attribute, SliceSettings settings) {
        TreeSet<String> values = new TreeSet<>();
        for (GradedSplit side : List.of(trainDev, testDev)) {
            for (int i = 0; i < side.size(); i++) {
                values.add(side.attribute(i, attribute));
            }
        }
        List<SliceCounts> before = new ArrayList<>();
        List<SliceCounts> after = new ArrayList<>();
        boolean[] wrongBefore = trainDev.wrong();
        boolean[] wrongAfter = testDev.wrong();
        for (String value : values) {
            SliceRule rule = new SliceRule.ByAttribute(attribute, value);
            before.add(SliceCounts.of(trainDev, rule.members(trainDev), wrongBefore));
            after.add(SliceCounts.of(testDev, rule.members(testDev), wrongAfter));
        }
        int drivesBefore = trainDev.drives().size();
        int drivesAfter = testDev.drives().size();
        int slices = values.size();
        double[] countsBefore = samples(before, ones(drivesBefore));
        double[] countsAfter = samples(after, ones(drivesAfter));
        double[] ratesBefore = errorRates(before, ones(drivesBefore));
        double[] ratesAfter = errorRates(after, ones(drivesAfter));
        double[] parts = parts(countsBefore, countsAfter, ratesBefore, ratesAfter);
        double[][] resampled = new double[2 * slices + 2][settings.replicates()];
        double[][] drawn = new double[2 * slices + 2][settings.replicates()];
        double[] byShares = new double[settings.replicates()];
        double[] byRates = new double[settings.replicates()];
        DriveResamples drawBefore = new DriveResamples(drivesBefore, settings.seed() * 31 + 1);
        DriveResamples drawAfter = new DriveResamples(drivesAfter, settings.seed() * 31 + 2);
        double[][] possibleBefore = possible(before, false, settings, settings.seed() * 31 + 9);
        double[][] possibleAfter = possible(after, false, settings, settings.seed() * 31 + 10);
        double[][] eachBefore = possible(before, true, settings, settings.seed() * 31 + 11);
        double[][] eachAfter = possible(after, true, settings, settings.seed() * 31 + 12);
        SliceShares ofBefore = new SliceShares(before);
        SliceShares ofAfter = new SliceShares(after);
        SplittableRandom another = new SplittableRandom(settings.seed() * 31 + 13);
        for (int replicate = 0; replicate < settings.replicates(); replicate++) {
            int[] timesBefore = drawBefore.next();
            int[] timesAfter = drawAfter.next();
            double[] sharesBefore = samples(before, timesBefore);
            double[] sharesAfter = samples(after, timesAfter);
            double[] bootstrap =
                    parts(sharesBefore, sharesAfter, errorRates(before, timesBefore), errorRates(after, timesAfter));
            double[] posterior = parts(sharesBefore, sharesAfter, possibleBefore[replicate], possibleAfter[replicate]);
            double[] ofEach = parts(
                    ofBefore.withAnother(sharesBefore, another),
                    ofAfter.withAnother(sharesAfter, another),
                    eachBefore[replicate],
                    eachAfter[replicate]);
            for (int part = 0; part < bootstrap.length; part++) {
                resampled[part][replicate] = bootstrap[part];
                resampled[2 * slices + part % 2][replicate] += bootstrap[part];
                drawn[part][replicate] = ofEach[part];
                drawn[2 * slices + part % 2][replicate] += posterior[part];
            }
            byShares[replicate] = composition(parts(sharesBefore, sharesAfter, ratesBefore, ratesAfter));
            byRates[replicate] =
                    composition(parts(countsBefore, countsAfter, possibleBefore[replicate], possibleAfter[replicate]));
        }
        double narrower = productOfChance(byShares, byRates, drawn[2 * slices]);
        int drives = Math.min(drivesBefore, drivesAfter);
        double composition = 0;
        double withinSlice = 0;
        List<ShiftSlice> records = new ArrayList<>();
        int slice = 0;
        for (String value : values) {
            SliceCounts source = before.get(slice);
            SliceCounts target = after.get(slice);
            double sliceComposition = parts[2 * slice];
            double sliceWithin = parts[2 * slice + 1];
            composition += sliceComposition;
            withinSlice += sliceWithin;
            int fewer = Math.min(source.drives(), target.drives());
            int sliceDrives = fewer == 0 ? Math.min(drives, Math.max(source.drives(), target.drives())) : fewer;
            records.add(new ShiftSlice(
                    attribute + "=" + (value.isEmpty() ? NOT_KNOWN : value),
                    source.sampleCount() / (double) trainDev.size(),
                    target.sampleCount() / (double) testDev.size(),
                    composition(sliceComposition, resampled[2 * slice], drawn[2 * slice], 1, sliceDrives, settings),
                    // How much harder a slice is that one split lacks, nobody knows.
                    withinSlice(
                            sliceWithin,
                            resampled[2 * slice + 1],
                            drawn[2 * slice + 1],
                            fewer,
                            Math.min(source.drivesWithErrors(), target.drivesWithErrors()),
                            settings)));
            slice++;
        }
        return new Split(new ShiftParts(
                attribute,
                composition(composition, resampled[2 * slices], drawn[2 * slices], narrower, drives, settings),
                withinSlice(withinSlice, resampled[2 * slices + 1], drawn[2 * slices + 1], drives, 0, settings),
                records));
    }

    /** Over all slices. */
    private static double composition(double[] parts) {
        double sum = 0;
        for (int part = 0; part < parts.length; part += 2) {
            sum += parts[part];
        }
        return sum;
    }

    /**
     * By how much less the composition differs by chance than its draws do. It is a product of differences, of shares
     * between the splits and of error rates between the slices. Both are estimated, so that draws around them vary, by twice
     * the product of their variances, more than the estimate itself (Goodman 1960, <i>On the Exact Variance of
     * Products</i>). Of one slice alone the error rate is a level and no difference, and its draws are taken as they are.
     *
     * @param byShares with shares drawn and rates as they are
     * @param byRates the other way round
     */
    private static double productOfChance(double[] byShares, double[] byRates, double[] drawn) {
        double shares = Math.pow(spread(byShares), 2);
        double rates = Math.pow(spread(byRates), 2);
        double both = Math.pow(spread(drawn), 2);
        double unbiased = 2 * (shares + rates) - both;
        return both > 0 ? Math.sqrt(Math.min(1, Math.max(unbiased, Math.max(shares, rates)) / both)) : 1;
    }

    /**
     * Of a composition: the interval of the draws, with the wider tails that shares of few drives need.
     *
     * @param narrower what the spread of the draws is to be multiplied by
     */
    private static Estimate composition(
            double value, double[] resampled, double[] drawn, double narrower, int drives, SliceSettings settings) {
        if (drives < Math.max(2, settings.minDrives())) {
            return Figures.estimate(value, Optional.empty());
        }
        double ofDrawn = spread(drawn);
        double wider = ofDrawn > 0 ? Math.max(1, spread(resampled) / ofDrawn) : 1;
        double stretch = narrower * wider * DriveResamples.widening(drives, 1);
        return Figures.estimate(
                value,
                DriveResamples.quantiles(Arrays.stream(drawn)
                                .map(d -> value + stretch * (d - value))
                                .toArray())
                        .map(i -> new Interval(Math.min(value, i.low()), Math.max(value, i.high()))));
    }

    /**
     * Of a part within slices: the interval of the draws, stretched to the spread of the bootstrap where that is wider,
     * which knows how errors of slices go together. Of a slice with errors in many drives the bootstrap is believed where
     * it is narrower, too: the draws take parts of a drive for drives of their own, and are a quarter too wide. The two
     * variances are pooled, that of the draws counting as {@link #DRAWS_COUNT} drives with errors (Smyth 2004, <i>Linear
     * Models and Empirical Bayes Methods</i>, for variances that few samples tell).
     *
     * @param erring drives with errors that the bootstrap rests on; 0 to take it only where it is wider
     */
    private static Estimate withinSlice(
            double value, double[] resampled, double[] drawn, int drives, int erring, SliceSettings settings) {
        if (drives < Math.max(2, settings.minDrives())) {
            return Figures.estimate(value, Optional.empty());
        }
        double ofDrawn = spread(drawn);
        double wider = Math.sqrt(drives / (drives - 1.0)) * spread(resampled) / ofDrawn;
        double pooled = Math.sqrt((DRAWS_COUNT + erring * wider * wider) / (DRAWS_COUNT + erring));
        double stretch = ofDrawn > 0 ? Math.max(pooled, wider) : 1;
        return Figures.estimate(
                value,
                DriveResamples.quantiles(Arrays.stream(drawn)
                                .map(d -> value + stretch * (d - value))
                                .toArray())
                        .map(i -> new Interval(Math.min(value, i.low()), Math.max(value, i.high()))));
    }

    /** Standard deviation; 0 where nothing is defined. */
    private static double spread(double[] values) {
        double[] defined = Arrays.stream(values).filter(Double::isFinite).toArray();
        double mean = Arrays.stream(defined).average().orElse(0);
        return Math.sqrt(Arrays.stream(defined)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0));
    }

    private static int[] ones(int drives) {
        int[] ones = new int[drives];
        Arrays.fill(ones, 1);
        return ones;
    }
}
