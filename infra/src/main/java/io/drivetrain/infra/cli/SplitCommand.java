package io.drivetrain.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.cli.replay.Rejection;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.Installation;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code split --explain}: why a sample is where it is. */
@Command(
        name = "split",
        mixinStandardHelpOptions = true,
        description = "Say why a sample is in its split, or why it is in none.",
        footer = {
            "",
            "Examples:",
            "  ./drivetrain split --explain first-source-0003/000007",
            "  ./drivetrain split --explain first-source-0003/000007 --json | jq .today.reason",
            "",
            "Exit code 1: there is no such sample on the topics."
        })
final class SplitCommand implements Callable<Integer> {
    private static final int BAR = 50;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StackOptions stack;

    @Option(names = "--explain", paramLabel = "SAMPLE_ID", required = true, description = "The sample.")
    private String sampleId;

    @Option(names = "--json", description = "One JSON document on stdout.")
    private boolean json;

    /**
     * What the topics say of a sample.
     *
     * @param admitted null if it was not
     * @param rejections in the order of reading; a sample that was sent twice can be in both
     * @param records how many were looked at
     */
    record Found(CuratedSample admitted, List<Rejection> rejections, long records) {}

    @Override
    public Integer call() throws Exception {
        DrivetrainConfig config = stack.require();
        Found found = find(config, sampleId);
        if (found.admitted == null && found.rejections.isEmpty()) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "No sample '%s' among the %,d records of the split topics and samples.rejected; it has not come, not been decided on yet, or has expired"
                            .formatted(sampleId, found.records));
        }
        JsonNode today = found.admitted == null ? null : today(config, first(config, found.admitted));
        ObjectNode document = document(found, today);
        if (json) {
            spec.commandLine().getOut().println(document.toPrettyString());
        } else {
            show(document, Terminal.detect());
        }
        return ExitCode.DONE.code();
    }

    private static Found find(DrivetrainConfig config, String id) {
        CuratedSample[] admitted = new CuratedSample[1];
        List<Rejection> rejections = new ArrayList<>();
        long[] records = new long[1];
        TopicFollower.readAll(config, topics(), (topic, record) -> {
            records[0]++;
            read(
                    topic,
                    record,
                    sample -> admitted[0] = sample.getSampleId().equals(id) ? sample : admitted[0],
                    rejected -> {
                        if (id.equals(rejected.sample().getSampleId())) {
                            rejections.add(rejected);
                        }
                    });
        });
        return new Found(admitted[0], rejections, records[0]);
    }

    /** The admitted sample of the drive that came first: what the drive stage has dealt the drive by. */
    private static CuratedSample first(DrivetrainConfig config, CuratedSample of) {
        CuratedSample[] first = {of};
        TopicFollower.readAll(
                config,
                List.of(Topic.of(of.getSplit())),
                (topic, record) -> read(
                        topic,
                        record,
                        sample -> {
                            if (sample.getDriveId().equals(of.getDriveId())
                                    && sample.getOrigin().getPartition()
                                            == of.getOrigin().getPartition()
                                    && sample.getOrigin().getOffset()
                                            < first[0].getOrigin().getOffset()) {
                                first[0] = sample;
                            }
                        },
                        rejected -> {}));
        return first[0];
    }

    private static void read(
            Topic topic,
            ConsumerRecord<byte[], byte[]> record,
            Consumer<CuratedSample> admitted,
            Consumer<Rejection> rejected) {
        try {
            if (topic == Topic.SAMPLES_REJECTED) {
                rejected.accept(new Rejection(Wire.decode(record.value(), RejectedSample.class)));
            } else {
                admitted.accept(Wire.decode(record.value(), CuratedSample.class));
            }
        } catch (UndecodableRecordException e) {
            // Not written by curation, so it says nothing of any sample.
            return;
        }
    }

    private static List<Topic> topics() {
        List<Topic> topics =
                new ArrayList<>(Arrays.stream(Split.values()).map(Topic::of).toList());
        topics.add(Topic.SAMPLES_REJECTED);
        return topics;
    }

    /** How the configuration of today deals the drive; asked of the pipeline, as only it knows the rules. */
    private static JsonNode today(DrivetrainConfig config, CuratedSample first) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Installation.java().toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Installation.find().classPath("pipeline"),
                "io.drivetrain.pipeline.split.SplitExplainer"));
        command.addAll(List.of(
                "--drive", first.getDriveId(), "--domain", first.getDomain().name()));
        command.addAll(List.of("--start", first.getCapturedAt().toString(), "--place", place(config, first)));
        config.asText().entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith("split.") && !entry.getValue().isEmpty())
                .forEach(entry -> command.addAll(List.of("--set", entry.getKey() + "=" + entry.getValue())));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new CommandException(ExitCode.FAILED, "The split rules cannot be asked; see above");
        }
        return new ObjectMapper().readTree(output);
    }

    // As pipeline.split.Places has it.
    private static String place(DrivetrainConfig config, CuratedSample sample) {
        Map<String, String> attributes = sample.getAttributes();
        if (attributes.containsKey("latitude") && attributes.containsKey("longitude")) {
            return "geo:%s,%s"
                    .formatted(
                            attributes.get("latitude").strip(),
                            attributes.get("longitude").strip());
        }
        return config.split().placeAttributes().stream()
                .filter(name ->
                        attributes.get(name) != null && !attributes.get(name).isBlank())
                .map(name -> name + "=" + attributes.get(name).strip())
                .findFirst()
                .orElse("");
    }

    static ObjectNode document(Found found, JsonNode today) {
        ObjectNode document = new ObjectMapper().createObjectNode();
        CuratedSample sample = found.admitted;
        document.put(
                "sampleId", sample == null ? found.rejections.get(0).sample().getSampleId() : sample.getSampleId());
        document.put("admitted", sample != null);
        if (sample != null) {
            Domain domain = sample.getDomain();
            Instant capturedAt = sample.getCapturedAt();
            document.put("driveId", sample.getDriveId());
            document.put("domain", domain.name());
            document.put("capturedAt", capturedAt.toString());
            document.put("split", Splits.label(sample.getSplit()));
            document.put("testDevGeneration", sample.getTestDevGeneration());
            ArrayNode flags = document.putArray("flags");
            sample.getFlags().forEach(flags::add);
            document.set("today", today);
            document.put(
                    "asToday",
                    Objects.equals(
                            Splits.label(sample.getSplit()), today.path("split").asText(null)));
        }
        ArrayNode rejections = document.putArray("rejections");
        for (Rejection rejection : found.rejections) {
            ObjectNode entry = rejections.addObject();
            entry.put("origin", rejection.place());
            entry.put("rejectedAt", rejection.sample().getRejectedAt().toString());
            ArrayNode reasons = entry.putArray("reasons");
            rejection.sample().getViolations().forEach(violation -> reasons.add(violation.getMessage()));
        }
        return document;
    }

    static void show(JsonNode document, Terminal terminal) {
        if (document.get("admitted").asBoolean()) {
            JsonNode today = document.get("today");
            terminal.line("%s is in %s"
                    .formatted(
                            document.get("sampleId").asText(),
                            terminal.bold(document.get("split").asText())));
            terminal.paragraph(
                    "All frames of its drive %s (%s) are there; a drive keeps the split that its first frame was given."
                            .formatted(
                                    document.get("driveId").asText(),
                                    document.get("domain").asText()),
                    2);
            terminal.paragraph(today.get("reason").asText() + ".", 2);
            bar(today).forEach(terminal::line);
            if (!document.get("asToday").asBoolean()) {
                terminal.paragraph(
                        "The configuration of today would deal the drive to %s: it was another when the drive came, and a bound drive does not move."
                                .formatted(today.path("split").asText("no split (held out by the embargo)")),
                        2);
            }
            if (!document.get("flags").isEmpty()) {
                terminal.line("  flags: "
                        + Stream.of(document.get("flags"))
                                .flatMap(flags -> Stream.iterate(0, i -> i < flags.size(), i -> i + 1)
                                        .map(i -> flags.get(i).asText()))
                                .collect(Collectors.joining(", ")));
            }
        }
        for (JsonNode rejection : document.get("rejections")) {
            terminal.line("%s was rejected as %s at %s:"
                    .formatted(
                            document.get("sampleId").asText(),
                            rejection.get("origin").asText(),
                            rejection.get("rejectedAt").asText()));
            rejection.get("reasons").forEach(reason -> terminal.paragraph(reason.asText(), 2));
        }
    }

    /** The range of positions, who has which part, and where the drive is. */
    static List<String> bar(JsonNode today) {
        StringBuilder line = new StringBuilder("  0 ");
        StringBuilder names = new StringBuilder("    ");
        int done = 0;
        for (JsonNode share : today.get("shares")) {
            int end = (int) Math.round(share.get("high").asDouble() * BAR);
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
                        today.get("position").asDouble()));
    }
}
