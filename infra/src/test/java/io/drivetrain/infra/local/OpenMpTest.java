package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenMpTest {
    @Test
    void waitingThreadsSoonSleepAndNoThreadsMeansEveryCore() {
        assertThat(OpenMp.environment(3)).containsEntry("OMP_NUM_THREADS", "3").containsKey("GOMP_SPINCOUNT");
        assertThat(OpenMp.environment(0))
                .containsEntry(
                        "OMP_NUM_THREADS", Integer.toString(Runtime.getRuntime().availableProcessors()));
    }
}
