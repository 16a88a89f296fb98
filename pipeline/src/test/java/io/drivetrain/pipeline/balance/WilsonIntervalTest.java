package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 81 of 263 is the example of Newcombe (1998), table I: 0.2553 to 0.3662; all from scipy 1.17.1. */
class WilsonIntervalTest {

    @ParameterizedTest
    @CsvSource({
        "81, 263, 0.2552885198782742,   0.36620957698280004",
        "0,  10,  0,                    0.27753279986288926",
        "10, 10,  0.7224672001371109,   1",
        "1,  20,  0.008881448800795402, 0.23613119344674205"
    })
    void itAgreesWithScipy(double hits, double samples, double low, double high) {
        WilsonInterval interval = WilsonInterval.of(hits / samples, samples);
        assertThat(interval.low()).isCloseTo(low, within(1e-12));
        assertThat(interval.high()).isCloseTo(high, within(1e-12));
    }

    @Test
    void noSamplesHaveNoInterval() {
        assertThatThrownBy(() -> WilsonInterval.of(0, 0)).hasMessageContaining("samples are above 0");
    }
}
