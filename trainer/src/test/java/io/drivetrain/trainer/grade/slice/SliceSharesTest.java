package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SliceSharesTest {
    private static final int DRAWS = 20_000;

    /** Shares of the first slice, ascending. */
    private static double[] drawn(List<SliceCounts> slices) {
        SliceShares shares = new SliceShares(slices);
        SplittableRandom random = new SplittableRandom(1);
        double[] samples = slices.stream().mapToDouble(SliceCounts::sampleCount).toArray();
        double[] drawn = new double[DRAWS];
        Arrays.setAll(drawn, i -> {
            double[] with = shares.withAnother(samples, random);
            return with[0] / Arrays.stream(with).sum();
        });
        Arrays.sort(drawn);
        return drawn;
    }

    private static SliceCounts counts(long... samples) {
        return new SliceCounts(samples, new long[samples.length]);
    }

    @Test
    void fiveDrivesOfOneSliceDoNotSayThatThereIsNoOther() {
        double[] drawn = drawn(List.of(counts(20, 30, 10, 20, 20), counts(0, 0, 0, 0, 0)));

        assertThat(drawn[DRAWS / 40]).isBetween(0.65, 0.85);
        assertThat(drawn[DRAWS - 1]).isCloseTo(1, within(1e-12));
    }

    @Test
    void manyDrivesSayIt() {
        long[] every = new long[500];
        Arrays.fill(every, 20);

        assertThat(drawn(List.of(counts(every), counts(new long[500])))[DRAWS / 40])
                .isGreaterThan(0.99);
    }

    @Test
    void anotherDriveOfBothSlicesTellsNothingNew() {
        double[] drawn = drawn(List.of(counts(15, 14, 15, 16, 15), counts(15, 16, 15, 14, 15)));

        assertThat(drawn[0]).isCloseTo(0.5, within(1e-9));
        assertThat(drawn[DRAWS - 1]).isCloseTo(0.5, within(1e-9));
    }
}
