package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressBarTest {
    @Test
    void halfWayItShowsRateAndTimeLeft() {
        assertThat(new ProgressBar("samples.raw", "samples", 1000, 0).text(TestTerminals.plain(80), 500, 10))
                .contains("500/1,000 samples")
                .contains("50/s")
                .contains("10 s left");
    }

    @Test
    void atTheEndItShowsTheTimeTaken() {
        assertThat(new ProgressBar("samples.raw", "samples", 1000, 0).text(TestTerminals.plain(80), 1000, 125))
                .contains("2 min 05 s")
                .doesNotContain("left");
    }

    @Test
    void nothingOfNothingIsNoDivisionByZero() {
        assertThat(new ProgressBar("x", "samples", 0, 0).text(TestTerminals.plain(80), 0, 0))
                .contains("0/0");
    }

    @Test
    void whatWasDoneBeforeTheClockStartedIsNotInTheRate() {
        assertThat(new ProgressBar("samples.raw", "samples", 1000, 400).text(TestTerminals.plain(80), 500, 10))
                .contains("10/s")
                .contains("50 s left");
    }
}
