package io.drivetrain.infra.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The process that works on the Iceberg table for a command, with the pipeline's class path. */
public final class KeeperProcess {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MAIN = "io.drivetrain.pipeline.store.SnapshotKeeper";

    private KeeperProcess() {}

    /** Hears how far it is. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Says it.
         *
         * @param label what is done
         * @param unit of the numbers
         */
        void progress(String label, String unit, long done, long total);
    }

    /**
     * How it ended.
     *
     * @param exitCode as for a command: 0 done, 1 failed, 2 wrong usage
     * @param document the result, or what is missing if it failed
     * @param error one sentence if it failed, else empty
     */
    public record Outcome(int exitCode, JsonNode document, String error) {}

    /**
     * Runs one command on the table to its end.
     *
     * @param arguments of the command, as {@code SnapshotKeeper} takes them
     * @throws StackException if it cannot be started or ends without a word
     */
    public static Outcome run(DrivetrainConfig config, List<String> arguments, Listener listener)
            throws StackException, InterruptedException {
        Installation installation = Installation.find();
        List<String> command = new ArrayList<>(List.of(
                Installation.java().toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=" + (arguments.contains("list") ? 1 : 4),
                "-Dlog4j2.configurationFile="
                        + installation.root().resolve("infra/target/classes/log4j2-cli.properties"),
                "-cp",
                installation.classPath("pipeline"),
                MAIN));
        command.addAll(arguments);
        // The names of models and the like are no configuration; the rest is passed on as it was read.
        new TreeMap<>(config.asText()).forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new StackException("Cannot start '%s' (%s)".formatted(command.get(0), e.getMessage()), e);
        }
        Thread hook = new Thread(process::destroy, "keeper shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            JsonNode last = null;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode said = JSON.readTree(line);
                JsonNode progress = said.path("progress");
                if (progress.isMissingNode()) {
                    last = said;
                } else {
                    listener.progress(
                            progress.path("label").asText(),
                            progress.path("unit").asText(),
                            progress.path("done").asLong(),
                            progress.path("total").asLong());
                }
            }
            int code = process.waitFor();
            if (last == null) {
                throw new StackException(
                        "The process for the table ended with code %d and without a result; see above, or run it again with -Ddrivetrain.log.level=info in DRIVETRAIN_JAVA_OPTIONS"
                                .formatted(code));
            }
            return new Outcome(code, last.path("result"), last.path("error").asText(""));
        } catch (JsonProcessingException e) {
            throw new StackException("The process for the table wrote something that is no JSON; see above", e);
        } catch (IOException e) {
            throw new StackException("The process for the table was cut off (%s)".formatted(e.getMessage()), e);
        } finally {
            process.destroy();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is shutting down already, and the hook has done what it is for.
                hook.setName("keeper shutdown, running");
            }
        }
    }
}
