package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    private static final Offset<Double> EXACTLY = within(1e-12);
    private static final long UPDATES = 10;
    private static final int EPOCHS = 8;

    private static double factor(String schedule, int warmUp, long update) {
        return LearningRateSchedule.parse(schedule, warmUp).factor(update, UPDATES, EPOCHS);
    }

    @Test
    void constantIsOne() {
        for (long update = 0; update < UPDATES * EPOCHS; update++) {
            assertThat(factor("constant", 0, update)).isEqualTo(1);
        }
    }

    @Test
    void warmUpRisesInAStraightLineFromATenth() {
        assertThat(factor("constant", 2, 0)).isCloseTo(0.1, EXACTLY);
        assertThat(factor("constant", 2, 10)).isCloseTo(0.55, EXACTLY);
        assertThat(factor("constant", 2, 20)).isEqualTo(1);
    }

    @Test
    void cosineFallsByHalfACosine() {
        assertThat(factor("cosine", 0, 0)).isCloseTo(1, EXACTLY);
        assertThat(factor("cosine", 0, 20)).isCloseTo((1 + Math.sqrt(0.5)) / 2, EXACTLY);
        assertThat(factor("cosine", 0, 40)).isCloseTo(0.5, EXACTLY);
        assertThat(factor("cosine", 0, 80)).isCloseTo(0, EXACTLY);
        // After two epochs of warm-up the middle of what is left is epoch five.
        assertThat(factor("cosine", 2, 20)).isCloseTo(1, EXACTLY);
        assertThat(factor("cosine", 2, 50)).isCloseTo(0.5, EXACTLY);
    }

    @Test
    void stepFallsToATenthAtHalfAndAgainAtThreeQuarters() {
        assertThat(factor("step", 0, 39)).isEqualTo(1);
        assertThat(factor("step", 0, 40)).isEqualTo(0.1);
        assertThat(factor("step", 0, 59)).isEqualTo(0.1);
        assertThat(factor("step", 0, 60)).isEqualTo(0.01);
    }

    @Test
    void oneCycleRisesFromA25thAndEndsFarBelow() {
        assertThat(factor("one-cycle", 0, 0)).isCloseTo(0.04, EXACTLY);
        assertThat(factor("one-cycle", 0, 12)).isCloseTo(0.52, EXACTLY);
        assertThat(factor("one-cycle", 0, 24)).isCloseTo(1, EXACTLY);
        assertThat(factor("one-cycle", 0, 52)).isCloseTo((1 + 4e-6) / 2, EXACTLY);
        assertThat(factor("one-cycle", 0, 80)).isCloseTo(4e-6, EXACTLY);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> LearningRateSchedule.parse("linear", 0))
                .hasMessage("Unknown improve.schedule 'linear'; it must be one of [constant, cosine, step, one-cycle]");
        assertThatThrownBy(() -> LearningRateSchedule.parse("one-cycle", 1))
                .hasMessageContaining("begins with a warm-up of its own; set it to 0");
        assertThatThrownBy(() -> LearningRateSchedule.parse("step", -1))
                .hasMessage("improve.warm-up is -1 epochs; it must be 0 or more");
    }
}
