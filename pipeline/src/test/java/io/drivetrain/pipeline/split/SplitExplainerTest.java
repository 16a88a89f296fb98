package io.drivetrain.pipeline.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Splits;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitExplainerTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return SplitExplainer.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void saysWhatTheJobDecidesAndWhy() throws Exception {
        int code = run(
                "--drive",
                "drive-7",
                "--domain",
                "TARGET",
                "--start",
                "2026-11-01T08:00:00Z",
                "--set",
                "split.test-fraction=0.3");

        Assignment.Assigned decided =
                (Assignment.Assigned) SplitPolicy.of(TestSamples.config(Map.of("split.test-fraction", "0.3")))
                        .assign(new DriveFacts("drive-7", Domain.TARGET, TestSamples.START, ""));
        JsonNode document = new ObjectMapper().readTree(out.toByteArray());
        assertThat(code).isZero();
        assertThat(document.get("split").asText()).isEqualTo(Splits.label(decided.split()));
        assertThat(document.get("position").asDouble())
                .isEqualTo(decided.facts().position());
        assertThat(document.get("rule").asText()).isEqualTo("SHARE");
        assertThat(document.get("reason").asText()).isEqualTo(decided.reason()).contains("drive-7 (TARGET)");
        assertThat(document.at("/shares/0/split").asText()).isEqualTo("test");
        assertThat(document.at("/shares/0/high").asDouble()).isEqualTo(0.3);
    }

    @Test
    void wrongArgumentsAreOneSentence() {
        assertThat(run("--drive", "drive-7", "--domain", "MOON", "--start", "2026-11-01T08:00:00Z"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("MOON").contains("Usage: SplitExplainer");
    }
}
