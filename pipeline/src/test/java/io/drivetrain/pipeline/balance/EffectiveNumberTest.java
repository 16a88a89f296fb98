package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EffectiveNumberTest {

    @ParameterizedTest
    @CsvSource({
        "10,   0.9,    6.513215599000001",
        "100,  0.99,   63.39676587267703",
        "5000, 0.999,  993.2788880401336",
        "50,   0.999,  48.7943718029686",
        "500,  0.9999, 487.7295372842454",
        "0,    0.999,  0",
        "1,    0.999,  1",
        "7,    0,      1"
    })
    void itIsTheFormulaOfCuiAndOthers(long samples, double beta, double expected) {
        assertThat(EffectiveNumber.of(samples, beta)).isCloseTo(expected, within(1e-9 * Math.max(1, expected)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, 0.999, 0.9999999})
    void itGrowsWithTheSamplesAndNeverAboveThemOrTheVolume(double beta) {
        double before = 0;
        for (long samples = 1; samples < 1_000_000; samples = samples * 3 / 2 + 1) {
            double number = EffectiveNumber.of(samples, beta);
            assertThat(number).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(samples * (1 + 1e-12));
            assertThat(number).isLessThanOrEqualTo((1 + 1e-9) / (1 - beta));
            before = number;
        }
    }

    @Test
    void weightsHaveMeanOneAndMirrorTheNumbers() {
        Map<String, Long> samples = Map.of("car", 5000L, "cyclist", 50L, "tram", 0L);
        Map<String, Double> effective = EffectiveNumber.weights(samples, 0.999);
        assertThat(effective).containsOnlyKeys("car", "cyclist");
        assertThat(effective.get("car") + effective.get("cyclist")).isCloseTo(2, within(1e-12));
        assertThat(effective.get("cyclist") / effective.get("car"))
                .isCloseTo(993.2788880401336 / 48.7943718029686, within(1e-9));
        Map<String, Double> inverse = EffectiveNumber.inverseFrequencyWeights(samples);
        assertThat(inverse.get("cyclist") / inverse.get("car")).isCloseTo(100, within(1e-9));
        assertThat(inverse.get("cyclist")).isCloseTo(2 * 100 / 101.0, within(1e-12));
    }

    @Test
    void betaOfOneIsRefused() {
        assertThatThrownBy(() -> EffectiveNumber.of(3, 1)).hasMessageContaining("beta is 0..1, below 1");
    }
}
