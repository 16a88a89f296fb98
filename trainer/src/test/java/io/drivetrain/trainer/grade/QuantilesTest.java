package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantilesTest {
    private static final double[] SORTED = {1, 2, 4, 8, 16};

    /** As R's quantile() has them for type 7 and type 6. */
    @ParameterizedTest
    @CsvSource({"0, 1, 1", "0.025, 1.1, 1", "0.25, 2, 1.5", "0.5, 4, 4", "0.9, 12.8, 16", "1, 16, 16"})
    void bothDefinitionsInterpolate(double probability, double ofValues, double ofDraws) {
        assertThat(Quantiles.ofValues(SORTED, probability)).isCloseTo(ofValues, within(1e-12));
        assertThat(Quantiles.ofDraws(SORTED, probability)).isCloseTo(ofDraws, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"0", "0.3", "1"})
    void ofOneValueItIsThatValue(double probability) {
        assertThat(Quantiles.ofValues(new double[] {3}, probability)).isEqualTo(3);
        assertThat(Quantiles.ofDraws(new double[] {3}, probability)).isEqualTo(3);
    }
}
