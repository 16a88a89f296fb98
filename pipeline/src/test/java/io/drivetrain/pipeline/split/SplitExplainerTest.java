package io.drivetrain.pipeline.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Splits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitExplainerTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String drives, String... settings) throws IOException {
        List<String> arguments = new ArrayList<>();
        for (String setting : settings) {
            arguments.add("--set");
            arguments.add(setting);
        }
        return SplitExplainer.run(
                arguments.toArray(String[]::new),
                new StringReader(drives),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private static String drive(String id, String domain, String attributes) {
        return "{\"driveId\":\"%s\",\"domain\":\"%s\",\"start\":\"2026-11-01T08:00:00Z\",\"attributes\":{%s}}%n"
                .formatted(id, domain, attributes);
    }

    private List<JsonNode> explained() throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            documents.add(new ObjectMapper().readTree(line));
        }
        return documents;
    }

    private static List<String> rules(JsonNode document) {
        return IntStream.range(0, document.get("rules").size())
                .mapToObj(i -> document.get("rules").get(i).asText())
                .toList();
    }

    @Test
    void saysOfEachDriveWhatTheJobDecidesAndWhy() throws Exception {
        int code = run(drive("drive-7", "TARGET", "") + drive("drive-8", "SOURCE", ""), "split.test-fraction=0.3");

        Assignment.Assigned decided =
                (Assignment.Assigned) SplitPolicy.of(TestSamples.config(Map.of("split.test-fraction", "0.3")))
                        .assign(new DriveFacts("drive-7", Domain.TARGET, TestSamples.START, ""));
        assertThat(code).isZero();
        assertThat(explained()).hasSize(2);
        JsonNode document = explained().get(0);
        assertThat(document.get("split").asText()).isEqualTo(Splits.label(decided.split()));
        assertThat(document.get("position").asDouble())
                .isEqualTo(decided.facts().position());
        assertThat(document.get("rule").asText()).isEqualTo("SHARE");
        assertThat(document.get("reason").asText()).isEqualTo(decided.reason()).contains("drive-7 (TARGET)");
        assertThat(document.at("/shares/0/split").asText()).isEqualTo("test");
        assertThat(document.at("/shares/0/high").asDouble()).isEqualTo(0.3);
        assertThat(rules(explained().get(1)))
                .containsExactly(
                        "Plan: number 1 of 1 (that of today) deals drives that begin at 2026-11-01T08:00:00Z: train-dev 0.2, test 0.3, adoption 0.0, salt '2026-11'",
                        "Adoption: concerns TARGET drives only",
                        "Rotation: concerns test-dev only",
                        "Embargo: none is set (split.embargo)");
    }

    @Test
    void namesThePlanOfThePastAndTheRulesThatApply() throws Exception {
        run(
                drive("drive-7", "TARGET", "\"place\":\"Jena\""),
                "split.history=until=2026-12-01T00:00:00Z salt=2026-11 train-dev-fraction=0.2 test-fraction=0 adopt-fraction=0"
                        + " embargo=PT1H embargo-block=P1D embargo-scope=domain place-cell=0.05 place-margin=0.002"
                        + " unknown-place=none",
                "split.test-fraction=0.3",
                "split.adopt-from=2026-11-15T00:00:00Z",
                "split.adopt-fraction=0.1",
                "split.rotate-test-dev-at=2026-10-01T00:00:00Z");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        JsonNode document = explained().get(0);
        assertThat(document.get("place").asText()).isEqualTo("place=Jena");
        assertThat(document.get("unit").asText()).isEqualTo("place=Jena from 2026-11-01T00:00:00Z");
        assertThat(document.get("planUntil").asText()).isEqualTo("2026-12-01T00:00:00Z");
        assertThat(rules(document))
                .containsExactly(
                        "Plan: number 1 of 2 (until 2026-12-01T00:00:00Z) deals the block 'place=Jena from 2026-11-01T00:00:00Z': train-dev 0.2, test 0.0, adoption 0.0, salt '2026-11'",
                        "Adoption: no TARGET drive goes to train under this plan",
                        "Rotation: test-dev was rotated 1 of 1 times before the drive, which belongs to number 1",
                        "Embargo: no neighbour within PT1H of 'place=Jena' can be on the other side");
    }

    @Test
    void aWrongDriveIsOneSentence() throws Exception {
        assertThat(run(drive("drive-7", "MOON", ""))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("MOON").contains("Usage: SplitExplainer");
    }
}
