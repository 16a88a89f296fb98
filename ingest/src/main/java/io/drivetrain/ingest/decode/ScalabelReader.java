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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Reads BDD100K's and other Scalabel JSON: an array of frames, or an object with {@code frames}. One frame is held at a
 * time. A frame with a field that cannot be read is skipped whole, a label that cannot be read is skipped alone.
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
    private static final Set<String> GROUND = Set.of("lane", "direct", "alternative");

    private static final Set<String> FIELDS = Set.of(
            "name", "url", "videoName", "video_name", "timestamp", "frameIndex", "frame_index", "attributes", "labels");

    private final Path root;
    private final Iterator<Path> files;
    private final Deque<Entry> ready = new ArrayDeque<>();
    private JsonStream json;
    private boolean failed;

    /**
     * Reads files one after the other.
     *
     * @param root folder that file names in messages are taken from
     */
    ScalabelReader(List<Path> files, Path root) {
        this.files = files.iterator();
        this.root = root;
    }

    /** Counts the frames that can be reached. */
    static long count(List<Path> files, Path root) {
        long count = 0;
        for (Path file : files) {
            try (JsonStream json = new JsonStream(file, named(root, file), malformed -> {})) {
                if (toFrames(json)) {
                    for (JsonToken token = json.next(); token == JsonToken.START_OBJECT; token = json.next()) {
                        json.skip();
                        count++;
                    }
                }
            } catch (JsonProcessingException e) {
                // Reported when the file is read; what comes before counts.
                continue;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return count;
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
        while (ready.isEmpty() && (json != null || files.hasNext())) {
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
        String name = json == null ? "" : json.file();
        try {
            if (json == null) {
                Path file = files.next();
                name = named(root, file);
                json = new JsonStream(file, name, this::bad);
                if (!toFrames(json)) {
                    json.report(
                            Collected.Kind.MISSING_FIELD,
                            "$",
                            "there is neither an array of frames nor an object with an array 'frames'",
                            "give a Scalabel file");
                    closeFile();
                }
                return;
            }
            JsonToken token = json.next();
            if (token == JsonToken.START_OBJECT) {
                frame();
            } else if (token == null || token == JsonToken.END_ARRAY) {
                if (token != null && followed(json)) {
                    json.report(
                            Collected.Kind.BROKEN_SYNTAX,
                            "",
                            "something follows the frames, and was not read",
                            "put all frames into one array");
                }
                closeFile();
            } else {
                json.wrong("a frame, which is an object");
            }
        } catch (JsonProcessingException e) {
            bad(json == null ? JsonStream.broken(name, e) : json.broken(e));
            closeFile();
        } catch (IOException e) {
            bad(new Collected.Malformed(
                    Collected.Kind.BROKEN_SYNTAX,
                    name,
                    "",
                    "it cannot be read (%s)".formatted(e.getClass().getSimpleName()),
                    "check path and rights"));
            closeFile();
        }
    }

    /** Moves into the array of frames. */
    private static boolean toFrames(JsonStream json) throws IOException {
        JsonToken first = json.next();
        if (first == JsonToken.START_ARRAY) {
            return true;
        }
        if (first != JsonToken.START_OBJECT) {
            return false;
        }
        while (json.next() == JsonToken.FIELD_NAME) {
            boolean frames = json.name().equals("frames");
            if (json.next() == JsonToken.START_ARRAY && frames) {
                return true;
            }
            json.skip();
        }
        return false;
    }

    /** Whether anything but the rest of their object comes after the frames. */
    private static boolean followed(JsonStream json) throws IOException {
        if (!json.path().equals("$")) {
            while (json.next() == JsonToken.FIELD_NAME) {
                json.next();
                json.skip();
            }
        }
        return json.next() != null;
    }

    private void bad(Collected.Malformed malformed) {
        failed = true;
        ready.add(new Entry.Bad(malformed));
    }

    private void frame() throws IOException {
        String place = json.path();
        failed = false;
        Optional<String> name = Optional.empty();
        Optional<String> url = Optional.empty();
        Optional<String> video = Optional.empty();
        OptionalLong timestamp = OptionalLong.empty();
        OptionalInt index = OptionalInt.empty();
        Map<String, String> attributes = Map.of();
        Optional<Entry.Boxes> boxes = Optional.empty();
        boolean frameFailed = false;
        Set<String> seen = new HashSet<>();
        while (json.next() == JsonToken.FIELD_NAME) {
            String field = json.name();
            json.next();
            failed = false;
            if (FIELDS.contains(field) && !seen.add(field)) {
                json.report(
                        Collected.Kind.DUPLICATE_ENTRY, json.path(), "the frame has this field twice", "remove one");
                frameFailed = true;
            }
            switch (field) {
                case "name" -> name = json.text();
                case "url" -> url = json.text();
                case "videoName", "video_name" -> video = json.text().filter(text -> !text.isBlank());
                case "timestamp" -> timestamp = timestamp();
                case "frameIndex", "frame_index" -> index = json.index();
                case "attributes" -> attributes = attributes();
                case "labels" -> {
                    boxes = labels();
                    // A label that cannot be read leaves the others; what is no list of labels leaves nothing.
                    failed &= boxes.isEmpty();
                }
                default -> json.skip();
            }
            frameFailed |= failed;
        }
        Optional<String> file = name.filter(text -> !text.isBlank()).or(fileOf(url));
        if (file.isEmpty() && !frameFailed) {
            json.report(Collected.Kind.MISSING_FIELD, place, "the frame has no name", "name its image file");
        }
        if (file.isEmpty() || frameFailed) {
            return;
        }
        ready.add(image(place, lastOfUrl(file.get()), url, video, timestamp, index, attributes, boxes));
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

    private static Supplier<Optional<String>> fileOf(Optional<String> url) {
        return () -> url.map(ScalabelReader::lastOfUrl).filter(text -> !text.isBlank());
    }

    private static String lastOfUrl(String text) {
        return text.contains("://") ? text.substring(text.lastIndexOf('/') + 1) : text;
    }

    private Entry.Image image(
            String place,
            String name,
            Optional<String> url,
            Optional<String> video,
            OptionalLong timestamp,
            OptionalInt index,
            Map<String, String> attributes,
            Optional<Entry.Boxes> boxes) {
        String inVideo = video.filter(text -> !name.startsWith(text + "/"))
                .map(text -> text + "/" + name)
                .orElse(name);
        List<String> names = new ArrayList<>(List.of(inVideo));
        for (String given : List.of(name, url.filter(u -> !u.contains("://")).orElse(name))) {
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
                place,
                inVideo,
                names.stream().distinct().toList(),
                new Entry.Labels(Optional.empty(), boxes, attributes, Optional.empty()),
                new Entry.Recording(
                        video,
                        index,
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

    private void closeFile() {
        if (json != null) {
            json.close();
            json = null;
        }
    }

    @Override
    public void close() {
        closeFile();
    }
}
