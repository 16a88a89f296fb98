package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResamplingTest {
    /** 80 of class 0, 16 of class 1, 4 of class 3, none of class 2. */
    private static final int[] LABELS =
            IntStream.range(0, 100).map(i -> i < 80 ? 0 : i < 96 ? 1 : 3).toArray();

    @Test
    void withoutResamplingAnEpochIsAPermutation() {
        int[] order = Resampling.NONE.epoch(LABELS, RandomStreams.at(1, 1));
        assertThat(order)
                .containsExactlyInAnyOrder(IntStream.range(0, 100).toArray())
                .isNotEqualTo(IntStream.range(0, 100).toArray());
    }

    @Test
    void balancedEpochHasAsManySamplesOfEachClassThatOccurs() {
        int[] order = Resampling.BALANCED.epoch(LABELS, RandomStreams.at(1, 1));
        assertThat(order).hasSize(100);
        assertThat(IntStream.of(order).filter(i -> LABELS[i] == 0)).hasSize(33);
        assertThat(IntStream.of(order).filter(i -> LABELS[i] == 1)).hasSize(33);
        assertThat(IntStream.of(order).filter(i -> LABELS[i] == 3)).hasSize(34);
    }

    @Test
    void noSampleIsDrawnAgainBeforeEveryOtherOfItsClass() {
        int[] order = Resampling.BALANCED.epoch(LABELS, RandomStreams.at(1, 1));
        int[] times = new int[100];
        IntStream.of(order).forEach(i -> times[i]++);
        assertThat(IntStream.range(0, 80).map(i -> times[i])).allMatch(n -> n == 0 || n == 1);
        assertThat(IntStream.range(80, 96).map(i -> times[i])).allMatch(n -> n == 2 || n == 3);
        assertThat(IntStream.range(96, 100).map(i -> times[i])).allMatch(n -> n == 8 || n == 9);
    }

    @Test
    void sameStreamGivesTheSameEpochAndAnotherAnother() {
        for (Resampling resampling : Resampling.values()) {
            int[] order = resampling.epoch(LABELS, RandomStreams.at(7, 3));
            assertThat(resampling.epoch(LABELS, RandomStreams.at(7, 3))).isEqualTo(order);
            assertThat(resampling.epoch(LABELS, RandomStreams.at(7, 4))).isNotEqualTo(order);
            assertThat(resampling.epoch(LABELS, RandomStreams.at(8, 3))).isNotEqualTo(order);
        }
    }

    @Test
    void unknownWordIsRefused() {
        assertThatThrownBy(() -> Resampling.parse("oversample"))
                .hasMessage("Unknown improve.resample 'oversample'; it must be one of [none, balanced]");
    }
}
