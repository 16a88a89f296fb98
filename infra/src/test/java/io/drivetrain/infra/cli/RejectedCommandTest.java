package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.cli.replay.Rejection;
import io.drivetrain.infra.cli.replay.RejectionSummary;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Violation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RejectedCommandTest {
    @Test
    void anIdThatIsMadeToLookLikeALineOfTheListStaysOnItsOwn() {
        RejectionSummary summary = new RejectionSummary(5);
        summary.add(new Rejection(new RejectedSample(
                new Origin("samples.raw", 0, 7L, Instant.EPOCH),
                null,
                null,
                List.of(),
                "a\nsamples.raw-0@8  \u001b[8mall is well",
                null,
                List.of(new Violation("id", "sampleId", "a\n", "Sample id 'a\u001b[8m' holds control characters")),
                Instant.EPOCH)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RejectedCommand.show(
                summary,
                Set.of(),
                new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), true, false, true, 80));
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .noneMatch(line -> line.startsWith("samples.raw-0@8") || line.contains("\u001b"))
                .anyMatch(line -> line.startsWith("samples.raw-0@7  a\\u000asamples.raw-0@8"));
    }
}
