package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.synthesize.FaultShares;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs the pipeline's store bench, which writes the same rows with each choice of the table's properties. */
public final class StoreChoices {
    /** Frames of one drive share their sky, which a codec would find and a camera would not give it. */
    private static final int FRAMES = 1;

    private static final int DRAWN = 300;

    private StoreChoices() {}

    /**
     * Measures.
     *
     * @param directory for images and tables
     * @param images of the user; else scenes are drawn
     * @param only the topic to measure, or empty for all
     */
    public static JsonNode run(
            Path directory, Optional<Path> images, int rows, int rounds, String only, Consumer<String> progress)
            throws IOException, StackException, InterruptedException {
        Path folder = images.orElse(directory.resolve("images"));
        if (images.isEmpty()) {
            progress.accept("drawing %d images of 1280x720".formatted(DRAWN));
            draw(Files.createDirectories(folder));
        }
        return PipelineBench.run(
                "io.drivetrain.pipeline.store.StoreBench",
                List.of("-Xmx1200m"),
                List.of(
                        "--images",
                        folder.toString(),
                        "--dir",
                        directory.toString(),
                        "--only",
                        only,
                        "--rows",
                        Integer.toString(rows),
                        "--rounds",
                        Integer.toString(rounds)));
    }

    private static void draw(Path folder) throws IOException {
        StreamPlan plan = StreamPlan.first(42, DRAWN / 2, DRAWN / 2)
                .withSize(1280, 720)
                .withFramesPerDrive(FRAMES)
                .withFaults(FaultShares.NONE);
        int number = 0;
        try (SampleSource source =
                SyntheticScenes.source(plan, Runtime.getRuntime().availableProcessors())) {
            for (Collected entry : source) {
                if (entry instanceof Collected.Sample sample) {
                    byte[] image = new byte[sample.sample().getImageBytes().remaining()];
                    sample.sample().getImageBytes().duplicate().get(image);
                    Files.write(folder.resolve("%05d.jpg".formatted(number++)), image);
                }
            }
        }
    }

    /** The document for people. */
    public static List<String> table(JsonNode document) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%,d rows, images of %.1f KB, median of %d rounds; of each row:",
                document.path("rows").asLong(),
                document.path("imageBytes").asDouble() / 1e3,
                document.path("rounds").asInt()));
        lines.add(String.format(
                Locale.ROOT,
                "%-11s %-32s %9s %6s %9s %8s %9s %9s %6s",
                "choice",
                "",
                "bytes",
                "ratio",
                "write ms",
                "CPU ms",
                "read ms",
                "columns",
                "files"));
        for (JsonNode variant : document.path("variants")) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-11s %-32s %,9.0f %6.3f %9.3f %8.3f %9.3f %9.4f %,6d",
                    variant.path("topic").asText(),
                    variant.path("name").asText(),
                    variant.path("bytesPerRow").asDouble(),
                    variant.path("ratioToUncompressed").asDouble(),
                    variant.path("writeMillisPerRow").asDouble(),
                    variant.path("cpuMillisPerRow").asDouble(),
                    variant.path("readMillisPerRow").asDouble(),
                    variant.path("metadataMillisPerRow").asDouble(),
                    variant.path("files").asInt()));
        }
        return lines;
    }
}
