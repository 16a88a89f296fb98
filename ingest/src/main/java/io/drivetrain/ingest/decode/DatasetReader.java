package io.drivetrain.ingest.decode;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;

/**
 * Reads the entries of a data set and completes what the files leave open, without looking at images. The same data set
 * gives the same entries, so that a place in the order is a place in the data set.
 *
 * <p>An image without a drive is a drive of its own. Without a frame index, frames count up within their drive. Without a
 * capture time, each drive is given five minutes, in the order in which drives come, from 2010 on, and after
 * {@value #DRIVES_IN_A_ROW} drives from 2010 on again; frames lie 100 ms apart.
 *
 * <p>Where the first entry of a drive is its frame 0, by the files' own numbers, and says when it was captured, all frames
 * of the drive get {@code drive-started-at}; and {@code drive-latitude} and {@code drive-longitude}, where it has
 * {@code latitude} and {@code longitude}. Nothing is made up, and what a frame says itself holds. Memory holds a number,
 * and if known the beginning, for each named drive.
 */
public final class DatasetReader implements Iterator<Entry>, AutoCloseable {
    private static final Instant FIRST_CAPTURE = Instant.parse("2010-01-01T00:00:00Z");
    private static final Duration PER_DRIVE = Duration.ofMinutes(5);
    private static final Duration PER_FRAME = Duration.ofMillis(100);

    /** The attribute that curation reads when it deals drives to the splits. */
    static final String STARTED_AT = "drive-started-at";

    /** As many as have room before 2019, so that the largest frame index, seven years on, is not in the future. */
    private static final int DRIVES_IN_A_ROW = 900_000;

    private final EntryReader entries;
    private final DatasetOptions options;
    private final String prefix;
    private final Map<String, Drive> drives = new HashMap<>();
    private int driveCount;

    /** What is remembered of a named drive. */
    private static final class Drive {
        private final int number;
        private final Map<String, String> beginning;
        private int frames;

        Drive(int number, Map<String, String> beginning) {
            this.number = number;
            this.beginning = beginning.isEmpty() ? Map.of() : beginning;
        }
    }

    DatasetReader(EntryReader entries, DatasetOptions options) {
        this.entries = entries;
        this.options = options;
        DatasetFormat format = options.format().orElseThrow();
        String name = options.name().orElse(format == DatasetFormat.FOLDER ? "" : format.text());
        this.prefix = name.isEmpty() ? "" : name + "/";
    }

    @Override
    public boolean hasNext() {
        return entries.hasNext();
    }

    /** Returns the next entry; of an image, drive, frame, capture time and domain are known. */
    @Override
    public Entry next() {
        Entry entry = entries.next();
        return entry instanceof Entry.Image image ? completed(image) : entry;
    }

    private Entry.Image completed(Entry.Image image) {
        Entry.Recording given = image.recording();
        String id = prefix + image.id();
        Optional<String> named = given.drive().or(() -> driveIn(image.id())).map(drive -> prefix + drive);
        int number;
        int frame;
        Map<String, String> attributes = image.labels().attributes();
        if (named.isPresent()) {
            Drive drive = drives.computeIfAbsent(named.get(), name -> new Drive(driveCount++, beginning(image)));
            number = drive.number;
            frame = given.frame().orElse(drive.frames);
            drive.frames++;
            attributes = with(drive.beginning, attributes);
        } else {
            number = driveCount++;
            frame = given.frame().orElse(0);
        }
        Instant start = FIRST_CAPTURE.plus(PER_DRIVE.multipliedBy(number % DRIVES_IN_A_ROW));
        Duration since = given.millis().isPresent()
                ? Duration.ofMillis(given.millis().getAsLong())
                : PER_FRAME.multipliedBy(frame);
        Entry.Labels labels = image.labels();
        return new Entry.Image(
                image.file(),
                image.place(),
                id,
                image.names(),
                new Entry.Labels(
                        labels.label(),
                        labels.boxes(),
                        attributes,
                        labels.source().or(options::labelSource),
                        labels.revision()),
                new Entry.Recording(
                        named.or(() -> Optional.of(id)),
                        OptionalInt.of(frame),
                        given.capturedAt().or(() -> Optional.of(start.plus(since))),
                        OptionalLong.empty(),
                        given.domain().or(() -> Optional.of(options.domain())),
                        given.telemetry()));
    }

    /** What the first entry of a drive says of the drive's beginning, if it is the drive's frame 0. */
    private static Map<String, String> beginning(Entry.Image first) {
        Map<String, String> known = new TreeMap<>();
        if (first.recording().frame().orElse(-1) == 0) {
            first.recording().capturedAt().ifPresent(time -> known.put(STARTED_AT, time.toString()));
            Map<String, String> attributes = first.labels().attributes();
            if (attributes.containsKey("latitude") && attributes.containsKey("longitude")) {
                known.put("drive-latitude", attributes.get("latitude"));
                known.put("drive-longitude", attributes.get("longitude"));
            }
        }
        return known;
    }

    /** What an entry says itself holds. */
    private static Map<String, String> with(Map<String, String> beginning, Map<String, String> said) {
        if (beginning.isEmpty()) {
            return said;
        }
        Map<String, String> both = new TreeMap<>(beginning);
        if (said.containsKey("drive-latitude") || said.containsKey("drive-longitude")) {
            both.remove("drive-latitude");
            both.remove("drive-longitude");
        }
        both.putAll(said);
        return both;
    }

    private Optional<String> driveIn(String id) {
        return options.drive()
                .map(pattern -> pattern.matcher(id))
                .filter(Matcher::find)
                .map(found -> {
                    String group = found.groupCount() > 0 ? found.group(1) : found.group();
                    return group == null || group.isEmpty() ? id : group;
                });
    }

    @Override
    public void close() {
        entries.close();
    }
}
