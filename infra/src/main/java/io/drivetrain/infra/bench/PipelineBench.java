package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A bench of the pipeline's in a process of its own, whose last line of output is a JSON document. */
public final class PipelineBench {
    private static final int HEAP_MEGABYTES = 768;
    private static final int MANAGED_MEGABYTES = 192;

    /** Classes, compiled code, network buffers, stacks, and what the JVM needs for itself. */
    private static final int JVM_MEGABYTES = 240;

    private static final int PATIENCE_SECONDS = 3;

    private PipelineBench() {}

    static JsonNode run(String mainClass, List<String> jvmOptions, List<String> arguments)
            throws IOException, StackException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Installation.java().toString()));
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-Dlog4j2.configurationFile="
                        + Installation.find().root().resolve("infra/target/classes/log4j2-cli.properties"),
                "-cp",
                Installation.find().classPath("pipeline"),
                mainClass));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process), "bench shutdown"));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new StackException("The bench ended with code %d; see above".formatted(process.exitValue()));
        }
        return new ObjectMapper()
                .readTree(output.strip().lines().reduce((a, b) -> b).orElse("{}"));
    }

    /** A bench has nothing to save, and a job in it may be slow to notice. */
    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    /** The bare decode loop on the images of a folder, by each decoder. */
    static JsonNode decodeLoop(Path images, int threads, int seconds, DrivetrainConfig.Image size)
            throws IOException, StackException, InterruptedException {
        return run(
                "io.drivetrain.pipeline.measure.DecodeLoop",
                List.of("-XX:+UseSerialGC"),
                List.of(
                        "--images",
                        images.toString(),
                        "--threads",
                        Integer.toString(threads),
                        "--seconds",
                        Integer.toString(seconds),
                        "--width",
                        Integer.toString(size.width()),
                        "--height",
                        Integer.toString(size.height())));
    }

    /** The bare copy loop on samples.raw, in a JVM with as much memory as the job has. */
    static JsonNode copyLoop(DrivetrainConfig config, int threads)
            throws IOException, StackException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--threads", Integer.toString(threads)));
        new TreeMap<>(config.asText()).forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        return run(
                "io.drivetrain.pipeline.CopyLoop", List.of("-XX:+UseParallelGC", "-Xmx1500m", "-Xmn900m"), arguments);
    }

    /**
     * Measures what it costs to remember so many samples, with as much memory for RocksDB as in a local stack.
     *
     * @return the document of {@code bench state --json}
     */
    public static ObjectNode state(Path directory, long ids) throws IOException, StackException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-Xmx" + HEAP_MEGABYTES + "m", "-XX:+UseParallelGC"));
        for (String name : List.of("util", "lang", "net", "nio")) {
            options.add("--add-opens=java.base/java.%s=ALL-UNNAMED".formatted(name));
        }
        ObjectNode document = (ObjectNode) run(
                "io.drivetrain.pipeline.StateBenchJob",
                options,
                List.of(
                        "--ids",
                        Long.toString(ids),
                        "--managed-mb",
                        Integer.toString(MANAGED_MEGABYTES),
                        "--dir",
                        directory.toString()));
        return document.put("statedMegabytes", HEAP_MEGABYTES + MANAGED_MEGABYTES + JVM_MEGABYTES);
    }

    /** Returns what speaks against a document of {@code bench state}, a sentence each. */
    public static List<String> objections(JsonNode state) {
        List<String> objections = new ArrayList<>();
        long found = state.path("duplicatesFound").asLong();
        long repeated = state.path("repeated").asLong();
        if (found != repeated) {
            objections.add("Of %,d repeated ids %,d were found".formatted(repeated, found));
        }
        if (state.path("otherRefusals").asLong() != 0) {
            objections.add("%,d ids were refused that came once"
                    .formatted(state.path("otherRefusals").asLong()));
        }
        long peak = state.path("peakResidentMegabytes").asLong();
        long stated = state.path("statedMegabytes").asLong();
        if (peak > stated) {
            objections.add("%,d MB were resident, stated are %,d MB".formatted(peak, stated));
        }
        return objections;
    }
}
