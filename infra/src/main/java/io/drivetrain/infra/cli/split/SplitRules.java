package io.drivetrain.infra.cli.split;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.CommandException;
import io.drivetrain.infra.cli.ExitCode;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** How the configuration of today deals drives; asked of the pipeline, as only it knows the rules. */
public final class SplitRules {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SplitRules() {}

    /**
     * Returns the explanation of each drive, in order.
     *
     * @param first the sample of each drive that binds it
     */
    public static List<JsonNode> today(DrivetrainConfig config, Collection<Bound> first)
            throws CommandException, StackException, IOException, InterruptedException {
        if (first.isEmpty()) {
            return List.of();
        }
        List<String> command = new ArrayList<>(List.of(
                Installation.java().toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Installation.find().classPath("pipeline"),
                "io.drivetrain.pipeline.split.SplitExplainer"));
        command.addAll(settings(config));
        Path drives = Files.createTempFile("drivetrain-drives", ".jsonl");
        try {
            try (Writer out = Files.newBufferedWriter(drives)) {
                for (Bound bound : first) {
                    out.write(facts(bound).toString());
                    out.write('\n');
                }
            }
            Process process = new ProcessBuilder(command)
                    .redirectInput(drives.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<JsonNode> explained = new ArrayList<>();
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    explained.add(JSON.readTree(line));
                }
            }
            if (process.waitFor() != 0 || explained.size() != first.size()) {
                throw new CommandException(
                        ExitCode.FAILED,
                        "The split rules cannot be asked (exit code %d); see above".formatted(process.exitValue()));
            }
            return explained;
        } finally {
            Files.deleteIfExists(drives);
        }
    }

    /** The arguments that say all keys of split; one without a value says so, as its default may have one. */
    static List<String> settings(DrivetrainConfig config) {
        return config.asText().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("split."))
                .flatMap(entry -> Stream.of("--set", entry.getKey() + "=" + entry.getValue()))
                .toList();
    }

    private static ObjectNode facts(Bound bound) {
        ObjectNode facts = JSON.createObjectNode();
        facts.put("driveId", bound.driveId());
        facts.put("domain", bound.domain().name());
        facts.put("start", bound.capturedAt().toString());
        ObjectNode attributes = facts.putObject("attributes");
        bound.attributes().forEach(attributes::put);
        return facts;
    }
}
