package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.schemas.Box;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads BDD100K's and other Scalabel JSON: an array of frames, an object with {@code frames}, or frames one after the
 * other, as in JSONL. One frame is held at a time, and one more that waits for what its object says of it. A frame with a
 * field that cannot be read is skipped whole, a label that cannot be read is skipped alone.
 *
 * <p>BDD100K's first release has an object for each image, whose only frame has {@code objects} for labels, and neither a
 * name nor attributes: it takes those of the object.
 *
 * <p>A label's box is its {@code box2d}, whose x2 and y2 belong to the box while ours do not, or else what its closed
 * {@code poly2d} fill. Lanes, drivable areas and open lines are no objects. Any other label, such as one with
 * {@code rle} or {@code box3d} alone, is an object whose box is unknown, so that the boxes of its frame are not complete;
 * a frame with labels of which none has a box counts as one in which nobody has looked for boxes.
 */
final class ScalabelReader implements EntryReader {
    /** Times before are counted from the beginning of a video, as in BDD100K. */
    private static final long FIRST_TIME_OF_DAY =
            Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();

    /** Beside those that begin with area/ and lane/. */
    private static final Set<String> GROUND = Set.of("lane", "direct", "alternative", "drivable area");

    private static final Pattern IMAGE = Pattern.compile("\\.(jpe?g|png)$", Pattern.CASE_INSENSITIVE);

    private final JsonTexts texts;
    private final Deque<Entry> ready = new ArrayDeque<>();
    private JsonStream json;
    private boolean ended;
    private boolean failed;

    /** The array that holds the whole text, if one does. */
    private enum Outer {
        NONE,
        OPEN,
        CLOSED
    }

    private Outer outer = Outer.NONE;
    private int objects;

    /** The object in whose frames the parser stands; null outside of any. */
    private Fields around;

    /** The frame that takes its name from {@link #around}; null if there is none. */
    private Fields waiting;

    /** What a frame, or the object around frames, says. */
    private static final class Fields {
        private final String place;
        private final Set<String> seen = new HashSet<>();
        private Optional<String> name = Optional.empty();
        private Optional<String> url = Optional.empty();
        private Optional<String> video = Optional.empty();
        private OptionalLong timestamp = OptionalLong.empty();
        private OptionalInt index = OptionalInt.empty();
        private Map<String, String> attributes = Map.of();
        private Optional<Entry.Boxes> boxes = Optional.empty();
        private boolean failed;

        Fields(String place) {
            this.place = place;
        }

        Optional<String> file() {
            return name.filter(text -> !text.isBlank())
                    .or(() -> url.map(ScalabelReader::lastOfUrl).filter(text -> !text.isBlank()));
        }

        /** Takes what only the object around this frame says. */
        void complete(Fields object) {
            name = object.name
                    .filter(text -> !text.isBlank())
                    .map(text -> IMAGE.matcher(text).find() ? text : text + ".jpg");
            Map<String, String> both = new TreeMap<>(object.attributes);
            both.putAll(attributes);
            attributes = both;
            failed |= object.failed;
        }
    }

    /**
     * Reads files one after the other.
     *
     * @param root folder that file names in messages are taken from
     */
    ScalabelReader(List<Path> files, Path root) {
        texts = new JsonTexts(files, root, this::bad);
    }

    /** Counts the frames that can be reached. */
    static long count(List<Path> files, Path root) {
        long[] count = {0};
        try (JsonTexts texts = new JsonTexts(files, root, malformed -> {})) {
            for (Optional<JsonStream> text = next(texts); text.isPresent(); text = next(texts)) {
                count(text.get(), count);
            }
        }
        return count[0];
    }

    private static Optional<JsonStream> next(JsonTexts texts) {
        try {
            return texts.next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void count(JsonStream json, long[] count) {
        try {
            for (JsonToken token = json.next(); token != null; token = json.next()) {
                if (token == JsonToken.START_OBJECT) {
                    long before = count[0];
                    boolean frames = false;
                    while (json.next() == JsonToken.FIELD_NAME) {
                        boolean named = json.name().equals("frames");
                        if (json.next() != JsonToken.START_ARRAY || !named) {
                            json.skip();
                            continue;
                        }
                        frames = true;
                        for (token = json.next(); token != JsonToken.END_ARRAY; token = json.next()) {
                            count[0] += token == JsonToken.START_OBJECT ? 1 : 0;
                            json.skip();
                        }
                    }
                    count[0] = frames ? count[0] : before + 1;
                }
            }
        } catch (JsonProcessingException e) {
            // Reported when the file is read; what comes before counts.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String named(Path root, Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path from = root.toAbsolutePath().normalize();
        return (absolute.startsWith(from) && !absolute.equals(from) ? from.relativize(absolute) : absolute)
                .toString()
                .replace('\\', '/');
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && !ended) {
            advance();
        }
        return !ready.isEmpty();
    }

    @Override
    public Entry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove();
    }

    private void advance() {
        try {
            if (json == null) {
                Optional<JsonStream> text = texts.next();
                ended = text.isEmpty();
                begin(text.orElse(null));
            } else if (around != null) {
                frames();
            } else if (outer == Outer.OPEN) {
                elements();
            } else {
                text();
            }
        } catch (JsonProcessingException e) {
            bad(json == null ? JsonStream.broken(texts.file(), e) : json.broken(e));
            begin(null);
        } catch (IOException e) {
            bad(new Collected.Malformed(
                    Collected.Kind.BROKEN_SYNTAX,
                    texts.file(),
                    "",
                    "it cannot be read (%s)".formatted(e.getClass().getSimpleName()),
                    "check path and rights"));
            begin(null);
        }
    }

    private void begin(JsonStream text) {
        json = text;
        outer = Outer.NONE;
        objects = 0;
        around = null;
        waiting = null;
    }

    /** Reads on outside of any array. */
    private void text() throws IOException {
        JsonToken token = json.next();
        boolean first = outer == Outer.NONE && objects == 0;
        if (token == JsonToken.START_OBJECT && outer == Outer.NONE) {
            objects++;
            if (!first) {
                json.another();
            }
            Fields read = new Fields(json.path());
            if (fields(read, true)) {
                around = read;
            } else if (read.seen.isEmpty()) {
                noFrames(read.place);
            } else {
                frame(read);
            }
        } else if (token == JsonToken.START_ARRAY && first) {
            outer = Outer.OPEN;
        } else {
            if (first) {
                noFrames(json.path());
            } else if (token != null) {
                json.report(
                        Collected.Kind.BROKEN_SYNTAX,
                        "",
                        "something follows the frames, and was not read",
                        "put all frames into one array");
            }
            begin(null);
        }
    }

    private void noFrames(String place) {
        json.report(
                Collected.Kind.MISSING_FIELD,
                place,
                "there is neither an array of frames, nor an object with an array 'frames', nor a frame",
                "give a Scalabel file");
    }

    /** Reads on in the array that holds the whole text. */
    private void elements() throws IOException {
        JsonToken token = json.next();
        if (token == JsonToken.START_OBJECT) {
            Fields read = new Fields(json.path());
            if (fields(read, true)) {
                around = read;
            } else {
                frame(read);
            }
        } else if (token == JsonToken.END_ARRAY) {
            outer = Outer.CLOSED;
        } else {
            json.wrong("a frame, which is an object");
        }
    }

    /** Reads on in the frames of an object. */
    private void frames() throws IOException {
        JsonToken token = json.next();
        if (token == JsonToken.START_OBJECT) {
            Fields read = new Fields(json.path());
            fields(read, false);
            if (read.file().isEmpty() && !read.failed && waiting == null) {
                waiting = read;
            } else {
                frame(read);
            }
        } else if (token == JsonToken.END_ARRAY) {
            if (!fields(around, true)) {
                if (waiting != null) {
                    waiting.complete(around);
                    frame(waiting);
                }
                around = null;
                waiting = null;
            }
        } else {
            json.wrong("a frame, which is an object");
        }
    }

    private void bad(Collected.Malformed malformed) {
        failed = true;
        ready.add(new Entry.Bad(malformed));
    }

    /**
     * Reads the fields of an object on.
     *
     * @param frames whether its frames are of interest
     * @return whether it was left where its frames begin; false at its end
     */
    private boolean fields(Fields read, boolean frames) throws IOException {
        while (json.next() == JsonToken.FIELD_NAME) {
            String name = json.name();
            JsonToken value = json.next();
            if (frames && name.equals("frames") && value == JsonToken.START_ARRAY) {
                return true;
            }
            String field = known(name);
            failed = false;
            if (!field.isEmpty() && !read.seen.add(field)) {
                json.report(
                        Collected.Kind.DUPLICATE_ENTRY, json.path(), "the frame has this field twice", "remove one");
                read.failed = true;
            }
            switch (field) {
                case "name" -> read.name = json.text();
                case "url" -> read.url = json.text();
                case "videoName" -> read.video = json.text().filter(text -> !text.isBlank());
                case "timestamp" -> read.timestamp = timestamp();
                case "frameIndex" -> read.index = json.index();
                case "attributes" -> read.attributes = attributes();
                case "labels" -> {
                    read.boxes = labels();
                    // A label that cannot be read leaves the others; what is no list of labels leaves nothing.
                    failed &= read.boxes.isEmpty();
                }
                default -> json.skip();
            }
            read.failed |= failed;
        }
        return false;
    }

    /** The present name of a field, for those that have had others; empty for what is not read. */
    private static String known(String field) {
        return switch (field) {
            case "name", "url", "videoName", "timestamp", "frameIndex", "attributes", "labels" -> field;
            case "video_name" -> "videoName";
            case "frame_index" -> "frameIndex";
            case "objects" -> "labels";
            default -> "";
        };
    }

    private void frame(Fields read) {
        Optional<String> file = read.file();
        if (file.isEmpty() && !read.failed) {
            json.report(Collected.Kind.MISSING_FIELD, read.place, "the frame has no name", "name its image file");
        }
        if (file.isPresent() && !read.failed) {
            ready.add(image(read, lastOfUrl(file.get())));
        }
    }

    private OptionalLong timestamp() throws IOException {
        OptionalLong millis = json.whole();
        if (millis.isPresent() && !Limits.isTime(Instant.ofEpochMilli(millis.getAsLong()))) {
            json.report(
                    Collected.Kind.WRONG_VALUE,
                    json.path(),
                    "it is %d, which is no time in milliseconds".formatted(millis.getAsLong()),
                    "correct it");
        }
        return millis;
    }

    private static String lastOfUrl(String text) {
        return text.contains("://") ? text.substring(text.lastIndexOf('/') + 1) : text;
    }

    private Entry.Image image(Fields read, String name) {
        Optional<String> video = read.video;
        OptionalLong timestamp = read.timestamp;
        String inVideo = video.filter(text -> !name.startsWith(text + "/"))
                .map(text -> text + "/" + name)
                .orElse(name);
        List<String> names = new ArrayList<>(List.of(inVideo));
        for (String given :
                List.of(name, read.url.filter(u -> !u.contains("://")).orElse(name))) {
            String text = given.replaceFirst("^(\\./)+", "");
            if (video.isEmpty() || isOf(video.get(), text)) {
                names.add(text);
            } else if (text.contains("/")) {
                // A path from the root is one image, whatever its video.
                names.add("./" + text);
            }
        }
        boolean absolute = timestamp.isPresent() && timestamp.getAsLong() >= FIRST_TIME_OF_DAY;
        return new Entry.Image(
                json.file(),
                read.place,
                inVideo,
                names.stream().distinct().toList(),
                new Entry.Labels(Optional.empty(), read.boxes, read.attributes, Optional.empty()),
                new Entry.Recording(
                        video,
                        read.index,
                        absolute ? Optional.of(Instant.ofEpochMilli(timestamp.getAsLong())) : Optional.empty(),
                        absolute ? OptionalLong.empty() : timestamp,
                        Optional.empty()));
    }

    /** Whether a name tells the video: frames of two videos are often both called 000001.jpg. */
    private static boolean isOf(String video, String name) {
        String last = video.substring(video.lastIndexOf('/') + 1);
        return ("/" + name).contains("/" + last + "/")
                || name.substring(name.lastIndexOf('/') + 1).startsWith(last);
    }

    private Map<String, String> attributes() throws IOException {
        if (json.current() == JsonToken.VALUE_NULL) {
            return Map.of();
        }
        if (json.current() != JsonToken.START_OBJECT) {
            json.wrong("an object of attributes");
            return Map.of();
        }
        Map<String, String> attributes = new TreeMap<>();
        while (json.next() == JsonToken.FIELD_NAME) {
            String name = json.name();
            json.next();
            Optional<String> value = json.scalar().filter(text -> !text.isEmpty());
            if (value.isPresent() && attributes.size() < Limits.LABEL_ATTRIBUTES && name.length() <= Limits.NAME) {
                attributes.put(name, value.get());
            }
        }
        return attributes;
    }

    /** Returns the boxes, complete or not; empty if nobody has looked for any. */
    private Optional<Entry.Boxes> labels() throws IOException {
        if (json.current() == JsonToken.VALUE_NULL) {
            return Optional.empty();
        }
        if (json.current() != JsonToken.START_ARRAY) {
            json.wrong("an array of labels");
            return Optional.empty();
        }
        List<Box> boxes = new ArrayList<>();
        boolean complete = true;
        boolean any = false;
        boolean boxed = false;
        boolean full = false;
        for (JsonToken token = json.next(); token != JsonToken.END_ARRAY; token = json.next()) {
            any = true;
            if (full) {
                json.skip();
                continue;
            }
            failed = false;
            String place = json.path();
            Label label = label();
            complete &= label.shape != Shape.UNKNOWN && !failed;
            boxed |= label.box.isPresent() || failed;
            if (boxes.size() == Limits.BOXES || ready.size() >= Limits.BOXES) {
                full = true;
                complete = false;
                json.report(
                        Collected.Kind.TOO_LARGE,
                        place,
                        "there are more than %,d labels; the rest was not read".formatted(Limits.BOXES),
                        "check whether these are the labels of one image");
            } else {
                label.box.ifPresent(boxes::add);
            }
        }
        return any && !boxed ? Optional.empty() : Optional.of(new Entry.Boxes(boxes, false, complete));
    }

    private enum Shape {
        BOX,
        NO_OBJECT,
        UNKNOWN
    }

    /** The box is there if and only if the shape is one. */
    private record Label(Shape shape, Optional<Box> box) {
        static final Label UNKNOWN = new Label(Shape.UNKNOWN, Optional.empty());
        static final Label NO_OBJECT = new Label(Shape.NO_OBJECT, Optional.empty());
    }

    private Label label() throws IOException {
        if (json.current() != JsonToken.START_OBJECT) {
            json.wrong("a label, which is an object");
            return Label.UNKNOWN;
        }
        String place = json.path();
        Optional<String> category = Optional.empty();
        Optional<double[]> corners = Optional.empty();
        Polygons polygons = new Polygons();
        boolean boxed = false;
        while (json.next() == JsonToken.FIELD_NAME) {
            String field = json.name();
            JsonToken token = json.next();
            if (field.equals("category")) {
                category = json.text();
            } else if (field.equals("box2d") && token != JsonToken.VALUE_NULL) {
                boxed = true;
                corners = corners();
            } else if (field.equals("poly2d") && token == JsonToken.START_ARRAY) {
                polygons.read();
            } else {
                json.skip();
            }
        }
        if (category.filter(ScalabelReader::isGround).isPresent()) {
            return Label.NO_OBJECT;
        }
        if (boxed && !failed && category.isEmpty()) {
            json.report(Collected.Kind.MISSING_FIELD, place, "the label has no category", "name what the box shows");
        }
        if (failed) {
            return Label.UNKNOWN;
        }
        if (corners.isPresent() && category.isPresent()) {
            double[] c = corners.get();
            return new Label(Shape.BOX, Optional.of(new Box(category.get(), c[0], c[1], c[2] + 1, c[3] + 1)));
        }
        Optional<Box> around = category.flatMap(polygons::around);
        if (around.isPresent()) {
            return new Label(Shape.BOX, around);
        }
        return polygons.onlyLines() ? Label.NO_OBJECT : Label.UNKNOWN;
    }

    /** Whether BDD100K says so of lanes and drivable areas, which lie in the same files as objects. */
    private static boolean isGround(String category) {
        return category.startsWith("area/") || category.startsWith("lane/") || GROUND.contains(category);
    }

    /** The polygons of one label, of which the bounds are kept. */
    private final class Polygons {
        private double x1 = Double.POSITIVE_INFINITY;
        private double y1 = Double.POSITIVE_INFINITY;
        private double x2 = Double.NEGATIVE_INFINITY;
        private double y2 = Double.NEGATIVE_INFINITY;
        private boolean lines;
        private boolean others;

        /** Reads an array of objects with vertices and closed, which is true unless it says otherwise. */
        void read() throws IOException {
            for (JsonToken token = json.next(); token != JsonToken.END_ARRAY; token = json.next()) {
                if (token == JsonToken.START_OBJECT) {
                    one();
                } else {
                    others = true;
                    json.skip();
                }
            }
        }

        private void one() throws IOException {
            double[] bounds = {
                Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY
            };
            boolean closed = true;
            while (json.next() == JsonToken.FIELD_NAME) {
                String field = json.name();
                JsonToken token = json.next();
                if (field.equals("closed")) {
                    closed = token != JsonToken.VALUE_FALSE;
                } else if (field.equals("vertices") && token == JsonToken.START_ARRAY) {
                    for (token = json.next(); token != JsonToken.END_ARRAY; token = json.next()) {
                        vertex(bounds);
                    }
                } else {
                    json.skip();
                }
            }
            if (!closed) {
                lines = true;
                return;
            }
            others = true;
            x1 = Math.min(x1, bounds[0]);
            y1 = Math.min(y1, bounds[1]);
            x2 = Math.max(x2, bounds[2]);
            y2 = Math.max(y2, bounds[3]);
        }

        private void vertex(double[] bounds) throws IOException {
            if (json.current() != JsonToken.START_ARRAY) {
                json.wrong("a vertex with x and y");
                return;
            }
            int i = 0;
            for (JsonToken token = json.next(); token != JsonToken.END_ARRAY; token = json.next()) {
                OptionalDouble value = i < 2 ? json.number() : OptionalDouble.empty();
                if (value.isPresent()) {
                    bounds[i] = Math.min(bounds[i], value.getAsDouble());
                    bounds[i + 2] = Math.max(bounds[i + 2], value.getAsDouble());
                } else if (i >= 2) {
                    json.skip();
                }
                i++;
            }
        }

        Optional<Box> around(String category) {
            return x1 <= x2 && y1 <= y2 ? Optional.of(new Box(category, x1, y1, x2, y2)) : Optional.empty();
        }

        boolean onlyLines() {
            return lines && !others;
        }
    }

    private Optional<double[]> corners() throws IOException {
        if (json.current() != JsonToken.START_OBJECT) {
            json.wrong("a box with x1, y1, x2 and y2");
            return Optional.empty();
        }
        String place = json.path();
        double[] corners = new double[4];
        boolean[] given = new boolean[4];
        while (json.next() == JsonToken.FIELD_NAME) {
            int corner = List.of("x1", "y1", "x2", "y2").indexOf(json.name());
            json.next();
            if (corner < 0) {
                json.skip();
                continue;
            }
            OptionalDouble value = json.number();
            given[corner] = true;
            corners[corner] = value.orElse(Double.NaN);
        }
        if (!(given[0] && given[1] && given[2] && given[3])) {
            json.report(Collected.Kind.MISSING_FIELD, place, "the box lacks one of x1, y1, x2 and y2", "give all four");
            return Optional.empty();
        }
        return Optional.of(corners);
    }

    @Override
    public void close() {
        texts.close();
    }
}
