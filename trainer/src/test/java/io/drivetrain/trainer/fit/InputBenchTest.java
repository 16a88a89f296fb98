package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputBenchTest {
    private static final InputPathMeasurement.Result RESULT =
            new InputPathMeasurement.Result(40_000, 8_000, 2_000, 80, 500, 100, 25, 2);

    @Test
    void optionsAreRead() {
        assertThat(InputBench.Options.parse(List.of("--json", "--threads", "1", "--samples", "1000000")))
                .isEqualTo(new InputBench.Options(true, 1, 60, 1_000_000));
        assertThat(InputBench.Options.parse(List.of())).isEqualTo(new InputBench.Options(false, 0, 60, 0));
    }

    @Test
    void whatCannotBeReadIsNamed() {
        assertThatThrownBy(() -> InputBench.Options.parse(List.of("--fast")))
                .hasMessage(
                        "Unknown argument '--fast' of the input benchmark; it takes --json, --threads N, --seconds N and --samples N");
        assertThatThrownBy(() -> InputBench.Options.parse(List.of("--samples", "many")))
                .hasMessage("--samples needs a whole number of at least 1, got 'many'");
    }

    @Test
    void tableAndJsonSayTheSame() throws Exception {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        InputBench.print(RESULT, false, new PrintStream(table, true, StandardCharsets.UTF_8));
        assertThat(table.toString(StandardCharsets.UTF_8)).contains("40000", "500x", "8000", "100x", "2000", "25x");
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        InputBench.print(RESULT, true, new PrintStream(json, true, StandardCharsets.UTF_8));
        assertThat(new ObjectMapper()
                        .readTree(json.toString(StandardCharsets.UTF_8))
                        .get("ratio")
                        .asDouble())
                .isEqualTo(500);
    }

    @Test
    void firstBatchIsTold() throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        InputBench.print(
                new InputPathMeasurement.FirstBatch(1_000_000, 0.01, 0.2, 0.03, 0.9),
                false,
                new PrintStream(text, true, StandardCharsets.UTF_8));
        assertThat(text.toString(StandardCharsets.UTF_8))
                .startsWith("First batch of 1,000,000 samples after 0.90 s: labels 0.01 s, pixel statistics 0.20 s");
    }
}
