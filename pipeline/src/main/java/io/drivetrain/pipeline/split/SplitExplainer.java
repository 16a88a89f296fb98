package io.drivetrain.pipeline.split;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Splits;
import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Says how the configuration deals a drive, as one line of JSON: for the command line, which does not load the pipeline.
 */
public final class SplitExplainer {
    private static final String USAGE =
            "Usage: SplitExplainer --drive ID --domain SOURCE|TARGET --start TIME [--place TEXT] [--config FILE] [--set KEY=VALUE]...";

    private SplitExplainer() {}

    /** Exit code 0, or 2 with one sentence where the arguments or the configuration are wrong. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            values.put(arguments[i], arguments[i + 1]);
        }
        try {
            DrivetrainConfig config = ConfigReader.fromArguments(arguments, Map.of());
            DriveFacts drive = new DriveFacts(
                    values.get("--drive"),
                    Domain.valueOf(values.getOrDefault("--domain", "")),
                    Instant.parse(values.getOrDefault("--start", "")),
                    values.getOrDefault("--place", ""));
            out.println(explain(SplitPolicy.of(config).assign(drive)));
            return 0;
        } catch (ConfigException | IllegalArgumentException | DateTimeException | NullPointerException e) {
            err.println(e.getMessage() + ". " + USAGE);
            return 2;
        }
    }

    static ObjectNode explain(Assignment assignment) {
        ObjectNode document = new ObjectMapper().createObjectNode();
        boolean assigned = assignment instanceof Assignment.Assigned;
        document.put("split", assigned ? Splits.label(((Assignment.Assigned) assignment).split()) : null);
        document.put("testDevGeneration", assigned ? ((Assignment.Assigned) assignment).testDevGeneration() : null);
        document.put("rule", assignment.rule().name());
        document.put("reason", assignment.reason());
        Assignment.Facts facts = assignment.facts();
        document.put("unit", facts.unit());
        document.put("position", facts.position());
        ArrayNode shares = document.putArray("shares");
        for (Assignment.Share share : facts.shares()) {
            shares.addObject()
                    .put("split", Splits.label(share.split()))
                    .put("low", share.low())
                    .put("high", share.high());
        }
        document.put("plan", facts.plan());
        document.put("planUntil", facts.planUntil().map(Instant::toString).orElse(null));
        return document;
    }
}
