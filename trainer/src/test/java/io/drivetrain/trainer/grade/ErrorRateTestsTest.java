package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ErrorRateTestsTest {
    private static TwoProportions two(long k1, long n1, long k2, long n2) {
        return new TwoProportions(new Proportion(k1, n1), new Proportion(k2, n2));
    }

    @Test
    void unconditionalTestsOfGroupsAreThoseOfScipyWithGroupsAsColumns() {
        assertThat(two(0, 50, 5, 50).barnardPValue()).isCloseTo(0.0236657, within(1e-4));
        assertThat(two(2, 8, 5, 9).barnardPValue()).isCloseTo(0.2616330, within(1e-4));
        assertThat(two(0, 50, 5, 50).boschlooPValue()).isCloseTo(0.0352099, within(1e-4));
        assertThat(two(2, 8, 5, 9).boschlooPValue()).isCloseTo(0.2472747, within(1e-4));
    }

    @Test
    void modelsThatDifferNowhereHaveAPValueOfOne() {
        ErrorRateTests.McNemar none = new ErrorRateTests.McNemar(0, 0);
        assertThat(none.exactPValue()).isEqualTo(1);
        assertThat(none.correctedPValue()).isEqualTo(1);
        assertThat(none.chiSquaredPValue()).isEqualTo(1);
    }

    @Test
    void withoutSamplesEveryProportionIsPossible() {
        assertThat(new Proportion(0, 0).wilson(0.05)).isEqualTo(new Interval(0, 1));
        assertThat(new Proportion(0, 0).clopperPearson(0.05)).isEqualTo(new Interval(0, 1));
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> new Proportion(3, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("3 of 2 samples is no proportion");
        assertThatThrownBy(() -> two(0, 0, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("0 and 2 samples; a comparison needs at least one of each");
        assertThatThrownBy(() -> new ErrorRateTests.McNemar(-1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("-1 and 2 differing samples");
    }

    @Test
    void aProbabilityThatIsNoNumberCountsAsNone() {
        assertThat(Calibration.logLoss(new double[] {Double.NaN, Double.NaN}, 0))
                .isCloseTo(34.54, within(0.01));
    }
}
