package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.ShiftSlice;
import io.drivetrain.trainer.grade.Coverage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * 1,000 worlds of two splits whose slices have known shares and error rates: how many intervals of the composition and of the
 * within-slice part of the shift hold the truth, and how often a part that is truly zero is called distinguishable from
 * zero. Fixed seeds, so no chance in it.
 *
 * <p>Worlds differ in drives (4 to 500 a split; below 5 there is no interval) and frames (2 to 200, equal or unequal), in the number of slices (2 to 6)
 * and whether a drive has one of them or many, in rare slices, in error rates from 0.0005 to 0.6 and in how errors of a drive go together.
 */
public class ShiftPartsCoverageTest {
    private static final int WORLDS = 1_000;
    private static final int MANY_ERRORS = 100;
    private static final SliceSettings SETTINGS = new SliceSettings(200, 5, 42);

    private final Coverage coverage = new Coverage();

    /**
     * What a split is drawn from.
     *
     * @param shares of the slices, summing to 1
     * @param errors error rate of each slice
     * @param copies share of drives that are wholly right or wholly wrong in a slice
     * @param mixed how much of a drive is of any slice, the rest being of one; 0..1
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Source(
            double[] shares, double[] errors, double copies, double mixed, double frames, boolean unequal) {
        GradedSplit draw(SplittableRandom random, int drives) {
            IntStream.Builder driveOf = IntStream.builder();
            List<float[]> probabilities = new ArrayList<>();
            List<Map<String, String>> attributes = new ArrayList<>();
            for (int drive = 0; drive < drives; drive++) {
                int own = slice(random);
                double level = random.nextDouble();
                boolean alike = random.nextDouble() < copies;
                double size = frames * (unequal ? -Math.log(1 - random.nextDouble()) : 0.3 + 1.4 * random.nextDouble());
                for (int frame = 0; frame < Math.max(1, size); frame++) {
                    int slice = random.nextDouble() < mixed ? slice(random) : own;
                    boolean wrong = (alike ? level : random.nextDouble()) < errors[slice];
                    driveOf.add(drive);
                    probabilities.add(wrong ? new float[] {0.2f, 0.8f} : new float[] {0.8f, 0.2f});
                    attributes.add(Map.of("weather", "w" + slice));
                }
            }
            int[] ofDrives = driveOf.build().toArray();
            return new GradedSplit(
                    new int[ofDrives.length],
                    probabilities.toArray(float[][]::new),
                    ofDrives,
                    IntStream.range(0, drives).mapToObj(d -> "drive-" + d).toList(),
                    attributes,
                    List.of(),
                    new double[ofDrives.length][0],
                    null);
        }

        private int slice(SplittableRandom random) {
            double at = random.nextDouble();
            int slice = 0;
            double below = shares[0];
            while (slice < shares.length - 1 && below <= at) {
                below += shares[++slice];
            }
            return slice;
        }
    }

    private static double[] shares(SplittableRandom random, int slices) {
        double[] shares = new double[slices];
        for (int s = 0; s < slices; s++) {
            shares[s] = 0.05 - Math.log(1 - random.nextDouble());
        }
        double sum = Arrays.stream(shares).sum();
        return Arrays.stream(shares).map(share -> share / sum).toArray();
    }

    public Coverage simulate(long firstSeed, int worlds) {
        for (int world = 0; world < worlds; world++) {
            SplittableRandom random = new SplittableRandom(firstSeed + world);
            int slices = 2 + random.nextInt(5);
            double rate = 0.001 * Math.pow(300, random.nextDouble());
            double[] errors = new double[slices];
            for (int s = 0; s < slices; s++) {
                errors[s] = Math.min(0.6, rate * Math.exp(2 * (random.nextDouble() - 0.5)));
            }
            double harder = random.nextDouble() < 0.5 ? 1 : Math.exp(2 * (random.nextDouble() - 0.3));
            double[] shares = shares(random, slices);
            Source before = new Source(
                    shares,
                    errors,
                    random.nextDouble() < 0.25 ? 0 : 0.7 * random.nextDouble(),
                    random.nextDouble() < 0.5 ? 0 : random.nextDouble(),
                    2 * Math.pow(70, random.nextDouble()),
                    random.nextDouble() < 0.4);
            Source after = new Source(
                    random.nextDouble() < 0.5 ? shares : shares(random, slices),
                    Arrays.stream(errors).map(e -> Math.min(0.6, e * harder)).toArray(),
                    before.copies,
                    before.mixed,
                    before.frames,
                    before.unequal);
            int drivesBefore = (int) Math.round(4 * Math.pow(125, random.nextDouble()));
            int drivesAfter = (int) Math.round(4 * Math.pow(125, random.nextDouble()));
            GradedSplit drawnBefore = before.draw(random, drivesBefore);
            GradedSplit drawnAfter = after.draw(random, drivesAfter);
            judge(
                    before,
                    after,
                    Math.min(drivesBefore, drivesAfter),
                    errors(slices, drawnBefore, drawnAfter),
                    ShiftSplit.by(drawnBefore, drawnAfter, "weather", SETTINGS).orElseThrow());
        }
        return coverage;
    }

    /** By slice, how many were seen on both splits. */
    private static int[] errors(int slices, GradedSplit... splits) {
        int[] errors = new int[slices];
        for (GradedSplit split : splits) {
            boolean[] wrong = split.wrong();
            for (int i = 0; i < wrong.length; i++) {
                errors[split.attribute(i, "weather").charAt(1) - '0'] += wrong[i] ? 1 : 0;
            }
        }
        return errors;
    }

    private void judge(Source before, Source after, int drives, int[] errors, ShiftParts parts) {
        double composition = 0;
        double within = 0;
        for (int s = 0; s < before.shares.length; s++) {
            double a = before.shares[s];
            double b = after.shares[s];
            double e = before.errors[s];
            double f = after.errors[s];
            composition += (b - a) * (e + f) / 2;
            within += (f - e) * (a + b) / 2;
            String name = "weather=w" + s;
            for (ShiftSlice slice : parts.getSlices()) {
                if (slice.getSlice().equals(name)) {
                    judge("slice composition", slice.getComposition(), (b - a) * (e + f) / 2, drives, before);
                    judge("slice within", slice.getWithinSlice(), (f - e) * (a + b) / 2, drives, before);
                    if (errors[s] >= MANY_ERRORS) {
                        judge(
                                "slice within, many errors",
                                slice.getWithinSlice(),
                                (f - e) * (a + b) / 2,
                                drives,
                                before);
                    }
                }
            }
        }
        judge("composition", parts.getComposition(), composition, drives, before);
        judge("within", parts.getWithinSlice(), within, drives, before);
    }

    private void judge(String name, Estimate estimate, double truth, int drives, Source source) {
        if (estimate.getLow() == null) {
            coverage.count(name + " without interval", true);
            return;
        }
        boolean held = estimate.getLow() <= truth && truth <= estimate.getHigh();
        coverage.count(name, held);
        coverage.count(name + (drives < 8 ? ", 5 to 7 drives" : drives < 20 ? ", 8 to 19" : ", from 20"), held);
        coverage.count(name + (source.unequal ? ", unequal drives" : ", equal drives"), held);
        coverage.count(name + (source.mixed == 0 ? ", one slice a drive" : ", drives of many slices"), held);
        if (truth == 0) {
            coverage.count(name + " of zero called distinguishable", estimate.getLow() > 0 || estimate.getHigh() < 0);
        }
    }

    @Test
    void partsOfTheShiftHoldTheTruthAsOftenAsTheySay() {
        simulate(Coverage.JUDGED, WORLDS).print();

        for (String part : List.of("composition", "within", "slice composition", "slice within, many errors")) {
            coverage.holdsAsItSays(part, WORLDS);
            coverage.isRare(part + " of zero called distinguishable", WORLDS);
        }
        coverage.holdsAtLeastAsItSays("slice within", WORLDS);
        coverage.isRare("slice within of zero called distinguishable", WORLDS);
        // 98.3 % before the bootstrap was believed where it is narrower; what few errors leave open nothing narrows.
        assertThat(coverage.share("slice within")).isLessThan(0.982);
        coverage.table().forEach((name, held) -> {
            if (!name.endsWith("distinguishable") && !name.endsWith("without interval")) {
                assertThat(held.share()).as(name).isGreaterThanOrEqualTo(0.92);
            }
        });
    }
}
