package io.drivetrain.pipeline.split;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitPlan;
import io.drivetrain.schemas.Splits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says how the configuration deals drives: for the command line, which does not load the pipeline. Each line of stdin is
 * one drive, {@code {"driveId":…,"domain":…,"start":…,"attributes":{…}}}; each line of stdout is what is decided of it.
 */
public final class SplitExplainer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String USAGE =
            "Usage: SplitExplainer [--config FILE] [--set KEY=VALUE]..., and on stdin a line for each drive: {\"driveId\":\"d\",\"domain\":\"SOURCE\",\"start\":\"2026-11-01T08:00:00Z\",\"attributes\":{}}";

    private SplitExplainer() {}

    /** Exit code 0, or 2 with one sentence where a drive or the configuration is wrong. */
    public static void main(String[] arguments) throws IOException {
        System.exit(run(arguments, new InputStreamReader(System.in, StandardCharsets.UTF_8), System.out, System.err));
    }

    static int run(String[] arguments, Reader in, PrintStream out, PrintStream err) throws IOException {
        try {
            DrivetrainConfig config = ConfigReader.fromArguments(arguments, Map.of());
            SplitPolicy policy = SplitPolicy.of(config);
            Places places = Places.of(config);
            BufferedReader drives = new BufferedReader(in);
            for (String line = drives.readLine(); line != null; line = drives.readLine()) {
                DriveFacts drive = facts(JSON.readTree(line), places);
                out.println(explain(config.split(), drive, policy.assign(drive)));
            }
            return 0;
        } catch (ConfigException | JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            err.println(e.getMessage() + ". " + USAGE);
            return 2;
        }
    }

    private static DriveFacts facts(JsonNode drive, Places places) {
        Map<String, String> attributes = new HashMap<>();
        drive.path("attributes")
                .properties()
                .forEach(
                        entry -> attributes.put(entry.getKey(), entry.getValue().asText()));
        return DriveFacts.of(
                drive.path("driveId").asText(),
                Domain.valueOf(drive.path("domain").asText()),
                Instant.parse(drive.path("start").asText()),
                attributes,
                places);
    }

    private static ObjectNode explain(
            DrivetrainConfig.SplitSettings settings, DriveFacts drive, Assignment assignment) {
        ObjectNode document = JSON.createObjectNode();
        boolean assigned = assignment instanceof Assignment.Assigned;
        document.put("split", assigned ? Splits.label(((Assignment.Assigned) assignment).split()) : null);
        document.put("testDevGeneration", assigned ? ((Assignment.Assigned) assignment).testDevGeneration() : null);
        document.put("rule", assignment.rule().name());
        document.put("reason", assignment.reason());
        Assignment.Facts facts = assignment.facts();
        document.put("start", drive.start().toString());
        document.put("place", drive.place());
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
        ArrayNode rules = document.putArray("rules");
        rules(settings, drive, assignment).forEach(rules::add);
        return document;
    }

    /** Returns what each rule has to say of the drive, in sentences. */
    static List<String> rules(DrivetrainConfig.SplitSettings settings, DriveFacts drive, Assignment assignment) {
        List<SplitPlan> plans = settings.plans();
        SplitPlan plan = plans.get(assignment.facts().plan());
        List<String> rules = new ArrayList<>();
        rules.add("Plan: number %d of %d (%s) deals %s: train-dev %s, test %s, adoption %s, salt '%s'"
                .formatted(
                        assignment.facts().plan() + 1,
                        plans.size(),
                        plan.until().map(until -> "until " + until).orElse("that of today"),
                        assignment.facts().unit().equals(drive.driveId())
                                ? "drives that begin at " + drive.start()
                                : "the block '%s'".formatted(assignment.facts().unit()),
                        plan.trainDevFraction(),
                        plan.testFraction(),
                        plan.adoptFraction(),
                        plan.scheme().salt()));
        rules.add("Adoption: " + adoption(plan, drive, assignment));
        rules.add("Rotation: " + rotation(settings, assignment));
        rules.add("Embargo: " + embargo(plan.scheme(), drive, assignment));
        return rules;
    }

    private static String adoption(SplitPlan plan, DriveFacts drive, Assignment assignment) {
        if (drive.domain() == Domain.SOURCE) {
            return "concerns TARGET drives only";
        }
        if (plan.adoptFrom().isEmpty() || plan.adoptFraction() == 0) {
            return "no TARGET drive goes to train under this plan";
        }
        Instant from = plan.adoptFrom().get();
        if (drive.start().isBefore(from)) {
            return "the drive begins before adopt-from (%s)".formatted(from);
        }
        return assignment.rule() == Assignment.Rule.ADOPTED
                ? "the drive is one of those that go to train from %s on".formatted(from)
                : "the drive is none of those that go to train from %s on".formatted(from);
    }

    private static String rotation(DrivetrainConfig.SplitSettings settings, Assignment assignment) {
        boolean testDev = assignment instanceof Assignment.Assigned assigned && assigned.split() == Split.TEST_DEV;
        if (!testDev) {
            return "concerns test-dev only";
        }
        int generation = ((Assignment.Assigned) assignment).testDevGeneration();
        return "test-dev was rotated %d of %d times before the drive, which belongs to number %d"
                .formatted(generation, settings.rotateTestDevAt().size(), generation);
    }

    private static String embargo(SplitPlan.Scheme scheme, DriveFacts drive, Assignment assignment) {
        if (assignment instanceof Assignment.Embargoed embargoed) {
            return embargoed.reason();
        }
        if (scheme.embargo().isZero()) {
            return "none is set (split.embargo)";
        }
        if (!drive.place().isEmpty()) {
            return "no neighbour within %s of '%s' can be on the other side".formatted(scheme.embargo(), drive.place());
        }
        return switch (scheme.unknownPlace()) {
            case NONE ->
                "does not reach the drive, because its place is not known (split.unknown-place: none; one-place would count all such drives as at one place)";
            case ONE_PLACE ->
                "the place is not known, so the drive counts as at one place with all such drives (split.unknown-place: one-place); no neighbour within %s can be on the other side"
                        .formatted(scheme.embargo());
        };
    }
}
