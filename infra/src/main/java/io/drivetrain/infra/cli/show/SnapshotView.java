package io.drivetrain.infra.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code ./drivetrain snapshots} tells people. */
public final class SnapshotView {
    private static final int MOST_ROWS = 40;

    private SnapshotView() {}

    /** The table of snapshots, oldest first. */
    public static List<String> list(Terminal terminal, JsonNode document) {
        List<String> lines = new ArrayList<>();
        boolean corrected = document.path("snapshots").findValues("correctedSamples").stream()
                .anyMatch(count -> count.asLong() > 0);
        lines.add(terminal.bold(String.format(
                Locale.ROOT,
                "%-24s %-20s %10s %10s%s %6s %9s %9s  %s",
                "committed",
                "id",
                "came",
                "samples",
                corrected ? " corrected" : "",
                "files",
                "size",
                "per file",
                "names")));
        int empty = 0;
        for (JsonNode snapshot : document.path("snapshots")) {
            List<String> names = new ArrayList<>();
            snapshot.path("tags").forEach(tag -> names.add(terminal.green(tag.asText())));
            snapshot.path("pinnedBy").forEach(model -> names.add(terminal.yellow("pinned by " + model.asText())));
            if (snapshot.path("operation").asText().equals("replace")) {
                names.add(terminal.dim("compacted"));
            }
            if (snapshot.path("current").asBoolean()) {
                names.add("latest");
            }
            // The job commits now and then although nothing came: thousands of lines after a quiet week.
            if (names.isEmpty()
                    && change(snapshot).equals("0")
                    && snapshot.path("corrections").asLong() == 0) {
                empty++;
                continue;
            }
            lines.add(String.format(
                    Locale.ROOT,
                    "%-24s %-20d %10s %,10d%s %,6d %9s %9s  %s",
                    // To the millisecond: a time of day that is cut off names the snapshot before.
                    snapshot.path("committedAt").asText(),
                    snapshot.path("id").asLong(),
                    change(snapshot),
                    snapshot.path("samples").asLong(),
                    corrected
                            ? String.format(
                                    Locale.ROOT,
                                    " %,9d",
                                    snapshot.path("correctedSamples").asLong())
                            : "",
                    snapshot.path("files").asLong(),
                    bytes(snapshot.path("bytes").asLong()),
                    bytes(snapshot.path("averageFileBytes").asLong()),
                    String.join(", ", names)));
        }
        if (empty > 0) {
            lines.add(terminal.dim(String.format(
                    Locale.ROOT, "%,d more brought no sample and have no name; --json lists them", empty)));
        }
        return lines;
    }

    private static String change(JsonNode snapshot) {
        long added = snapshot.path("addedSamples").asLong();
        long deleted = snapshot.path("deletedSamples").asLong();
        return deleted == 0
                ? String.format(Locale.ROOT, "%,d", added)
                : String.format(Locale.ROOT, "%+,d", added - deleted);
    }

    /** Samples, classes, splits and slices that came and went. */
    public static List<String> diff(Terminal terminal, JsonNode document) {
        List<String> lines = new ArrayList<>();
        JsonNode samples = document.path("samples");
        lines.add(String.format(
                Locale.ROOT,
                "%s -> %s: %s came, %s went, %s changed; %s before, %s after",
                name(document.path("from")),
                name(document.path("to")),
                terminal.bold(
                        String.format(Locale.ROOT, "%,d", samples.path("came").asLong())),
                terminal.bold(
                        String.format(Locale.ROOT, "%,d", samples.path("went").asLong())),
                terminal.bold(String.format(
                        Locale.ROOT, "%,d", samples.path("changed").asLong())),
                samples(document.path("from"), " samples"),
                samples(document.path("to"), "")));
        samples.path("changedFields")
                .properties()
                .forEach(field -> lines.add(String.format(
                        Locale.ROOT, "  %,d changed in %s", field.getValue().asLong(), field.getKey())));
        counts(terminal, lines, "class", document.path("classes"), "class");
        counts(terminal, lines, "split", document.path("splits"), "split");
        counts(terminal, lines, "slice", document.path("slices"), "value");
        JsonNode differences = document.path("differences");
        if (!differences.isMissingNode()) {
            lines.add("");
            for (JsonNode difference : differences) {
                String change = difference.path("change").asText();
                String sign = change.equals("came") ? "+" : change.equals("went") ? "-" : "~";
                String line = String.format(
                        Locale.ROOT,
                        "%s %s  %s, %s%s",
                        sign,
                        difference.path("sampleId").asText(),
                        moved(difference, "classBefore", "class"),
                        moved(difference, "splitBefore", "split"),
                        difference.path("fields").isMissingNode() ? "" : "  " + difference.path("fields"));
                lines.add(sign.equals("+") ? terminal.green(line) : sign.equals("-") ? terminal.red(line) : line);
            }
            long left = document.path("differencesLeftOut").asLong();
            if (left > 0) {
                lines.add(String.format(Locale.ROOT, "and %,d more; show them with --limit", left));
            }
        }
        return lines;
    }

    private static String samples(JsonNode snapshot, String unit) {
        long corrected = snapshot.path("correctedSamples").asLong();
        return String.format(Locale.ROOT, "%,d%s", snapshot.path("samples").asLong(), unit)
                + (corrected == 0 ? "" : String.format(Locale.ROOT, " (%,d corrected)", corrected));
    }

    private static String moved(JsonNode difference, String before, String after) {
        String now = difference.path(after).asText();
        String then = difference.path(before).asText(now);
        return then.equals(now) ? now : then + " -> " + now;
    }

    private static String name(JsonNode snapshot) {
        JsonNode tags = snapshot.path("tags");
        return tags.isEmpty() ? snapshot.path("id").asText() : tags.get(0).asText();
    }

    private static void counts(Terminal terminal, List<String> lines, String title, JsonNode all, String key) {
        if (all.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add(terminal.bold(
                String.format(Locale.ROOT, "  %-34s %10s %10s %10s %10s", title, "before", "came", "went", "after")));
        int shown = 0;
        for (JsonNode row : all) {
            if (shown++ == MOST_ROWS) {
                lines.add(String.format(Locale.ROOT, "  and %,d more; all are in --json", all.size() - MOST_ROWS));
                return;
            }
            String name = row.path("attribute").isMissingNode()
                    ? row.path(key).asText()
                    : row.path("attribute").asText() + "=" + row.path(key).asText();
            String note = row.path("note").asText();
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-34s %,10d %10s %10s %,10d%s",
                    Terminal.cut(name, 34),
                    row.path("before").asLong(),
                    signed("+", row.path("came").asLong()),
                    signed("-", row.path("went").asLong()),
                    row.path("after").asLong(),
                    note.isEmpty() ? "" : "  " + (note.equals("new") ? terminal.green(note) : terminal.red(note))));
        }
    }

    private static String signed(String sign, long count) {
        return count == 0 ? "" : sign + String.format(Locale.ROOT, "%,d", count);
    }

    /** Bytes as a person says them. */
    public static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes;
        for (String unit : List.of("kB", "MB", "GB")) {
            value /= 1000;
            if (value < 999.5) {
                return String.format(Locale.ROOT, value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit);
            }
        }
        return String.format(Locale.ROOT, "%.1f TB", value / 1000);
    }
}
