package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.SharedFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Compares measurements with those of other libraries, from any folder of the format that {@code
 * shared/vectors/README.md} describes: {@code mvn -pl pipeline test -Dtest='ReferenceVectors*' -Dvectors.dir=DIR}.
 */
class ReferenceVectorsTest {
    private static final String GROUP = "images.json";

    private int passed;
    private final Map<String, int[]> byKind = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> inexact = new ArrayList<>();
    private final Map<String, Integer> skipped = new TreeMap<>();

    @Test
    void everyMeasurementOfImagesEqualsItsReference() throws IOException {
        Optional<Path> folder = folder();
        PrintStream out = System.out;
        if (folder.isEmpty()) {
            out.println(
                    "Skipped: there is no folder shared/vectors beside the checkout; name one by -Dvectors.dir=DIR");
        }
        assumeTrue(folder.isPresent(), "no reference vectors; name a folder by -Dvectors.dir=DIR");
        Path file = folder.get().resolve(GROUP);
        assertThat(file).as("the image group of the reference vectors").isRegularFile();
        JsonNode group = new ObjectMapper().readTree(file.toFile());
        ImageVectors vectors = new ImageVectors(folder.get());
        for (JsonNode test : group.get("cases")) {
            count(test, vectors.check(test));
        }
        print(out, file);
        assertThat(failures).as("differences from %s", file).isEmpty();
        assertThat(passed).as("cases that passed").isPositive();
    }

    private static Optional<Path> folder() {
        String given = System.getProperty("vectors.dir");
        if (given == null) {
            return SharedFolder.find("vectors");
        }
        // Maven runs tests in the folder of the module, people give paths from where they are.
        Path fromRoot = Path.of("..").resolve(given);
        return Optional.of(Files.isDirectory(Path.of(given)) ? Path.of(given) : fromRoot);
    }

    private void count(JsonNode test, ImageVectors.Outcome outcome) {
        String kind = test.get("kind").asText();
        String id = test.path("id").asText("?");
        int[] counts = byKind.computeIfAbsent(kind, unused -> new int[4]);
        outcome.differences().forEach(text -> failures.add("%s %s: %s".formatted(id, kind, text)));
        outcome.inexact().forEach(text -> inexact.add("%s %s: %s".formatted(id, kind, text)));
        outcome.skipped().forEach(text -> skipped.merge(kind + ": " + text, 1, Integer::sum));
        if (!outcome.differences().isEmpty()) {
            counts[1]++;
        } else if (outcome.compared() == 0) {
            counts[2]++;
        } else {
            counts[0]++;
            passed++;
        }
        counts[3] += outcome.compared();
    }

    private void print(PrintStream out, Path file) {
        out.println("Reference vectors of " + file.toAbsolutePath().normalize());
        out.printf("  %-30s %7s %7s %8s %9s%n", "kind", "passed", "failed", "skipped", "compared");
        byKind.forEach((kind, counts) ->
                out.printf("  %-30s %7d %7d %8d %9d%n", kind, counts[0], counts[1], counts[2], counts[3]));
        skipped.forEach((reason, times) -> out.printf("  skipped %d x %s%n", times, reason));
        inexact.forEach(text -> out.println("  within tolerance, not equal: " + text));
        failures.forEach(failure -> out.println("  FAILED " + failure));
    }
}
