package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RestartLimitTest {
    private static final Instant START = Instant.parse("2026-12-01T06:00:00Z");

    @Test
    void endsInARowCount() {
        RestartLimit limit = new RestartLimit();
        for (int end = 1; end <= 6; end++) {
            assertThat(limit.ended(START.plusSeconds(60L * end))).isEqualTo(end);
        }
    }

    @Test
    void aProcessThatDiesNowAndThenIsStartedAgainForEver() {
        RestartLimit limit = new RestartLimit();
        for (int day = 0; day < 100; day++) {
            assertThat(limit.ended(START.plus(Duration.ofDays(day)))).isEqualTo(1);
        }
    }
}
