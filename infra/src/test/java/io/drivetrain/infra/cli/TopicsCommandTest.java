package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicsCommandTest {
    @Test
    void whereLabelsWereCorrectedTheSamplesAreCountedBesideTheRecords() {
        TopicsCommand.Counts counts = new TopicsCommand.Counts(
                Map.of("samples.train", 1450L, "samples.test", 228L, "samples.raw", 2000L),
                Map.of("samples.train", 1443L, "samples.test", 228L));
        assertThat(TopicsCommand.corrections(counts))
                .containsExactly("samples.train: 1,443 samples; a corrected label is one more record of its sample");
    }
}
