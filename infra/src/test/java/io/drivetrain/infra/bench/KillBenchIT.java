package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.local.Role;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Six kills, so that each process dies twice; {@code ./drivetrain bench kills --count 100} is the long run. */
@Tag("kill")
class KillBenchIT {
    private static final long SEED = Long.getLong("kills.seed", 20261124L);
    private static final int SAMPLES = 20_000;

    @TempDir
    private Path folder;

    @Test
    void nothingIsLostAndNothingIsThereTwiceAlthoughEachProcessIsKilledTwice() throws Exception {
        KillBench.Report report =
                KillBench.run(folder.resolve("stack"), 6, SAMPLES, SEED, text -> System.out.println("  " + text));
        System.out.println("KillBenchIT: " + report.sentence());

        assertThat(report.problems()).isEmpty();
        assertThat(report.lost()).isZero();
        assertThat(report.duplicated()).isZero();
        assertThat(report.killed()).isEqualTo(Map.of(Role.TASK_MANAGER, 2, Role.JOB_MANAGER, 2, Role.BROKER, 2));
        assertThat(report.samples()).isGreaterThanOrEqualTo(SAMPLES);
        assertThat(report.admitted() + report.rejected()).isEqualTo(report.samples());
        assertThat(report.rows()).isEqualTo(report.admitted());
        assertThat(report.admittedShare()).isGreaterThan(KillBench.LEAST_ADMITTED_SHARE);
        assertThat(report.document().toString())
                .isEqualTo(
                        "{\"benchmark\":\"kills\",\"kills\":6,\"samples\":%d,\"lost\":0,\"duplicated\":0,\"seed\":%d}"
                                .formatted(report.samples(), SEED));
    }
}
