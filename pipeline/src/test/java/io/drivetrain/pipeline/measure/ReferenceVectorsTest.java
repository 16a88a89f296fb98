package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.pipeline.SharedFolder;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
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
    private int unknown;
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
        for (JsonNode test : group.path("cases")) {
            count(test, vectors.check(test));
        }
        print(out, file);
        assertThat(uncompared())
                .as("known kinds of which no case could be compared")
                .isEmpty();
        assertThat(failures).as("differences from %s", file).isEmpty();
        assertThat(passed).as("cases that passed").isPositive();
    }

    /** The scores that the job publishes, from its own decoder and at the scale at which it measures. */
    @Test
    void theJobFlagsThePicturesThatTheReferenceCallsIssues() throws IOException {
        Optional<Path> folder = folder();
        assumeTrue(folder.isPresent(), "no reference vectors; name a folder by -Dvectors.dir=DIR");
        Path file = folder.get().resolve(GROUP);
        DrivetrainConfig.Quality thresholds =
                ConfigReader.read(Optional.empty(), Map.of(), Map.of()).quality();
        Map<String, QualityFlag> issues = Map.of(
                "dark", QualityFlag.DARK,
                "light", QualityFlag.LIGHT,
                "blurry", QualityFlag.BLURRY,
                "low_information", QualityFlag.LOW_INFORMATION,
                "odd_aspect_ratio", QualityFlag.ODD_ASPECT);
        int compared = 0;
        try (ReducedDecoder decoder = new ReducedDecoder(64, 64)) {
            for (JsonNode test : new ObjectMapper().readTree(file.toFile()).path("cases")) {
                QualityFlag flag = issues.get(test.path("input").path("issue").asText());
                if (flag == null || !test.path("expected").has("is_issue")) {
                    continue;
                }
                List<String> should = new ArrayList<>();
                test.get("expected").get("is_issue").forEach(name -> should.add(name.asText()));
                List<String> flagged = new ArrayList<>();
                for (JsonNode name : test.get("input").get("images")) {
                    Path image = folder.get().resolve("images/" + name.asText() + ".png");
                    if (flagged(decoder, image, thresholds).contains(flag)) {
                        flagged.add(name.asText());
                    }
                }
                assertThat(flagged).as("flagged as %s", flag.label()).isEqualTo(should);
                compared++;
            }
        }
        System.out.printf("The job's flags agree with %d sets of pictures of %s%n", compared, file);
    }

    private static List<QualityFlag> flagged(ReducedDecoder decoder, Path file, DrivetrainConfig.Quality thresholds)
            throws IOException {
        ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(file));
        ImageHeader.Readable header = (ImageHeader.Readable) ImageHeader.read(image);
        assertThat(decoder.decode(image, header)).as(file.toString()).isInstanceOf(ReducedDecoder.Pixels.class);
        return new PictureMeasurer()
                .measure(decoder.picture(), header.width(), header.height(), ImageHeader.grey(image, header))
                .quality()
                .flags(thresholds, Map.of());
    }

    private List<String> uncompared() {
        return byKind.entrySet().stream()
                .filter(kind -> ImageVectors.knows(kind.getKey()) && kind.getValue()[3] == 0)
                .map(Map.Entry::getKey)
                .toList();
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
        String kind = test.path("kind").asText("(none)");
        String id = test.path("id").asText("?");
        int[] counts = byKind.computeIfAbsent(kind, unused -> new int[4]);
        outcome.differences().forEach(text -> failures.add("%s %s: %s".formatted(id, kind, text)));
        outcome.inexact().forEach(text -> inexact.add("%s %s: %s".formatted(id, kind, text)));
        outcome.skipped().forEach(text -> skipped.merge(kind + ": " + text, 1, Integer::sum));
        if (!ImageVectors.knows(kind)) {
            unknown++;
        }
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
        if (unknown > 0) {
            out.printf("  %d cases are of kinds that are not known here, and were skipped%n", unknown);
        }
        skipped.forEach((reason, times) -> out.printf("  skipped %d x %s%n", times, reason));
        inexact.forEach(text -> out.println("  within tolerance, not equal: " + text));
        failures.forEach(failure -> out.println("  FAILED " + failure));
    }
}
