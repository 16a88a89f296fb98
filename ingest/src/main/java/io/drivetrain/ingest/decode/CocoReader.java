package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.schemas.Box;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Reads one COCO instances JSON, whose images, annotations and categories may come in any order. Images and annotations
 * are sorted by the id of the image through files on disk, so memory holds {@value #BUDGET} bytes of them, the names of
 * the categories, and the boxes of one image. Images come out in the order of their ids.
 *
 * <p>An image or annotation with a field that cannot be read is skipped. In a file without annotations nobody has looked
 * for boxes, which is not the same as an empty list of them.
 */
final class CocoReader implements EntryReader {
    private static final long BUDGET = 8 << 20;
    private static final Pattern WHOLE = Pattern.compile("0|-?[1-9]\\d{0,17}");
    private static final DateTimeFormatter DATE_CAPTURED = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    // First come those of whose image nothing is known; of an image, its own record comes before its boxes.
    private static final String WITHOUT_IMAGE = "";
    private static final String IMAGE = "\u00000";
    private static final String OF_IMAGE = "\u00001";

    private final String file;
    private final SpillSorter sorter;
    private final Iterator<SpillSorter.Row> rows;
    private final Map<String, String> categories = new HashMap<>();
    private final Deque<Entry> ready = new ArrayDeque<>();
    private Optional<SpillSorter.Row> ahead = Optional.empty();
    private JsonStream json;
    private boolean failed;
    private boolean annotated;
    private String owner = WITHOUT_IMAGE;

    /**
     * Reads through the whole file once.
     *
     * @param name of the file as a person finds it
     * @throws DatasetException if the file ends early or is no COCO file: boxes may come anywhere in it, so that no image
     *     of it could be trusted
     */
    CocoReader(Path path, String name) throws DatasetException {
        this.file = name;
        SpillSorter opened = null;
        try {
            opened = new SpillSorter(BUDGET);
            this.sorter = opened;
            try (JsonStream stream = new JsonStream(path, name, this::spill)) {
                json = stream;
                readAll();
            }
            rows = sorter.sorted();
        } catch (JsonProcessingException e) {
            closeQuietly(opened);
            throw new DatasetException(
                    (json == null ? JsonStream.broken(name, e) : json.broken(e)).sentence()
                            + "; as COCO keeps the boxes of an image anywhere in the file, nothing of it is used",
                    e);
        } catch (IOException e) {
            closeQuietly(opened);
            throw new DatasetException(
                    "Cannot read %s or write temporary files beside it in %s (%s); check rights and space"
                            .formatted(path, System.getProperty("java.io.tmpdir"), e.getMessage()),
                    e);
        } catch (DatasetException e) {
            closeQuietly(opened);
            throw e;
        }
    }

    private static void closeQuietly(SpillSorter opened) {
        if (opened != null) {
            try {
                opened.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Counts the images of a file, those that cannot be read included; 0 if it is no COCO file. */
    static long count(Path path, String name) throws IOException {
        long count = 0;
        try (JsonStream json = new JsonStream(path, name, malformed -> {})) {
            if (json.next() != JsonToken.START_OBJECT) {
                return 0;
            }
            while (json.next() == JsonToken.FIELD_NAME) {
                boolean images = json.name().equals("images");
                if (json.next() != JsonToken.START_ARRAY || !images) {
                    json.skip();
                    continue;
                }
                while (json.next() != JsonToken.END_ARRAY) {
                    json.skip();
                    count++;
                }
            }
        } catch (JsonProcessingException e) {
            // Reported when the file is read.
            return count;
        }
        return count;
    }

    // ---- from the file to the sorter

    private void readAll() throws IOException, DatasetException {
        boolean any = false;
        if (json.next() == JsonToken.START_OBJECT) {
            while (json.next() == JsonToken.FIELD_NAME) {
                String field = json.name();
                boolean array = json.next() == JsonToken.START_ARRAY;
                switch (field) {
                    case "images" -> any |= array;
                    case "annotations" -> annotated |= array;
                    case "categories" -> {}
                    default -> {
                        json.skip();
                        continue;
                    }
                }
                if (!array) {
                    json.wrong("an array");
                    continue;
                }
                while (json.next() != JsonToken.END_ARRAY) {
                    owner = WITHOUT_IMAGE;
                    failed = false;
                    if (json.current() != JsonToken.START_OBJECT) {
                        json.wrong("an object");
                        continue;
                    }
                    switch (field) {
                        case "images" -> image();
                        case "annotations" -> annotation();
                        default -> category();
                    }
                }
            }
        }
        if (!any) {
            throw new DatasetException("%s has no array 'images'; give a COCO instances file".formatted(file));
        }
    }

    private void spill(Collected.Malformed malformed) {
        failed = true;
        try {
            sorter.add(owner, payload(out -> {
                out.writeByte('!');
                out.writeUTF(malformed.kind().name());
                out.writeUTF(limited(malformed.place()));
                out.writeUTF(limited(malformed.what()));
                out.writeUTF(limited(malformed.whatToDo()));
            }));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String limited(String text) {
        return text.length() <= Limits.NAME ? text : text.substring(0, Limits.NAME);
    }

    private interface Fields {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] payload(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        fields.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** An id as a key that sorts whole numbers, also in quotes, by value; empty if it is neither number nor text. */
    private Optional<String> id() throws IOException {
        if (json.current() == JsonToken.VALUE_STRING) {
            // Some tools write the id of an image as a number, and that of its annotations as a text, or the reverse.
            return json.text()
                    .map(text -> WHOLE.matcher(text).matches()
                            ? number(Long.parseLong(text))
                            : "s" + text.replace("\u0000", ""));
        }
        if (json.current() == JsonToken.VALUE_NULL) {
            json.wrong("an id");
            return Optional.empty();
        }
        OptionalLong id = json.whole();
        return id.isPresent() ? Optional.of(number(id.getAsLong())) : Optional.empty();
    }

    private static String number(long id) {
        return "n%016x".formatted(id ^ Long.MIN_VALUE);
    }

    /** The id as it is in the file. */
    private static String shown(String key) {
        return key.startsWith("s")
                ? Limits.shown(key.substring(1))
                : Long.toString(Long.parseUnsignedLong(key.substring(1), 16) ^ Long.MIN_VALUE);
    }

    private void missing(String place, String field) {
        json.report(Collected.Kind.MISSING_FIELD, place, "there is no " + field, "add it");
    }

    private void image() throws IOException {
        String place = json.path();
        Optional<String> id = Optional.empty();
        Optional<String> name = Optional.empty();
        Optional<String> date = Optional.empty();
        Optional<String> video = Optional.empty();
        OptionalInt frame = OptionalInt.empty();
        while (json.next() == JsonToken.FIELD_NAME) {
            String field = json.name();
            json.next();
            switch (field) {
                case "id" -> id = id();
                case "file_name" -> name = json.text().filter(text -> !text.isBlank());
                case "date_captured" -> date = json.scalar();
                case "video_id", "video_name" -> video = json.scalar().filter(text -> !text.isBlank());
                case "frame_id", "frame_index" -> frame = json.index();
                default -> json.skip();
            }
        }
        if (failed) {
            return;
        }
        if (id.isEmpty() || name.isEmpty()) {
            missing(place, id.isEmpty() ? "id" : "file_name");
            return;
        }
        String imageName = name.get();
        String captured = date.orElse("");
        String drive = video.orElse("");
        int index = frame.orElse(-1);
        sorter.add(id.get() + IMAGE, payload(out -> {
            out.writeByte('I');
            out.writeUTF(place);
            out.writeUTF(imageName);
            out.writeUTF(captured);
            out.writeUTF(drive);
            out.writeInt(index);
        }));
    }

    private void annotation() throws IOException {
        String place = json.path();
        Optional<String> image = Optional.empty();
        Optional<String> category = Optional.empty();
        Optional<double[]> box = Optional.empty();
        while (json.next() == JsonToken.FIELD_NAME) {
            String field = json.name();
            json.next();
            switch (field) {
                case "image_id" -> {
                    image = id();
                    // From here on, what is wrong is known to concern this image.
                    owner = image.map(key -> key + OF_IMAGE).orElse(owner);
                }
                case "category_id" -> category = id();
                case "bbox" -> box = box();
                default -> json.skip();
            }
        }
        if (!failed && (image.isEmpty() || category.isEmpty() || box.isEmpty())) {
            missing(place, image.isEmpty() ? "image_id" : category.isEmpty() ? "category_id" : "bbox");
        }
        if (failed) {
            image.ifPresent(this::incomplete);
            return;
        }
        String categoryKey = category.get();
        double[] b = box.get();
        sorter.add(owner, payload(out -> {
            out.writeByte('B');
            out.writeUTF(place);
            out.writeUTF(categoryKey);
            for (double value : b) {
                out.writeDouble(value);
            }
        }));
    }

    /** Remembers that an image lacks a box, even where the report came before its id. */
    private void incomplete(String image) {
        try {
            sorter.add(image + OF_IMAGE, payload(out -> out.writeByte('?')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<double[]> box() throws IOException {
        if (json.current() != JsonToken.START_ARRAY) {
            json.wrong("an array of x, y, width and height");
            return Optional.empty();
        }
        String place = json.path();
        double[] values = new double[4];
        int count = 0;
        for (JsonToken token = json.next(); token != JsonToken.END_ARRAY; token = json.next()) {
            OptionalDouble value = json.number();
            if (count < values.length) {
                values[count] = value.orElse(Double.NaN);
            }
            count++;
        }
        if (count != values.length) {
            json.report(
                    Collected.Kind.WRONG_VALUE,
                    place,
                    "it has %d numbers where x, y, width and height are expected".formatted(count),
                    "give four");
            return Optional.empty();
        }
        return Optional.of(values);
    }

    private void category() throws IOException {
        String place = json.path();
        Optional<String> id = Optional.empty();
        Optional<String> name = Optional.empty();
        while (json.next() == JsonToken.FIELD_NAME) {
            String field = json.name();
            json.next();
            switch (field) {
                case "id" -> id = id();
                case "name" -> name = json.text();
                default -> json.skip();
            }
        }
        if (failed) {
            return;
        }
        if (id.isEmpty() || name.isEmpty()) {
            missing(place, id.isEmpty() ? "id" : "name");
        } else if (categories.size() < Limits.CATEGORIES) {
            String before = categories.putIfAbsent(id.get(), name.get());
            if (before != null && !before.equals(name.get())) {
                json.report(
                        Collected.Kind.DUPLICATE_ENTRY,
                        place,
                        "the category with the id %s is %s, and was %s before, which holds"
                                .formatted(shown(id.get()), Limits.shown(name.get()), Limits.shown(before)),
                        "give each category an id of its own");
            }
        } else {
            json.report(
                    Collected.Kind.TOO_LARGE,
                    place,
                    "there are more than %,d categories".formatted(Limits.CATEGORIES),
                    "check whether these are categories");
        }
    }

    // ---- from the sorter to entries

    @Override
    public boolean hasNext() {
        try {
            while (ready.isEmpty() && (ahead.isPresent() || rows.hasNext())) {
                group();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    private SpillSorter.Row take() {
        SpillSorter.Row row = ahead.orElseGet(rows::next);
        ahead = Optional.empty();
        return row;
    }

    private static String imageOf(SpillSorter.Row row) {
        return row.key().isEmpty() ? "" : row.key().substring(0, row.key().length() - IMAGE.length());
    }

    /** Reads all that belongs to one image; of what belongs to none, one record. */
    private void group() throws IOException {
        SpillSorter.Row row = take();
        String image = imageOf(row);
        if (image.isEmpty()) {
            bad(row);
            return;
        }
        Optional<byte[]> own = Optional.empty();
        List<Box> boxes = new ArrayList<>();
        boolean complete = true;
        boolean ambiguous = false;
        while (true) {
            switch (row.payload()[0]) {
                case 'I' -> {
                    if (own.isPresent()) {
                        boolean other = !named(own.get()).equals(named(row.payload()));
                        ambiguous |= other;
                        ready.add(new Entry.Bad(new Collected.Malformed(
                                Collected.Kind.DUPLICATE_ENTRY,
                                file,
                                in(row.payload()).readUTF(),
                                other
                                        ? "there is another image, %s, with the id %s before, so that nobody knows whose the boxes are; both are left out"
                                                .formatted(Limits.shown(named(own.get())), shown(image))
                                        : "there is an image with the id %s before".formatted(shown(image)),
                                other ? "give each image an id of its own" : "remove one of them")));
                    } else {
                        own = Optional.of(row.payload());
                    }
                }
                case 'B' -> {
                    Optional<Box> box = box(row, image, own.isPresent(), boxes.size());
                    complete &= box.isPresent();
                    box.ifPresent(boxes::add);
                }
                case '?' -> complete = false;
                default -> {
                    complete = false;
                    if (ready.size() < Limits.BOXES) {
                        bad(row);
                    }
                }
            }
            if (!rows.hasNext()) {
                break;
            }
            SpillSorter.Row following = rows.next();
            if (!imageOf(following).equals(image)) {
                ahead = Optional.of(following);
                break;
            }
            row = following;
        }
        if (own.isPresent() && !ambiguous) {
            ready.add(image(own.get(), new Entry.Boxes(boxes, false, complete)));
        }
    }

    /** The file name of an image's record. */
    private static String named(byte[] payload) throws IOException {
        DataInputStream in = in(payload);
        in.readUTF();
        return in.readUTF();
    }

    private static DataInputStream in(byte[] payload) {
        return new DataInputStream(new ByteArrayInputStream(payload, 1, payload.length - 1));
    }

    private void bad(SpillSorter.Row row) throws IOException {
        DataInputStream in = in(row.payload());
        ready.add(new Entry.Bad(new Collected.Malformed(
                Collected.Kind.valueOf(in.readUTF()), file, in.readUTF(), in.readUTF(), in.readUTF())));
    }

    private Optional<Box> box(SpillSorter.Row row, String image, boolean known, int already) throws IOException {
        DataInputStream in = in(row.payload());
        String place = in.readUTF();
        String category = in.readUTF();
        if (ready.size() >= Limits.BOXES) {
            return Optional.empty();
        }
        if (!known) {
            ready.add(new Entry.Bad(new Collected.Malformed(
                    Collected.Kind.UNKNOWN_IMAGE,
                    file,
                    place,
                    "there is no image with the id %s".formatted(shown(image)),
                    "add it to images or correct image_id")));
            return Optional.empty();
        }
        String name = categories.get(category);
        if (name == null) {
            ready.add(new Entry.Bad(new Collected.Malformed(
                    Collected.Kind.UNKNOWN_CATEGORY,
                    file,
                    place,
                    "there is no category with the id %s".formatted(shown(category)),
                    "add it to categories or correct category_id")));
            return Optional.empty();
        }
        if (already == Limits.BOXES) {
            ready.add(new Entry.Bad(new Collected.Malformed(
                    Collected.Kind.TOO_LARGE,
                    file,
                    place,
                    "the image with the id %s has more than %,d boxes".formatted(shown(image), Limits.BOXES),
                    "check whether they belong to one image")));
            return Optional.empty();
        }
        double x = in.readDouble();
        double y = in.readDouble();
        return Optional.of(new Box(name, x, y, x + in.readDouble(), y + in.readDouble()));
    }

    private Entry.Image image(byte[] payload, Entry.Boxes boxes) throws IOException {
        DataInputStream in = in(payload);
        String place = in.readUTF();
        String name = in.readUTF();
        Optional<Instant> captured = captured(in.readUTF());
        // The dates of the frames of a video are mostly all the same, which would hide their order.
        Optional<String> drive = Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
        int frame = in.readInt();
        return new Entry.Image(
                file,
                place,
                name,
                List.of(name.replaceFirst("^(\\./)+", "")),
                annotated
                        ? Entry.Labels.of(boxes)
                        : new Entry.Labels(Optional.empty(), Optional.empty(), Map.of(), Optional.empty()),
                new Entry.Recording(
                        drive,
                        frame < 0 ? OptionalInt.empty() : OptionalInt.of(frame),
                        captured.filter(time -> drive.isEmpty()),
                        OptionalLong.empty(),
                        Optional.empty()));
    }

    private static Optional<Instant> captured(String text) {
        try {
            return Optional.of(LocalDateTime.parse(text, DATE_CAPTURED).toInstant(ZoneOffset.UTC))
                    .filter(Limits::isTime);
        } catch (DateTimeParseException e) {
            // Most sets write something else here, or nothing; the time is then made up, as for other formats.
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        closeQuietly(sorter);
    }
}
