package io.drivetrain.infra.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.TrainingReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DemoDocumentTest {
    private static TrainingReport report() {
        return TrainingReport.newBuilder()
                .setRunId("run-1")
                .setRequestId("request-1")
                .setModelId("lenet-0")
                .setNetwork("lenet")
                .setClasses(List.of("a", "b"))
                .setSplits(
                        List.of(split(Split.TRAIN), split(Split.TRAIN_DEV), split(Split.TEST_DEV), split(Split.TEST)))
                .setDecomposition(new Decomposition(
                        new Estimate(0.34, 0.3, 0.4),
                        new Estimate(0.25, null, null),
                        new Estimate(0.02, 0.01, 0.03),
                        new Estimate(0.02, 0.01, 0.03),
                        new Estimate(0.03, 0.01, 0.03),
                        new Estimate(0.02, 0.01, 0.03)))
                .setVerdict("Fine.")
                .setProvenance(new Provenance(List.of(), null, "f", Map.of(), 1L, 1, Map.of()))
                .setPublishedAt(Instant.EPOCH)
                .build();
    }

    private static SplitResult split(Split split) {
        return new SplitResult(split, 10L, 2L, 1L, new Estimate(0.1, null, null), List.of());
    }

    @Test
    void theDocumentHasTheAgreedKeys() throws Exception {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String name : List.of("raw", "rejected", "train", "train-dev", "test-dev", "test")) {
            counts.put(name, 1L);
        }
        JsonNode document = new ObjectMapper()
                .readTree(DemoDocument.of(
                                counts,
                                Map.of("unknown-class", 1L),
                                new TableSnapshot("drivetrain.samples", Path.of("/t"), OptionalLong.of(7), 4),
                                List.of(new DemoDocument.Round("MANUAL", report())),
                                List.of(),
                                Map.of("total", 1.0),
                                List.of())
                        .toPrettyString());
        assertThat(names(document))
                .contains("counts", "rejectedByViolation", "snapshot", "rounds", "alerts", "seconds");
        assertThat(names(document.get("counts")))
                .containsExactly("raw", "rejected", "train", "train-dev", "test-dev", "test");
        assertThat(names(document.get("snapshot"))).contains("table", "snapshotId", "rows", "path");
        JsonNode round = document.at("/rounds/0");
        assertThat(names(round)).contains("model", "decomposition", "intervals", "samples", "drives");
        assertThat(names(round.get("decomposition")))
                .containsExactlyInAnyOrder(
                        "testError", "irreducible", "bias", "variance", "shift", "validationOverfitting");
        assertThat(round.at("/intervals/testError/1").asDouble()).isEqualTo(0.4);
        assertThat(round.at("/intervals/irreducible").isNull()).isTrue();
        assertThat(names(round.get("samples"))).containsExactly("train", "train-dev", "test-dev", "test");
    }

    private static List<String> names(JsonNode node) {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }
}
