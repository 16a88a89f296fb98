package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five kills; {@code ./drivetrain bench kills --count 100} is the long run. */
@Tag("kill")
class KillBenchIT {
    private static final long SEED = Long.getLong("kills.seed", 20261124L);
    private static final int SAMPLES = 20_000;

    @TempDir
    private Path folder;

    @Test
    void nothingIsLostAndNothingIsThereTwiceAlthoughBrokerAndFlinkAreKilledAgainAndAgain() throws Exception {
        ObjectNode document =
                KillBench.run(folder.resolve("stack"), 5, SAMPLES, SEED, text -> System.out.println("  " + text));
        System.out.println("KillBenchIT: " + document);

        assertThat(document.get("samples").asLong()).isGreaterThanOrEqualTo(SAMPLES);
        assertThat(document.get("lost").asLong()).isZero();
        assertThat(document.get("duplicated").asLong()).isZero();
        assertThat(document.get("admitted").asLong() + document.get("rejected").asLong())
                .isEqualTo(document.get("samples").asLong());
        assertThat(document.get("rowsInTable").asLong())
                .isEqualTo(document.get("admitted").asLong())
                .isPositive();
    }
}
