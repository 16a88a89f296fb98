package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers from scipy 1.17.1: fisher_exact(alternative='greater') and binomtest(k1, k1 + k2, t1 / (t1 + t2)). */
class RateTestTest {

    @ParameterizedTest
    @CsvSource({
        "8,   10,   1,    6,     0.024475524475524483",
        "3,   4,    1,    4,     0.24285714285714283",
        "30,  200,  20,   800,   1.87489455944008e-10",
        "0,   10,   5,    100,   1.0",
        "10,  100,  100,  1000,  0.5544122037718215",
        "2,   100,  50,   1000,  0.959729705812344",
        "200, 1000, 1000, 10000, 4.370617472994082e-19"
    })
    void fisherAgreesWithScipy(long hits, long samples, long otherHits, long otherSamples, double expected) {
        assertThat(RateTest.fisher(hits, samples, otherHits, otherSamples))
                .isCloseTo(expected, within(1e-9 * expected));
    }

    @ParameterizedTest
    @CsvSource({
        "10, 100,  20, 900,  0.0004543551149053831",
        "3,  50,   7,  50,   0.9453125",
        "0,  5,    3,  5,    1",
        "40, 1000, 60, 9000, 2.9455297937465308e-15"
    })
    void conditionalTestOfTwoRatesAgreesWithScipy(
            long events, double exposure, long otherEvents, double otherExposure, double expected) {
        assertThat(RateTest.poisson(events, exposure, otherEvents, otherExposure))
                .isCloseTo(expected, within(1e-9 * expected));
    }

    @Test
    void chancesOfAllTablesWithTheSameMarginsSumToOne() {
        for (long samples = 1; samples < 12; samples++) {
            for (long others = 1; others < 12; others++) {
                for (long all = 0; all <= samples + others; all++) {
                    double before = 1;
                    for (long hits = Math.max(0, all - others); hits <= Math.min(all, samples); hits++) {
                        double p = RateTest.fisher(hits, samples, all - hits, others);
                        assertThat(p).isBetween(0.0, before + 1e-12);
                        before = p;
                    }
                }
                assertThat(RateTest.fisher(0, samples, others, others)).isEqualTo(1);
            }
        }
    }

    @Test
    void moreHitsThanSamplesAreRefused() {
        assertThatThrownBy(() -> RateTest.fisher(3, 2, 0, 5)).hasMessageContaining("3 of 2");
        assertThatThrownBy(() -> RateTest.poisson(3, 0, 0, 5)).hasMessageContaining("exposures are above 0");
    }
}
