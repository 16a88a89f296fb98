package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The keeper's commands on a table, through the protocol that the command line reads. */
record AskedKeeper(StoredSamples stored) {

    /** What it said. */
    record Answer(int exitCode, JsonNode last, List<JsonNode> progress) {
        JsonNode result() {
            assertThat(exitCode).as(last.toString()).isZero();
            return last.path("result");
        }

        String error() {
            return last.path("error").asText();
        }
    }

    Answer ask(Clock clock, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--set", "store.warehouse=" + stored.config().store().warehouse()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int code = SnapshotKeeper.run(
                all.toArray(String[]::new), Map.of(), clock, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        List<JsonNode> lines = new ArrayList<>();
        for (String line : bytes.toString(StandardCharsets.UTF_8).split("\n")) {
            lines.add(new ObjectMapper().readTree(line));
        }
        JsonNode last = lines.remove(lines.size() - 1);
        assertThat(last.path("exitCode").asInt()).isEqualTo(code);
        return new Answer(code, last, lines);
    }
}
