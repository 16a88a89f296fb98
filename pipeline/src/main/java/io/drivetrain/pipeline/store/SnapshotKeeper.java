package io.drivetrain.pipeline.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.exceptions.NotFoundException;

/**
 * The process behind {@code ./drivetrain snapshots}: does one command on the table, says on stdout how far it is, one
 * {@code {"progress": …}} a line, and ends with one line, {@code {"result": …}} or {@code {"error": …, "exitCode": …}}.
 */
public final class SnapshotKeeper {
    private static final ObjectMapper JSON = new ObjectMapper().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    private static final Set<String> FLAGS =
            Set.of("move", "delete", "samples", "images", "dry-run", "orphans", "force");
    private static final long PROGRESS_NANOS = 200_000_000L;
    private static final Pattern PIN = Pattern.compile("([^=@]+)([=@])(.+)");
    private static final Duration SAFE_ORPHAN_AGE = Duration.ofDays(3);

    private final DrivetrainConfig config;
    private final Clock clock;
    private final Progress progress;

    SnapshotKeeper(DrivetrainConfig config, Clock clock, Progress progress) {
        this.config = config;
        this.clock = clock;
        this.progress = progress;
    }

    /** Does one command: its name, its names of snapshots, its {@code --name value} options, {@code --set} and {@code --config}. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(run(arguments, System.getenv(), Clock.systemUTC(), out));
    }

    static int run(String[] arguments, Map<String, String> environment, Clock clock, PrintStream out) {
        ObjectNode line = JSON.createObjectNode();
        int exitCode = 0;
        try {
            DrivetrainConfig config = ConfigReader.fromArguments(arguments, environment);
            long[] last = {System.nanoTime()};
            SnapshotKeeper keeper = new SnapshotKeeper(config, clock, (label, unit, done, total) -> {
                if (done >= total || System.nanoTime() - last[0] > PROGRESS_NANOS) {
                    last[0] = System.nanoTime();
                    ObjectNode said = JSON.createObjectNode();
                    said.putObject("progress")
                            .put("label", label)
                            .put("unit", unit)
                            .put("done", done)
                            .put("total", total);
                    out.println(said);
                }
            });
            line.set("result", keeper.perform(Arguments.of(arguments)));
        } catch (KeeperException e) {
            exitCode = e.exitCode();
            line.put("error", e.getMessage());
        } catch (ConfigException e) {
            exitCode = 2;
            line.put("error", e.getMessage());
        } catch (NotFoundException e) {
            exitCode = 1;
            line.put(
                    "error",
                    "A file of the table is gone (%s): its snapshot has expired while it was read, or somebody deleted the file; see './drivetrain snapshots list', and tag a snapshot before long work on it"
                            .formatted(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            exitCode = 1;
            e.printStackTrace();
            line.put(
                    "error",
                    "Cannot do it on the table in the store (%s: %s); check the path and rights of store.warehouse"
                            .formatted(e.getClass().getSimpleName(), e.getMessage()));
        }
        line.put("exitCode", exitCode);
        out.println(line);
        return exitCode;
    }

    /** The command line of this process. */
    record Arguments(String command, List<String> names, Map<String, String> options) {
        static Arguments of(String[] arguments) throws KeeperException {
            List<String> names = new ArrayList<>();
            Map<String, String> options = new LinkedHashMap<>();
            for (int i = 0; i < arguments.length; i++) {
                if (!arguments[i].startsWith("--")) {
                    names.add(arguments[i]);
                } else if (FLAGS.contains(arguments[i].substring(2))) {
                    options.put(arguments[i].substring(2), "true");
                } else if (i + 1 < arguments.length) {
                    options.put(arguments[i].substring(2), arguments[++i]);
                } else {
                    throw KeeperException.wrongUsage("%s needs a value".formatted(arguments[i]));
                }
            }
            if (names.isEmpty()) {
                throw KeeperException.wrongUsage(
                        "No command; it is one of list, tag, pin, diff, files, export, compact, expire");
            }
            return new Arguments(names.get(0), names.subList(1, names.size()), options);
        }

        boolean flag(String name) {
            return options.containsKey(name);
        }

        String option(String name, String otherwise) {
            return options.getOrDefault(name, otherwise);
        }

        String name(int index, String what) throws KeeperException {
            if (index >= names.size()) {
                throw KeeperException.wrongUsage("'%s' needs %s".formatted(command, what));
            }
            return names.get(index);
        }

        long whole(String name, long otherwise, long least) throws KeeperException {
            String text = options.get(name);
            if (text == null) {
                return otherwise;
            }
            try {
                long value = Long.parseLong(text);
                if (value >= least) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // The sentence below says what is accepted.
            }
            throw KeeperException.wrongUsage("--%s is '%s'; write a whole number from %d".formatted(name, text, least));
        }

        Duration age(String name, Duration otherwise) throws KeeperException {
            String text = options.get(name);
            return text == null ? otherwise : parseAge(name, text);
        }
    }

    /** Reads {@code 30d}, {@code 12h}, {@code 15m}, {@code 0s} or an ISO duration. */
    static Duration parseAge(String name, String text) throws KeeperException {
        try {
            Duration age;
            if (text.matches("\\d{1,9}[dhms]")) {
                long number = Long.parseLong(text.substring(0, text.length() - 1));
                age = switch (text.charAt(text.length() - 1)) {
                    case 'd' -> Duration.ofDays(number);
                    case 'h' -> Duration.ofHours(number);
                    case 'm' -> Duration.ofMinutes(number);
                    default -> Duration.ofSeconds(number);
                };
            } else {
                age = Duration.parse(text);
            }
            if (!age.isNegative()) {
                return age;
            }
        } catch (DateTimeParseException e) {
            // The sentence below says what is accepted.
        }
        throw KeeperException.wrongUsage("--%s is '%s'; write an age such as 30d, 12h or PT90M".formatted(name, text));
    }

    JsonNode perform(Arguments arguments) throws KeeperException, IOException {
        return switch (arguments.command()) {
            case "list" -> list(arguments);
            case "tag" -> tag(arguments);
            case "pin" -> pin(arguments);
            case "diff" -> diff(arguments);
            case "files" -> files(arguments);
            case "export" -> export(arguments);
            case "compact" -> compact(arguments);
            case "expire" -> expire(arguments);
            default ->
                throw KeeperException.wrongUsage(
                        "No command '%s'; it is one of list, tag, pin, diff, files, export, compact, expire"
                                .formatted(arguments.command()));
        };
    }

    private KeptTable open() throws KeeperException {
        return KeptTable.open(config);
    }

    /**
     * Published models as the caller read them: {@code MODEL=SNAPSHOT_ID}, or {@code MODEL@TIME} of its publication if it
     * was trained on the topics, with commas between.
     */
    private static ModelPins pins(KeptTable table, Arguments arguments) throws KeeperException {
        Map<String, ModelPins.Origin> models = new TreeMap<>();
        for (String pin : arguments.option("pins", "").split(",")) {
            if (pin.isBlank()) {
                continue;
            }
            Matcher parts = PIN.matcher(pin);
            try {
                if (parts.matches()) {
                    String said = parts.group(3);
                    models.put(
                            parts.group(1),
                            parts.group(2).equals("=")
                                    ? new ModelPins.Origin(Optional.of(Long.parseLong(said)), Instant.MAX)
                                    : new ModelPins.Origin(Optional.empty(), Instant.parse(said)));
                    continue;
                }
            } catch (NumberFormatException | DateTimeParseException e) {
                // The sentence below says what is accepted.
            }
            throw KeeperException.wrongUsage(
                    "--pins has '%s'; write MODEL=SNAPSHOT_ID or MODEL@2026-12-01T08:00:00Z".formatted(pin));
        }
        return ModelPins.of(models, table.snapshots(), table.refs());
    }

    private JsonNode list(Arguments arguments) throws KeeperException, IOException {
        KeptTable table = open();
        ModelPins pins = pins(table, arguments);
        ObjectNode document = head(table);
        document.set("modelsWaiting", JSON.valueToTree(pins.waiting()));
        ArrayNode list = document.putArray("snapshots");
        List<SnapshotFacts> snapshots = table.snapshots();
        Map<Long, SampleCounts.Count> counts = SampleCounts.of(table, snapshots);
        for (SnapshotFacts snapshot : snapshots) {
            list.add(describe(table, snapshot, counts.get(snapshot.id()), pins.on()));
        }
        return document;
    }

    private ObjectNode head(KeptTable table) {
        ObjectNode document = JSON.createObjectNode();
        document.put("table", config.store().table());
        document.put("location", table.table().location());
        if (table.current().isPresent()) {
            document.put("currentSnapshotId", table.current().getAsLong());
        } else {
            document.putNull("currentSnapshotId");
        }
        return document;
    }

    private ObjectNode describe(KeptTable table, SnapshotFacts snapshot) throws IOException {
        return describe(
                table, snapshot, SampleCounts.of(table, List.of(snapshot)).get(snapshot.id()), Map.of());
    }

    private ObjectNode describe(
            KeptTable table, SnapshotFacts snapshot, SampleCounts.Count count, Map<String, Long> pins) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", snapshot.id());
        node.put("committedAt", snapshot.committedAt().toString());
        node.put("operation", snapshot.operation());
        node.put("current", table.current().orElse(-1) == snapshot.id());
        ArrayNode tags = node.putArray("tags");
        Set<String> models = new HashSet<>();
        for (String tag : table.tagsOn(snapshot.id())) {
            if (tag.startsWith(SnapshotNames.MODEL_PREFIX)) {
                models.add(tag.substring(SnapshotNames.MODEL_PREFIX.length()));
            } else {
                tags.add(tag);
            }
        }
        pins.forEach((model, id) -> {
            if (id == snapshot.id()) {
                models.add(model);
            }
        });
        ArrayNode pinnedBy = node.putArray("pinnedBy");
        models.stream().sorted().forEach(pinnedBy::add);
        long files = snapshot.count("total-data-files");
        long bytes = snapshot.count("total-files-size");
        node.put(
                "addedSamples",
                snapshot.operation().equals("replace") ? 0 : snapshot.count("added-records") - count.corrections());
        node.put("deletedSamples", snapshot.operation().equals("replace") ? 0 : snapshot.count("deleted-records"));
        node.put("addedFiles", snapshot.count("added-data-files"));
        node.put("corrections", count.corrections());
        node.put("samples", count.samples());
        node.put("correctedSamples", count.corrected());
        node.put("rows", snapshot.count("total-records"));
        node.put("files", files);
        node.put("bytes", bytes);
        node.put("averageFileBytes", files == 0 ? 0 : bytes / files);
        return node;
    }

    private JsonNode tag(Arguments arguments) throws KeeperException {
        String name = arguments.name(0, "the name of the tag, for example: tag release-1");
        KeptTable table = open();
        SnapshotNames.requireTagName(name);
        return change(
                table, name, arguments, arguments.option("snapshot", SnapshotNames.LATEST), "Tag '%s'".formatted(name));
    }

    private JsonNode pin(Arguments arguments) throws KeeperException {
        KeptTable table = open();
        if (arguments.names().isEmpty()) {
            ModelPins pins = pins(table, arguments);
            int written = new Expiry(table, progress).persist(pins.on());
            ObjectNode document = JSON.createObjectNode();
            document.put("pinned", written);
            document.put("known", pins.on().size() + pins.waiting().size());
            document.set("modelsWaiting", JSON.valueToTree(pins.waiting()));
            return document;
        }
        String model = arguments.name(0, "the id of the model");
        return change(
                table,
                SnapshotNames.pinOf(model),
                arguments,
                arguments.option("snapshot", SnapshotNames.LATEST),
                "The pin of model '%s'".formatted(model));
    }

    /** Creates, moves or deletes a tag. */
    private JsonNode change(KeptTable table, String tag, Arguments arguments, String snapshotName, String what)
            throws KeeperException {
        SnapshotRef reference = table.table().refs().get(tag);
        if (reference != null && reference.isBranch()) {
            throw KeeperException.failed(
                    "'%s' is a branch that another engine made; choose another name for the tag".formatted(tag));
        }
        Long existing = table.refs().get(tag);
        ObjectNode document = JSON.createObjectNode();
        document.put("tag", tag);
        ManageSnapshots manage = table.table().manageSnapshots();
        if (arguments.flag("delete")) {
            if (existing == null) {
                throw KeeperException.wrongUsage(
                        "%s is not there, so it cannot be deleted; see './drivetrain snapshots list'".formatted(what));
            }
            manage.removeTag(tag).commit();
            document.put("snapshotId", existing);
            document.put("action", "deleted");
            return document;
        }
        SnapshotFacts snapshot = table.resolve(snapshotName);
        if (existing != null && existing != snapshot.id() && !arguments.flag("move")) {
            throw KeeperException.failed(
                    "%s is on snapshot %d and does not move by itself; choose another name, or add --move"
                            .formatted(what, existing));
        }
        String action = "unchanged";
        if (existing == null) {
            manage.createTag(tag, snapshot.id()).commit();
            action = "created";
        } else if (existing != snapshot.id()) {
            manage.replaceTag(tag, snapshot.id()).commit();
            action = "moved";
        }
        document.put("snapshotId", snapshot.id());
        document.put("action", action);
        if (existing != null) {
            document.put("before", existing);
        }
        return document;
    }

    private JsonNode diff(Arguments arguments) throws KeeperException, IOException {
        KeptTable table = open();
        SnapshotFacts before = table.resolve(arguments.name(0, "two snapshots: diff A B"));
        SnapshotFacts after = table.resolve(arguments.name(1, "two snapshots: diff A B"));
        boolean samples = arguments.flag("samples");
        long limit = arguments.whole("limit", 1000, 1);
        ArrayNode listed = JSON.createArrayNode();
        SnapshotDiff diff = new SnapshotComparison(table, config.balance().slices(), progress)
                .compare(before.id(), after.id(), difference -> {
                    if (samples && listed.size() < limit) {
                        listed.add(describe(difference));
                    }
                });
        ObjectNode document = JSON.createObjectNode();
        document.set("from", describe(table, before));
        document.set("to", describe(table, after));
        ObjectNode counts = document.putObject("samples");
        counts.put("came", diff.count(SnapshotDiff.Change.CAME));
        counts.put("went", diff.count(SnapshotDiff.Change.WENT));
        counts.put("changed", diff.count(SnapshotDiff.Change.CHANGED));
        counts.set("changedFields", JSON.valueToTree(diff.changedFields()));
        document.set("classes", counts(diff.classes(), "class"));
        document.set("splits", counts(diff.splits(), "split"));
        ArrayNode slices = document.putArray("slices");
        diff.slices()
                .forEach((attribute, values) -> counts(values, "value").forEach(node -> {
                    ((ObjectNode) node).put("attribute", attribute);
                    slices.add(node);
                }));
        if (samples) {
            document.set("differences", listed);
            long all = diff.count(SnapshotDiff.Change.CAME)
                    + diff.count(SnapshotDiff.Change.WENT)
                    + diff.count(SnapshotDiff.Change.CHANGED);
            document.put("differencesLeftOut", all - listed.size());
        }
        return document;
    }

    private static ObjectNode describe(SnapshotDiff.Difference difference) {
        ObjectNode node = JSON.createObjectNode();
        node.put("sampleId", difference.id());
        node.put("change", difference.change().name().toLowerCase(java.util.Locale.ROOT));
        SnapshotDiff.Row row = difference.after() == null ? difference.before() : difference.after();
        node.put("class", row.label());
        node.put("split", row.split());
        if (difference.change() == SnapshotDiff.Change.CHANGED) {
            node.set("fields", JSON.valueToTree(difference.fields()));
            node.put("classBefore", difference.before().label());
            node.put("splitBefore", difference.before().split());
        }
        return node;
    }

    private static ArrayNode counts(Map<String, SnapshotDiff.Counts> all, String key) {
        ArrayNode list = JSON.createArrayNode();
        all.forEach((name, counts) -> {
            ObjectNode node = list.addObject();
            node.put(key, name);
            node.put("before", counts.before());
            node.put("came", counts.came());
            node.put("went", counts.went());
            node.put("after", counts.after());
            node.put("note", counts.note());
        });
        return list;
    }

    private JsonNode files(Arguments arguments) throws KeeperException, IOException {
        KeptTable table = open();
        SnapshotFacts snapshot = table.resolve(
                arguments.names().isEmpty()
                        ? SnapshotNames.LATEST
                        : arguments.names().get(0));
        ObjectNode document = JSON.createObjectNode();
        document.set("snapshot", describe(table, snapshot));
        ArrayNode list = document.putArray("files");
        long deletes = 0;
        for (FileScanTask file : table.files(snapshot.id())) {
            ObjectNode node = list.addObject();
            node.put("path", KeptTable.plainPath(file.file().location()));
            node.put("partition", KeptTable.partition(file));
            node.put("rows", file.file().recordCount());
            node.put("bytes", file.file().fileSizeInBytes());
            deletes += file.deletes().size();
        }
        document.put("deleteFiles", deletes);
        document.put(
                "correctedSamples",
                NewestRevisions.of(table, snapshot.id()).newest().size());
        return document;
    }

    private JsonNode export(Arguments arguments) throws KeeperException, IOException {
        KeptTable table = open();
        SnapshotFacts snapshot = table.resolve(arguments.name(0, "a snapshot: export latest --to DIR"));
        String to = arguments.option("to", "");
        if (to.isBlank()) {
            throw KeeperException.wrongUsage("'export' needs a folder: export latest --to DIR");
        }
        ObjectNode manifest =
                new SnapshotExport(table, config, clock, progress).run(snapshot, Path.of(to), arguments.flag("images"));
        manifest.remove(List.of("schema", "config", "tableProperties"));
        manifest.put("folder", Path.of(to).toAbsolutePath().normalize().toString());
        return manifest;
    }

    private JsonNode compact(Arguments arguments) throws KeeperException, IOException {
        KeptTable table = open();
        long target = arguments.whole("target", config.store().targetFileBytes(), 1 << 10);
        int minFiles = (int) Math.min(Integer.MAX_VALUE, arguments.whole("min-files", 5, 2));
        Compaction compaction = new Compaction(table, target, progress);
        List<CompactionPlan.Group> plan = compaction.plan(minFiles);
        ObjectNode document = JSON.createObjectNode();
        document.put("targetFileBytes", target);
        document.put("dryRun", arguments.flag("dry-run"));
        document.put("groups", plan.size());
        ObjectNode partitions = document.putObject("partitions");
        Map<String, Long> planned = new HashMap<>();
        plan.forEach(
                group -> planned.merge(group.partition(), (long) group.files().size(), Long::sum));
        new TreeMap<>(planned).forEach(partitions::put);
        if (arguments.flag("dry-run")) {
            document.put(
                    "filesBefore",
                    planned.values().stream().mapToLong(Long::longValue).sum());
            document.put(
                    "bytesBefore",
                    plan.stream().mapToLong(CompactionPlan.Group::bytes).sum());
            return document;
        }
        Compaction.Result result = compaction.run(minFiles);
        document.put("filesBefore", result.filesBefore());
        document.put("filesAfter", result.filesAfter());
        document.put("bytesBefore", result.bytesBefore());
        document.put("bytesAfter", result.bytesAfter());
        document.put("rows", result.rows());
        document.put("conflicts", result.conflicts());
        KeptTable after = table.again();
        if (after.current().isPresent()) {
            document.set("snapshot", describe(after, after.resolve(SnapshotNames.LATEST)));
        }
        return document;
    }

    private JsonNode expire(Arguments arguments) throws KeeperException, IOException {
        KeptTable table = open();
        Expiry expiry = new Expiry(table, progress);
        ModelPins pins = pins(table, arguments);
        boolean dryRun = arguments.flag("dry-run");
        ExpiryPolicy policy = new ExpiryPolicy(arguments.age("older-than", Duration.ofDays(30)), (int)
                Math.min(Integer.MAX_VALUE, arguments.whole("keep", 10, 1)));
        Duration orphanAge = arguments.age("orphans-older-than", SAFE_ORPHAN_AGE);
        if (orphanAge.compareTo(SAFE_ORPHAN_AGE) < 0 && !arguments.flag("force")) {
            throw KeeperException.wrongUsage(
                    "--orphans-older-than is %s; a file that is younger than 3d may belong to a process that still writes it: give 3d or more, or stop all that write to the table and add --force"
                            .formatted(arguments.option("orphans-older-than", "")));
        }
        Instant now = clock.instant();
        if (!dryRun) {
            expiry.persist(pins.on());
            table.table().refresh();
        }
        List<ExpiryPolicy.Decision> decisions =
                policy.decide(table.snapshots(), table.current(), table.refs(), pins.on(), now);
        ObjectNode document = JSON.createObjectNode();
        document.put("dryRun", dryRun);
        document.put("olderThan", policy.olderThan().toString());
        document.put("keep", policy.keep());
        document.set("modelsWaiting", JSON.valueToTree(pins.waiting()));
        ArrayNode expired = document.putArray("expired");
        ObjectNode kept = document.putObject("kept");
        Map<String, Long> reasons = new TreeMap<>();
        List<SnapshotFacts> going = new ArrayList<>();
        for (ExpiryPolicy.Decision decision : decisions) {
            if (decision.fate() == ExpiryPolicy.Fate.EXPIRES) {
                going.add(decision.snapshot());
            } else {
                reasons.merge(decision.fate().reason(), 1L, Long::sum);
            }
        }
        Map<Long, SampleCounts.Count> counts = SampleCounts.of(table, going);
        going.forEach(snapshot -> expired.add(describe(table, snapshot, counts.get(snapshot.id()), pins.on())));
        reasons.forEach(kept::put);
        document.put("filesDeleted", dryRun ? 0 : expiry.expire(decisions).size());
        if (arguments.flag("orphans")) {
            Optional<Instant> committed = Expiry.committedUntil(table.snapshots());
            Map<Boolean, List<Expiry.Orphan>> found = expiry.orphans(orphanAge, now).stream()
                    .collect(Collectors.partitioningBy(orphan -> orphan.mayBePending(committed)));
            List<Expiry.Orphan> orphans = found.get(false);
            document.put("orphansPending", found.get(true).size());
            document.put("orphans", orphans.size());
            document.put(
                    "orphanBytes",
                    orphans.stream().mapToLong(Expiry.Orphan::bytes).sum());
            if (!dryRun) {
                expiry.delete(orphans);
            }
        }
        return document;
    }
}
