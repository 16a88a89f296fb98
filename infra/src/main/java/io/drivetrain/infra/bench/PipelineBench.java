package io.drivetrain.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.StackException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A bench of the pipeline's in a process of its own, whose last line of output is a JSON document. */
public final class PipelineBench {
    private static final int MANAGED_MEGABYTES = 192;
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

    /** Measures what it costs to remember so many samples, with as much memory for RocksDB as in a local stack. */
    public static JsonNode state(Path directory, long ids) throws IOException, StackException, InterruptedException {
        List<String> options = new ArrayList<>(List.of("-Xmx768m", "-XX:+UseParallelGC"));
        for (String name : List.of("util", "lang", "net", "nio")) {
            options.add("--add-opens=java.base/java.%s=ALL-UNNAMED".formatted(name));
        }
        return run(
                "io.drivetrain.pipeline.StateBenchJob",
                options,
                List.of(
                        "--ids",
                        Long.toString(ids),
                        "--managed-mb",
                        Integer.toString(MANAGED_MEGABYTES),
                        "--dir",
                        directory.toString()));
    }
}
