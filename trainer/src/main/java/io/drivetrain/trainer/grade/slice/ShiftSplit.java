package io.drivetrain.trainer.grade.slice;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.ShiftSlice;
import io.drivetrain.trainer.grade.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

    private ShiftSplit() {}

    /**
     * Splits by each of several attributes and keeps the one that explains most: that with the largest composition, up or
     * down, of those distinguishable from zero; the first if none is. What is distinguishable is judged by intervals that
     * are wide enough for having looked at all of them (Bonferroni); those reported are 95 % intervals of a cluster
     * bootstrap in which drives are drawn within each split.
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

    /** What was found for one attribute, with the resampled values of its composition. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Split(ShiftParts record, double[] compositions, int drives) {
        Optional<Interval> composition(int tried) {
            return record.getComposition().getLow() == null
                    ? Optional.empty()
                    : DriveResamples.interval(record.getComposition().getValue(), compositions, drives, tried);
        }
    }

    /** Composition and within-slice part of each slice, at {@code 2·slice} and {@code 2·slice + 1}. */
    private static double[] parts(
            List<SliceCounts> before, List<SliceCounts> after, int[] timesBefore, int[] timesAfter) {
        int slices = before.size();
        long[] samplesBefore = new long[slices];
        long[] samplesAfter = new long[slices];
        long allBefore = 0;
        long allAfter = 0;
        for (int s = 0; s < slices; s++) {
            samplesBefore[s] = before.get(s).resampledSamples(timesBefore);
            samplesAfter[s] = after.get(s).resampledSamples(timesAfter);
            allBefore += samplesBefore[s];
            allAfter += samplesAfter[s];
        }
        double[] parts = new double[2 * slices];
        for (int s = 0; s < slices; s++) {
            double a = samplesBefore[s] / (double) allBefore;
            double b = samplesAfter[s] / (double) allAfter;
            double e = before.get(s).resampledErrors(timesBefore) / (double) samplesBefore[s];
            double f = after.get(s).resampledErrors(timesAfter) / (double) samplesAfter[s];
            if (samplesBefore[s] == 0) {
                e = samplesAfter[s] == 0 ? 0 : f;
            }
            if (samplesAfter[s] == 0) {
                f = e;
            }
            parts[2 * s] = (b - a) * (e + f) / 2;
            parts[2 * s + 1] = (f - e) * (a + b) / 2;
        }
        return parts;
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
        double[] parts = parts(before, after, ones(drivesBefore), ones(drivesAfter));
        double[][] resampled = new double[2 * slices + 2][settings.replicates()];
        DriveResamples drawBefore = new DriveResamples(drivesBefore, settings.seed() * 31 + 1);
        DriveResamples drawAfter = new DriveResamples(drivesAfter, settings.seed() * 31 + 2);
        for (int replicate = 0; replicate < settings.replicates(); replicate++) {
            double[] drawn = parts(before, after, drawBefore.next(), drawAfter.next());
            for (int part = 0; part < drawn.length; part++) {
                resampled[part][replicate] = drawn[part];
                resampled[2 * slices + part % 2][replicate] += drawn[part];
            }
        }
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
            int sliceDrives = source.drives() == 0
                    ? target.drives()
                    : target.drives() == 0 ? source.drives() : Math.min(source.drives(), target.drives());
            records.add(new ShiftSlice(
                    attribute + "=" + (value.isEmpty() ? NOT_KNOWN : value),
                    source.sampleCount() / (double) trainDev.size(),
                    target.sampleCount() / (double) testDev.size(),
                    estimate(sliceComposition, resampled[2 * slice], sliceDrives, settings),
                    estimate(sliceWithin, resampled[2 * slice + 1], sliceDrives, settings)));
            slice++;
        }
        double[] compositions = resampled[2 * slices];
        return new Split(
                new ShiftParts(
                        attribute,
                        estimate(composition, compositions, drives, settings),
                        estimate(withinSlice, resampled[2 * slices + 1], drives, settings),
                        records),
                compositions,
                drives);
    }

    private static Estimate estimate(double value, double[] resampled, int drives, SliceSettings settings) {
        return Figures.estimate(
                value,
                drives < settings.minDrives()
                        ? Optional.empty()
                        : DriveResamples.interval(value, resampled, drives, 1));
    }

    private static int[] ones(int drives) {
        int[] ones = new int[drives];
        Arrays.fill(ones, 1);
        return ones;
    }
}
