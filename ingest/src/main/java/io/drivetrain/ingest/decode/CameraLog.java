package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.WatchedFolder;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is remembered of files that cameras wrote: which content was sent, and from when the frames of a drive count.
 *
 * <p>Files come in any order, so a frame index that counted arrivals would contradict the capture times. It is the
 * milliseconds from twelve days before the first file of its drive that was seen, so that a later picture has a higher
 * index, an earlier one a lower, and two of one millisecond the same. After 24 days it begins at 0 again.
 */
public final class CameraLog {
    private static final long FRAMES = 1L << 31;
    private static final Pattern LINE = Pattern.compile("(\\S+) (\\S*) (-?\\d{1,18})");

    private final Map<String, Long> origins = new HashMap<>();

    /** Takes up what {@link #line} has said of a file of a drive in an earlier run. */
    public void remember(String drive, String line) {
        Matcher said = LINE.matcher(line);
        if (said.matches()) {
            origins.putIfAbsent(drive, Long.valueOf(said.group(3)));
        }
    }

    /** Returns the frame index of a picture. */
    public int frame(String drive, Instant captured) {
        long time = captured.toEpochMilli();
        return (int) Math.floorMod(time - origins.computeIfAbsent(drive, first -> time - FRAMES / 2), FRAMES);
    }

    /**
     * Returns what is to be remembered of a file.
     *
     * @param sha256 of its content, hex; empty text if nothing was sent
     */
    public String line(WatchedFolder.Whole file, String drive, String sha256) {
        return file.version() + " " + sha256 + " "
                + origins.getOrDefault(drive, file.modified().toEpochMilli());
    }

    /** Whether a file was dealt with in this version, by what is remembered of it. */
    public static boolean isVersion(String line, String version) {
        return line.equals(version) || line.startsWith(version + " ");
    }

    /** Whether this content of a file was sent, though perhaps the file had another time. */
    public static boolean isContent(String line, String sha256) {
        Matcher said = LINE.matcher(line);
        return said.matches() && said.group(2).equals(sha256);
    }
}
