package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StandsOutTest {
    /** Drives of unequal length whose errors go together, and slices of drives and of frames that have nothing to do with it. */
    private static List<StandsOut.Outcome> chance(SplittableRandom random, int drives, int slices, int badSlice) {
        long[] samples = new long[drives];
        long[] errors = new long[drives];
        long[][] sliceSamples = new long[slices][drives];
        long[][] sliceErrors = new long[slices][drives];
        for (int d = 0; d < drives; d++) {
            double own = random.nextDouble() < 0.3 ? random.nextDouble() : 0.1;
            boolean[] whole = new boolean[slices];
            for (int s = 0; s < slices; s++) {
                whole[s] = random.nextDouble() < 0.2;
            }
            samples[d] = 1 + random.nextInt(d % 5 == 0 ? 40 : 8);
            for (int frame = 0; frame < samples[d]; frame++) {
                boolean wrong = random.nextDouble() < (badSlice >= 0 && whole[badSlice] ? 0.7 : own);
                errors[d] += wrong ? 1 : 0;
                for (int s = 0; s < slices; s++) {
                    boolean member = s % 2 == 0 ? whole[s] : random.nextDouble() < 0.3;
                    sliceSamples[s][d] += member ? 1 : 0;
                    sliceErrors[s][d] += member && wrong ? 1 : 0;
                }
            }
        }
        List<SliceCounts> family = new ArrayList<>();
        for (int s = 0; s < slices; s++) {
            family.add(new SliceCounts(sliceSamples[s], sliceErrors[s]));
        }
        return StandsOut.judge(new SliceCounts(samples, errors), family, 300, random.nextLong());
    }

    @Test
    void byChanceAtMostOneFamilyInTwentyHasASliceThatStandsOut() {
        SplittableRandom random = new SplittableRandom(99);
        int families = 400;
        int named = 0;
        for (int i = 0; i < families; i++) {
            boolean any =
                    chance(random, 15 + random.nextInt(60), 20, -1).stream().anyMatch(o -> o.pValue() <= 0.05);
            named += any ? 1 : 0;
        }
        System.out.printf("%d of %d families named a slice by chance%n", named, families);
        // 4 % would be 16; up to 30 is within chance of a true 5 %.
        assertThat(named).isLessThanOrEqualTo(30);
    }

    @Test
    void aBadSliceStandsOutAmongTwenty() {
        SplittableRandom random = new SplittableRandom(100);
        int found = 0;
        for (int i = 0; i < 50; i++) {
            found += chance(random, 200, 20, 4).get(4).pValue() <= 0.05 ? 1 : 0;
        }
        assertThat(found).isGreaterThan(45);
    }

    @Test
    void aSliceThatEveryDriveHasInTheSamePartDoesNotStandOutForLongDrivesBeingHard() {
        long[] samples = {40, 40, 40, 4, 4, 4, 4, 4, 4, 4};
        long[] errors = {30, 30, 30, 0, 0, 0, 0, 0, 0, 0};
        long[] half = {20, 20, 20, 2, 2, 2, 2, 2, 2, 2};
        long[] halfErrors = {15, 15, 15, 0, 0, 0, 0, 0, 0, 0};
        StandsOut.Outcome outcome = StandsOut.judge(
                        new SliceCounts(samples, errors), List.of(new SliceCounts(half, halfErrors)), 200, 1)
                .get(0);
        assertThat(outcome.pValue()).isGreaterThan(0.5);
    }
}
