package io.drivetrain.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs all cases of one file, counts and prints them by kind. */
final class VectorRun {
    private final Path file;
    private final Map<String, int[]> byKind = new TreeMap<>();
    private final Map<String, Integer> skipped = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private int passed;

    private VectorRun(Path file) {
        this.file = file;
    }

    static VectorRun of(VectorGroup group, Path file) throws IOException {
        VectorRun run = new VectorRun(file);
        JsonNode content = new ObjectMapper().readTree(file.toFile());
        for (JsonNode node : content.path("cases")) {
            VectorCase test = new VectorCase(content, node);
            try {
                group.check(test);
            } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
                // A case that cannot be computed is a difference like any other; the rest must still be told.
                test.require(false, e.toString());
            }
            run.count(test);
        }
        return run;
    }

    int passed() {
        return passed;
    }

    List<String> failures() {
        return failures;
    }

    private void count(VectorCase test) {
        int[] counts = byKind.computeIfAbsent(test.kind(), unused -> new int[4]);
        test.differences().forEach(text -> failures.add("%s %s: %s".formatted(test.id(), test.kind(), text)));
        test.skipped().forEach(text -> skipped.merge(test.kind() + ": " + text, 1, Integer::sum));
        if (!test.differences().isEmpty()) {
            counts[1]++;
        } else if (test.compared() == 0) {
            counts[2]++;
        } else {
            counts[0]++;
            passed++;
        }
        counts[3] += test.compared();
    }

    void print(PrintStream out) {
        out.println("Reference vectors of " + file.toAbsolutePath().normalize());
        out.printf("  %-30s %7s %7s %8s %9s%n", "kind", "passed", "failed", "skipped", "compared");
        byKind.forEach((kind, counts) ->
                out.printf("  %-30s %7d %7d %8d %9d%n", kind, counts[0], counts[1], counts[2], counts[3]));
        skipped.forEach((reason, times) -> out.printf("  skipped %d x %s%n", times, reason));
        failures.forEach(failure -> out.println("  FAILED " + failure));
    }
}
