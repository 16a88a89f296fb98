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

    @Test
    void aMillionEntriesLeaveRoomForRateAndTimeLeftOnATerminalOf80Columns() {
        ProgressBar bar = new ProgressBar("samples.raw", "entries", 1_000_000, 0);
        assertThat(Terminal.fit(bar.text(TestTerminals.plain(80), 100_000, 2000), 79))
                .contains("100,000/1,000,000 entries, 50/s, 5 h 00 min left")
                .contains("█");
    }

    @Test
    void aNarrowTerminalHasTheNumbersWithoutTheBar() {
        ProgressBar bar = new ProgressBar("samples.raw", "entries", 1_000_000, 0);
        assertThat(Terminal.fit(bar.text(TestTerminals.plain(40), 100_000, 200), 39))
                .isEqualTo("  100,000/1,000,000 entries, 500/s");
        assertThat(Terminal.fit(new ProgressBar("x", "entries", 100, 0).text(TestTerminals.plain(40), 50, 10), 39))
                .isEqualTo("  50/100 entries, 5/s, 10 s left");
    }
}
