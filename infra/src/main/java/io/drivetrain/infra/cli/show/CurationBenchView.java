package io.drivetrain.infra.cli.show;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** What {@code bench curation} measured, for a person. */
public final class CurationBenchView {
    private CurationBenchView() {}

    /** The rates of the job beside those of the bare loops, and where the CPU time goes. */
    public static void show(ObjectNode document, Terminal terminal) {
        if (document.has("job")) {
            showCamera(document, terminal);
        }
        if (document.has("smallJob")) {
            showSmall(document, terminal);
        }
    }

    private static void showCamera(ObjectNode document, Terminal terminal) {
        terminal.line(format(
                "%,d JPEGs of 1280x720 and %.0f KB: %s %.0f images/s (%.0f MB/s)",
                document.get("images").asLong(),
                document.get("kilobytesPerImage").asDouble(),
                whatRate(document.get("jobIsWarm")),
                document.get("job").asDouble(),
                document.get("megabytesPerSecond").asDouble()));
        terminal.line(format(
                "  bare loop of libjpeg-turbo's reduced decode (OpenCV) %.0f images/s%s: ratio %.2f, asked for are 0.50",
                document.get("decodeLoop").asDouble(),
                around(document, "decodeLoop"),
                document.get("ratioToDecode").asDouble()));
        terminal.line(format(
                "  bare loop of our own decoder (JpegEighth)            %.0f images/s%s: ratio %.2f",
                document.get("decodeLoopOfJpegEighth").asDouble(),
                around(document, "decodeLoopOfJpegEighth"),
                document.get("ratioToJpegEighth").asDouble()));
        showProfile(document.get("profile"), terminal);
    }

    private static void showSmall(ObjectNode document, Terminal terminal) {
        terminal.line(format(
                "%,d small PNGs of %.1f KB: %s %.0f images/s, bare copy loop %.0f images/s%s: ratio %.2f, asked for are 0.50",
                document.get("smallImages").asLong(),
                document.get("kilobytesPerSmallImage").asDouble(),
                whatRate(document.get("smallJobIsWarm")),
                document.get("smallJob").asDouble(),
                document.get("copyLoop").asDouble(),
                around(document, "copyLoop"),
                document.get("ratioToCopy").asDouble()));
        showProfile(document.get("smallProfile"), terminal);
    }

    /** How much the machine changed meanwhile. */
    private static String around(ObjectNode document, String loop) {
        return format(
                " (%.0f before the job, %.0f after)",
                document.get(loop + "Before").asDouble(),
                document.get(loop + "After").asDouble());
    }

    private static String whatRate(JsonNode isWarm) {
        return isWarm.asBoolean() ? "job" : "job (with its start: too few checkpoints for more; give more images)";
    }

    private static void showProfile(JsonNode profile, Terminal terminal) {
        for (JsonNode part : profile) {
            terminal.line(format(
                    "  %6.3f ms CPU an image  %s",
                    part.get("cpuMillisecondsPerImage").asDouble(),
                    part.get("part").asText()));
        }
    }

    /** The rate and memory over a long run, in tenths. */
    public static void showHistory(ObjectNode document, Terminal terminal) {
        for (JsonNode tenth : document.get("tenths")) {
            terminal.line("  " + stretch(tenth));
        }
        terminal.line(format(
                "%,d images. First tenth behind the warm-up: %s. Last tenth with a busy job: %s. Ratio %.2f; memory %s",
                document.get("images").asLong(),
                stretch(document.get("firstTenth")),
                stretch(document.get("lastTenth")),
                document.get("ratioLastToFirst").asDouble(),
                document.get("memoryGrows").asBoolean() ? "grows" : "is flat"));
    }

    private static String stretch(JsonNode stretch) {
        return format(
                "images %,d to %,d at %,.0f/s, %,.0f MB resident",
                stretch.get("from").asLong(),
                stretch.get("to").asLong(),
                stretch.get("imagesPerSecond").asDouble(),
                stretch.get("residentMegabytes").asDouble());
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }
}
