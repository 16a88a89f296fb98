package io.drivetrain.infra.cli.split;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.CommandException;
import io.drivetrain.infra.cli.ExitCode;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.schemas.ConfigKey;
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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How the configuration of today, and the plans written down in the table, deal drives; asked of the pipeline, as only it knows the rules. */
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
        return explained(settings(config), first);
    }

    /**
     * Returns how a drive was dealt and would be today.
     *
     * @param first the sample that binds it
     * @param inForce the lines that {@link TableSearch#plansInForce} found
     */
    public static Explanation explanation(DrivetrainConfig config, Bound first, Optional<List<String>> inForce)
            throws CommandException, StackException, IOException, InterruptedException {
        JsonNode today = today(config, List.of(first)).get(0);
        if (inForce.isEmpty()) {
            return new Explanation(today, false, today);
        }
        List<String> written = settings(written(inForce.get(), config.asText()));
        JsonNode decided = written.equals(settings(config))
                ? today
                : explained(written, List.of(first)).get(0);
        return new Explanation(decided, true, today);
    }

    private static List<JsonNode> explained(List<String> settings, Collection<Bound> first)
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
        command.addAll(settings);
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
        return settings(config.asText());
    }

    private static List<String> settings(Map<String, String> keys) {
        return new TreeMap<>(keys)
                .entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("split."))
                        .flatMap(entry -> Stream.of("--set", entry.getKey() + "=" + entry.getValue()))
                        .toList();
    }

    /** The keys of split as they were when a record of plans was written; what an older release left out is today's. */
    static Map<String, String> written(List<String> record, Map<String, String> today) {
        Map<String, String> keys = new TreeMap<>(today);
        keys.put(ConfigKey.SPLIT_ADOPT_FROM.path(), "");
        List<String> plans = new ArrayList<>();
        for (String line : record) {
            if (line.startsWith("place-attributes=") || line.startsWith("rotate-test-dev-at=")) {
                put(keys, line);
            } else {
                plans.add(line);
            }
        }
        int last = plans.size() - 1;
        keys.put(ConfigKey.SPLIT_HISTORY.path(), String.join(",", plans.subList(0, last)));
        for (String part : plans.get(last).split(" ")) {
            put(keys, part);
        }
        return keys;
    }

    private static void put(Map<String, String> keys, String part) {
        int equals = part.indexOf('=');
        String key = "split." + part.substring(0, equals);
        String value = part.substring(equals + 1);
        keys.put(key, key.equals(ConfigKey.SPLIT_EMBARGO.path()) && value.equals("none") ? "" : value);
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
