package io.drivetrain.infra.cli.split;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.RecordJson;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitPlan;
import io.drivetrain.schemas.Splits;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What was found, as one document for scripts and as lines for people. */
public final class SplitStory {
    private static final int BAR = 50;
    private static final String NEAR_DUPLICATE = "near-duplicate";
    private static final ObjectMapper JSON = new ObjectMapper();

    private SplitStory() {}

    /**
     * The document of a sample.
     *
     * @param explanation how its drive was dealt; null if the sample was not admitted
     */
    public static ObjectNode sample(String id, SplitSearch.Sample found, Explanation explanation) {
        ObjectNode document = JSON.createObjectNode();
        Bound sample = found.admitted();
        document.put("sampleId", id);
        document.put("admitted", sample != null);
        if (sample != null) {
            document.put("driveId", sample.driveId());
            document.put("domain", sample.domain().name());
            document.put("capturedAt", sample.capturedAt().toString());
            document.put("foundAt", sample.where());
            document.put("label", sample.label());
            document.put("labelRevision", sample.labelRevision());
            bound(document, sample, explanation);
            ArrayNode flags = document.putArray("flags");
            sample.flags().forEach(flags::add);
            document.put("nearDuplicate", nearDuplicate(sample));
        }
        ArrayNode rejections = document.putArray("rejections");
        for (SplitSearch.Refused refused : found.refused()) {
            ObjectNode entry = rejections.addObject();
            entry.put("origin", refused.place());
            entry.put("rejectedAt", refused.at().toString());
            ArrayNode violations = entry.putArray("violations");
            refused.violations().forEach(violation -> violations.add(RecordJson.of(violation)));
        }
        document.put("recordsLookedAt", found.records());
        return document;
    }

    /** The document of a drive. */
    public static ObjectNode drive(String id, SplitSearch.Drive found, Explanation explanation) {
        ObjectNode document = JSON.createObjectNode();
        document.put("driveId", id);
        document.put("admitted", found.first() != null);
        if (found.first() != null) {
            document.put("domain", found.first().domain().name());
            document.put("firstSample", found.first().sampleId());
            document.put("capturedAt", found.first().capturedAt().toString());
            bound(document, found.first(), explanation);
        }
        ObjectNode samples = document.putObject("samples");
        found.admitted().forEach((split, count) -> samples.put(Splits.label(split), count));
        ObjectNode refused = document.putObject("rejected");
        found.refused().forEach(refused::put);
        document.put("recordsLookedAt", found.records());
        return document;
    }

    private static void bound(ObjectNode document, Bound bound, Explanation explanation) {
        document.put("split", Splits.label(bound.split()));
        document.put("testDevGeneration", bound.testDevGeneration());
        document.set("decided", explanation.decided());
        document.put("decidedBy", decidedBy(bound, explanation));
        document.set("today", explanation.today());
        document.put("asToday", asToday(bound, explanation.today()));
        document.put("verdict", verdict(bound, explanation.today()));
    }

    private static boolean asToday(Bound bound, JsonNode today) {
        return Splits.label(bound.split()).equals(today.path("split").asText(null))
                && Objects.equals(
                        bound.testDevGeneration(),
                        today.path("testDevGeneration").isNumber()
                                ? Integer.valueOf(
                                        today.path("testDevGeneration").asInt())
                                : null);
    }

    /** Where the reasons come from; the split itself is what the sample says. */
    static String decidedBy(Bound bound, Explanation explanation) {
        if (!explanation.written()) {
            return "The plans that curation wrote down cannot be read here, so these are the reasons of the configuration of today.";
        }
        return asToday(bound, explanation.decided())
                ? "These are the reasons by the plans that curation wrote down in the table when it started."
                : "The plans that curation wrote down in the table decide otherwise, for these reasons: the drive was dealt by earlier ones, or by another first sample, and a drive is dealt once.";
    }

    /** Whether the configuration of today would decide otherwise, and why the drive stays nevertheless. */
    static String verdict(Bound bound, JsonNode today) {
        if (asToday(bound, today)) {
            return "The configuration of today decides the same.";
        }
        String other = today.path("split").asText(null);
        String label = Splits.label(bound.split());
        if (other == null) {
            return "The configuration of today would hold the drive out (%s); it stays in %s, because a drive is dealt once."
                    .formatted(today.path("rule").asText(), label);
        }
        if (other.equals(label)) {
            return "The configuration of today would count the drive to test-dev number %s; it stays in number %s, because a drive is dealt once."
                    .formatted(today.path("testDevGeneration").asText(), bound.testDevGeneration());
        }
        String stays = other.equals(Splits.label(Split.TRAIN))
                ? "because a drive never moves from an evaluation split into train"
                : "because a drive is dealt once, and all its frames follow";
        return "The configuration of today would deal the drive to %s; it stays in %s, %s."
                .formatted(other, label, stays);
    }

    private static String nearDuplicate(Bound sample) {
        if (!sample.flags().contains(NEAR_DUPLICATE)) {
            return null;
        }
        return sample.split() == Split.TRAIN
                ? "It looks the same as an earlier sample of train; had that one been in an evaluation split, this one would have been rejected."
                : "It looks the same as an earlier sample of an evaluation split; had that one been in train, this one would have been rejected.";
    }

    /**
     * The document of all drives.
     *
     * @param inForce what the job wrote down in the table when it started, if that can be read here
     * @param today how the configuration deals each of them, in the same order
     */
    public static ObjectNode plan(
            List<SplitPlan> plans, Optional<List<String>> inForce, SplitSearch.Drives drives, List<JsonNode> today) {
        ObjectNode document = JSON.createObjectNode();
        ArrayNode written = inForce.isPresent() ? document.putArray("inForce") : null;
        inForce.ifPresent(lines -> lines.forEach(written::add));
        ArrayNode rows = document.putArray("plans");
        for (SplitPlan plan : plans) {
            ObjectNode row = rows.addObject();
            row.put("until", plan.until().map(Object::toString).orElse(null));
            row.put("trainDevFraction", plan.trainDevFraction());
            row.put("testFraction", plan.testFraction());
            row.put("adoptFraction", plan.adoptFraction());
            row.put("embargo", plan.scheme().embargo().toString());
            row.put("salt", plan.scheme().salt());
            row.put("adoptFrom", plan.adoptFrom().map(Object::toString).orElse(null));
            row.put(
                    "unknownPlace",
                    plan.scheme().unknownPlace().name().toLowerCase(Locale.ROOT).replace('_', '-'));
            row.put("text", plan.asText());
        }
        Map<Split, Long> counts = new EnumMap<>(Split.class);
        Map<Split, Double> expected = new EnumMap<>(Split.class);
        // Drives of a block share its position, so their deviations add up, and those of blocks do not.
        Map<Split, Map<String, Double>> deviations = new EnumMap<>(Split.class);
        long otherToday = 0;
        Iterator<JsonNode> explanations = today.iterator();
        for (Bound bound : drives.first()) {
            JsonNode explained = explanations.next();
            counts.merge(bound.split(), 1L, Long::sum);
            otherToday += asToday(bound, explained) ? 0 : 1;
            for (JsonNode share : explained.get("shares")) {
                double width = share.get("high").asDouble() - share.get("low").asDouble();
                Split split = Splits.parse(share.get("split").asText());
                expected.merge(split, width, Double::sum);
                deviations
                        .computeIfAbsent(split, key -> new HashMap<>())
                        .merge(explained.get("unit").asText(), Math.sqrt(width * (1 - width)), Double::sum);
            }
        }
        ArrayNode splits = document.putArray("splits");
        for (Split split : Split.values()) {
            ObjectNode row = splits.addObject();
            row.put("split", Splits.label(split));
            row.put("drives", counts.getOrDefault(split, 0L));
            row.put("expectedDrives", expected.getOrDefault(split, 0.0));
            row.put(
                    "expectedDeviation",
                    Math.sqrt(deviations.getOrDefault(split, Map.of()).values().stream()
                            .mapToDouble(deviation -> deviation * deviation)
                            .sum()));
            row.put("samples", drives.samples().getOrDefault(split, 0L));
        }
        document.put("drives", drives.first().size());
        document.put("drivesHeldOut", drives.heldOut());
        document.put("drivesDealtOtherwiseToday", otherToday);
        return document;
    }

    /** Shows the document of a sample. */
    public static void showSample(JsonNode document, Terminal terminal) {
        String id = document.get("sampleId").asText();
        showAlike(document, terminal);
        if (document.get("admitted").asBoolean()) {
            terminal.line("%s is in %s (%s)"
                    .formatted(
                            id,
                            terminal.bold(splitName(document)),
                            document.get("foundAt").asText()));
            int revision = document.get("labelRevision").asInt();
            terminal.paragraph(
                    revision == 0
                            ? "Label: " + document.get("label").asText()
                            : "Label: %s, of revision %d, which corrects an earlier one; the split stays"
                                    .formatted(document.get("label").asText(), revision),
                    2);
            showBound(document, terminal);
            if (!document.get("flags").isEmpty()) {
                List<String> flags = new ArrayList<>();
                document.get("flags").forEach(flag -> flags.add(flag.asText()));
                terminal.line("  Flags: " + String.join(", ", flags));
            }
            if (!document.get("nearDuplicate").isNull()) {
                terminal.paragraph(document.get("nearDuplicate").asText(), 2);
            }
        }
        for (JsonNode rejection : document.get("rejections")) {
            terminal.line("%s was %s at %s, as %s:"
                    .formatted(
                            id,
                            terminal.bold("rejected"),
                            rejection.get("rejectedAt").asText(),
                            rejection.get("origin").asText()));
            for (JsonNode violation : rejection.get("violations")) {
                terminal.line("  %s  %s = %s"
                        .formatted(
                                terminal.bold(violation.get("code").asText()),
                                violation.get("field").asText(),
                                violation.get("value").asText()));
                terminal.paragraph(violation.get("message").asText(), 4);
            }
        }
    }

    /** Shows the document of a drive. */
    public static void showDrive(JsonNode document, Terminal terminal) {
        String id = document.get("driveId").asText();
        showAlike(document, terminal);
        if (document.get("admitted").asBoolean()) {
            terminal.line("Drive %s is in %s".formatted(id, terminal.bold(splitName(document))));
            showBound(document, terminal);
        } else {
            terminal.line("Of drive %s no sample was admitted".formatted(id));
        }
        document.get("samples")
                .properties()
                .forEach(entry -> terminal.line(
                        "  %,8d samples in %s".formatted(entry.getValue().asLong(), entry.getKey())));
        document.get("rejected")
                .properties()
                .forEach(entry -> terminal.line(
                        "  %,8d samples rejected: %s".formatted(entry.getValue().asLong(), entry.getKey())));
    }

    private static void showAlike(JsonNode document, Terminal terminal) {
        if (document.hasNonNull("askedFor")) {
            terminal.paragraph(
                    "There is none whose id has just these code points; this one looks the same (Unicode has two ways to write some letters).",
                    0);
        }
    }

    private static String splitName(JsonNode document) {
        JsonNode generation = document.get("testDevGeneration");
        return document.get("split").asText() + (generation.isNull() ? "" : " number " + generation.asInt());
    }

    private static void showBound(JsonNode document, Terminal terminal) {
        JsonNode decided = document.get("decided");
        terminal.paragraph(
                "Drive %s (%s) was dealt by its first sample, captured at %s; all its frames follow."
                        .formatted(
                                document.get("driveId").asText(),
                                document.get("domain").asText(),
                                decided.get("start").asText()),
                2);
        terminal.paragraph(document.get("decidedBy").asText(), 2);
        terminal.paragraph(decided.get("reason").asText() + ".", 2);
        terminal.line("");
        bar(decided).forEach(terminal::line);
        terminal.line("");
        decided.get("rules").forEach(rule -> terminal.paragraph(rule.asText() + ".", 2));
        terminal.paragraph(document.get("verdict").asText(), 2);
    }

    /** Shows the document of all drives. */
    public static void showPlan(JsonNode document, Terminal terminal) {
        terminal.line(terminal.bold("%-26s %9s %6s %9s  %-8s %s"
                .formatted("Drives that begin until", "train-dev", "test", "adoption", "embargo", "salt")));
        for (JsonNode plan : document.get("plans")) {
            terminal.line(String.format(
                    Locale.ROOT,
                    "%-26s %9.3f %6.3f %9.3f  %-8s %s",
                    plan.get("until").isNull()
                            ? "(that of today)"
                            : plan.get("until").asText(),
                    plan.get("trainDevFraction").asDouble(),
                    plan.get("testFraction").asDouble(),
                    plan.get("adoptFraction").asDouble(),
                    plan.get("embargo").asText().equals("PT0S")
                            ? "none"
                            : plan.get("embargo").asText(),
                    plan.get("salt").asText()));
        }
        JsonNode last = document.get("plans").get(document.get("plans").size() - 1);
        if (!last.get("embargo").asText().equals("PT0S")) {
            terminal.paragraph(
                    last.get("unknownPlace").asText().equals("none")
                            ? "The embargo does not reach drives without a place (split.unknown-place: none)."
                            : "Drives without a place count as at one place (split.unknown-place: one-place).",
                    0);
        }
        terminal.line("Before a key of split changes, add to split.history, with the time of the change:");
        terminal.line("  until=TIME " + last.get("text").asText());
        if (document.has("inForce")) {
            terminal.line("Written down in the table when curation started:");
            document.get("inForce").forEach(line -> terminal.line("  " + line.asText()));
        }
        terminal.line("");
        terminal.line(terminal.bold("%-10s %10s %20s %12s".formatted("Split", "drives", "expected", "samples")));
        for (JsonNode split : document.get("splits")) {
            terminal.line(String.format(
                    Locale.ROOT,
                    "%-10s %,10d %12.1f ± %5.1f %,12d",
                    split.get("split").asText(),
                    split.get("drives").asLong(),
                    split.get("expectedDrives").asDouble(),
                    split.get("expectedDeviation").asDouble(),
                    split.get("samples").asLong()));
        }
        terminal.paragraph(
                "%,d drives; %,d held out by an embargo; the configuration of today would deal %,d of them otherwise, and they stay."
                        .formatted(
                                document.get("drives").asLong(),
                                document.get("drivesHeldOut").asLong(),
                                document.get("drivesDealtOtherwiseToday").asLong()),
                0);
    }

    /** The range of positions, who has which part, and where the drive is. */
    static List<String> bar(JsonNode today) {
        StringBuilder line = new StringBuilder("  0 ");
        StringBuilder names = new StringBuilder("    ");
        List<String> bounds = new ArrayList<>();
        int done = 0;
        for (JsonNode share : today.get("shares")) {
            int end = (int) Math.round(share.get("high").asDouble() * BAR);
            bounds.add(String.format(
                    Locale.ROOT,
                    "%s %.4f..%.4f",
                    share.get("split").asText(),
                    share.get("low").asDouble(),
                    share.get("high").asDouble()));
            if (end > done) {
                line.append('|').append("-".repeat(end - done - 1));
                String name = share.get("split").asText();
                int room = end - done;
                names.append(
                        name.length() < room
                                ? name + " ".repeat(room - name.length())
                                : name.substring(0, Math.max(0, room - 1)) + " ");
                done = end;
            }
        }
        int place = 4 + (int) Math.min(BAR - 1, today.get("position").asDouble() * BAR);
        return List.of(
                line.append("| 1").toString(),
                names.toString().stripTrailing(),
                String.format(
                        Locale.ROOT,
                        "%s^ %.4f",
                        " ".repeat(place),
                        today.get("position").asDouble()),
                "  " + String.join(", ", bounds));
    }
}
