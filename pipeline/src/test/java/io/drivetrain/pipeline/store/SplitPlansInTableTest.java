package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plans in force are remembered where the samples are, without the state of the job. */
class SplitPlansInTableTest {
    private static final Instant NOW = TestSamples.START.plus(Duration.ofDays(1));

    @TempDir
    Path folder;

    private DrivetrainConfig config(Map<String, String> split) {
        Map<String, String> overrides = new HashMap<>(split);
        overrides.put("store.warehouse", folder.resolve("warehouse").toString());
        return TestSamples.config(overrides);
    }

    private void start(Map<String, String> split) {
        DrivetrainConfig config = config(split);
        SampleTable.open(config).takeOver(config.split(), NOW);
    }

    @Test
    void aPlanThatWouldDealStoredDrivesAnewIsRefusedUntilTheHistoryHasTheLineThatIsSaid() throws Exception {
        start(Map.of());
        start(Map.of("split.test-fraction", "0.4"));
        StoredSamples stored = new StoredSamples(folder);
        StoredSamples.append(stored.table(), StoredSamples.samples(0, 20));

        start(Map.of("split.test-fraction", "0.4"));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> start(Map.of("split.test-fraction", "0.5")))
                .withMessageContaining("share of test of 0.5 instead of 0.4")
                .withMessageContaining("the newest sample is of 2026-11-01T08:00:19Z")
                .withMessageContaining(
                        "Add to split.history, as its last line, 'until=2026-11-02T08:01:00Z salt=2026-11 train-dev-fraction=0.2 test-fraction=0.4 adopt-fraction=0.0 embargo=none'");
        String line =
                "until=2026-11-02T08:01:00Z salt=2026-11 train-dev-fraction=0.2 test-fraction=0.4 adopt-fraction=0.0 embargo=none";
        start(Map.of("split.test-fraction", "0.5", "split.history", line));
        assertThatExceptionOfType(ConfigException.class)
                .as("the history is remembered, too")
                .isThrownBy(() -> start(Map.of("split.test-fraction", "0.5")))
                .withMessageContaining("Let split.history be these lines: '" + line + "'");
        assertThat(stored.table().properties().get(SampleTable.SPLIT_PLANS))
                .isEqualTo("place-attributes=place,road,car\nrotate-test-dev-at=\n" + line
                        + "\nsalt=2026-11 train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0.0 embargo=none");
    }

    @Test
    void aTableWithSamplesOfAnOlderReleaseTakesAnyPlan() throws Exception {
        StoredSamples.append(new StoredSamples(folder).table(), StoredSamples.samples(0, 20));
        start(Map.of("split.salt", "another"));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> start(Map.of()))
                .withMessageContaining("by another salt");
    }
}
