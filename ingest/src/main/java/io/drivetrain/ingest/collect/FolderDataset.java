package io.drivetrain.ingest.collect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * The {@code folder} format: images on disk with a manifest CSV (RFC 4180), columns {@code path,label,domain,drive} and
 * any others, which become attributes. A column {@code frame} gives the frame index; without it frames count up within
 * their drive. Without a manifest the class of an image is the name of its folder, its domain SOURCE, and every image is
 * a drive of its own.
 *
 * <p>The sample id is the path in the manifest. Images carry no capture time: each drive is given an hour of its own, in
 * the order of the manifest, from a fixed date on, so that the same folder gives the same samples.
 */
public final class FolderDataset {
    private static final List<String> REQUIRED = List.of("path", "label", "domain", "drive");
    private static final Instant FIRST_CAPTURE = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PER_DRIVE = Duration.ofHours(1);
    private static final Duration PER_FRAME = Duration.ofMillis(100);
    private static final int SIZED_IMAGES = 50;

    private final Path folder;
    private final Optional<Path> manifest;
    private final List<String> classes;
    private final long count;
    private final int medianSide;

    private FolderDataset(Path folder, Optional<Path> manifest, List<String> classes, long count, List<Integer> sides) {
        this.folder = folder;
        this.manifest = manifest;
        this.classes = List.copyOf(classes);
        this.count = count;
        List<Integer> sorted = new ArrayList<>(sides);
        Collections.sort(sorted);
        this.medianSide = sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }

    /**
     * Opens a folder and reads through its manifest once, to know classes and count.
     *
     * @param manifest the CSV, or empty for {@code manifest.csv} in the folder or, failing that, folder names as classes
     * @throws DatasetException if the folder or the manifest cannot be read, or columns are missing
     */
    public static FolderDataset open(Path folder, Optional<Path> manifest) throws DatasetException {
        if (!Files.exists(folder)) {
            throw new DatasetException("No such folder: %s; check the path".formatted(folder));
        }
        if (!Files.isDirectory(folder)) {
            throw new DatasetException("%s is not a folder; give the folder that holds the images".formatted(folder));
        }
        if (manifest.isPresent() && !Files.isRegularFile(manifest.get())) {
            throw new DatasetException("No such manifest: %s; check the path".formatted(manifest.get()));
        }
        Path inFolder = folder.resolve("manifest.csv");
        Optional<Path> found =
                manifest.isPresent() ? manifest : Optional.of(inFolder).filter(Files::isRegularFile);
        TreeSet<String> classes = new TreeSet<>();
        List<Integer> sides = new ArrayList<>();
        long count = 0;
        try (EntrySource entries = entries(folder, found)) {
            while (entries.hasNext()) {
                count++;
                if (entries.next() instanceof Entry.Row row) {
                    row.label().ifPresent(classes::add);
                    if (sides.size() < SIZED_IMAGES) {
                        largerSide(folder.resolve(row.path())).ifPresent(sides::add);
                    }
                }
            }
        } catch (UncheckedIOException e) {
            throw new DatasetException(
                    "Cannot read %s (%s); check its rights"
                            .formatted(
                                    found.orElse(folder),
                                    e.getCause().getClass().getSimpleName()),
                    e);
        }
        if (count == 0) {
            throw new DatasetException(found.map(m -> "The manifest %s has no rows; add images to it".formatted(m))
                    .orElse("No images (jpg, jpeg, png) below %s; check the path or add a manifest.csv"
                            .formatted(folder)));
        }
        return new FolderDataset(folder, found, new ArrayList<>(classes), count, sides);
    }

    /** The distinct labels, sorted. */
    public List<String> classes() {
        return classes;
    }

    /** How many entries there are, malformed ones included. */
    public long count() {
        return count;
    }

    /** Median over up to 50 images of the larger side in pixels; 0 if no image could be read. */
    public int medianSide() {
        return medianSide;
    }

    /** Reads the samples, one image in memory at a time. */
    public SampleSource source() throws DatasetException {
        EntrySource entries = entries(folder, manifest);
        return new SampleSource() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.of(count);
            }

            @Override
            public Iterator<Collected> iterator() {
                return new Iterator<>() {
                    private final Map<String, Integer> driveNumbers = new HashMap<>();
                    private final Map<String, Integer> nextFrames = new HashMap<>();

                    @Override
                    public boolean hasNext() {
                        return entries.hasNext();
                    }

                    @Override
                    public Collected next() {
                        Entry entry = entries.next();
                        return entry instanceof Entry.Row row
                                ? collect(row, driveNumbers, nextFrames)
                                : ((Entry.Bad) entry).malformed();
                    }
                };
            }

            @Override
            public void close() {
                entries.close();
            }
        };
    }

    private Collected collect(Entry.Row row, Map<String, Integer> driveNumbers, Map<String, Integer> nextFrames) {
        Path image;
        try {
            image = folder.resolve(row.path());
        } catch (InvalidPathException e) {
            return new Collected.Malformed(row.file(), row.line(), "'" + row.path() + "' is no path", "correct it");
        }
        if (!Files.isRegularFile(image)) {
            return new Collected.Malformed(
                    row.file(), row.line(), "there is no image " + row.path(), "add the file or remove the row");
        }
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(image);
        } catch (IOException e) {
            return new Collected.Malformed(
                    row.file(),
                    row.line(),
                    "cannot read %s (%s)".formatted(row.path(), e.getClass().getSimpleName()),
                    "check its rights");
        }
        int counted = nextFrames.merge(row.drive(), 1, Integer::sum) - 1;
        int frame = row.frame().orElse(counted);
        Integer known = driveNumbers.get(row.drive());
        int drive = known != null ? known : driveNumbers.size();
        driveNumbers.put(row.drive(), drive);
        return new Collected.Sample(LabeledSample.newBuilder()
                .setSampleId(row.path())
                .setDriveId(row.drive())
                .setFrameIndex(frame)
                .setCapturedAt(FIRST_CAPTURE.plus(PER_DRIVE.multipliedBy(drive)).plus(PER_FRAME.multipliedBy(frame)))
                .setDomain(row.domain())
                .setLabel(row.label().orElse(null))
                .setAttributes(row.attributes())
                .setImageBytes(ByteBuffer.wrap(bytes))
                .build());
    }

    private static Optional<Integer> largerSide(Path image) {
        try (ImageInputStream in = ImageIO.createImageInputStream(image.toFile())) {
            if (in == null) {
                return Optional.empty();
            }
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                return Optional.empty();
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return Optional.of(Math.max(reader.getWidth(0), reader.getHeight(0)));
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) {
            // The size only chooses a default; whether the image is any good is for curation to say.
            return Optional.empty();
        }
    }

    /** One line of a manifest or one file of a folder. */
    private sealed interface Entry {
        record Row(
                String file,
                long line,
                String path,
                Optional<String> label,
                Domain domain,
                String drive,
                Optional<Integer> frame,
                Map<String, String> attributes)
                implements Entry {}

        record Bad(Collected.Malformed malformed) implements Entry {}
    }

    private interface EntrySource extends Iterator<Entry>, AutoCloseable {
        @Override
        void close();
    }

    private static EntrySource entries(Path folder, Optional<Path> manifest) throws DatasetException {
        return manifest.isPresent() ? new ManifestEntries(manifest.get()) : new FolderEntries(folder);
    }

    private static final class ManifestEntries implements EntrySource {
        private final Path file;
        private final Reader reader;
        private final MappingIterator<String[]> rows;
        private final List<String> header;
        private boolean ended;

        ManifestEntries(Path file) throws DatasetException {
            this.file = file;
            try {
                reader = new InputStreamReader(withoutByteOrderMark(file), StandardCharsets.UTF_8);
                rows = new CsvMapper()
                        .readerFor(String[].class)
                        .with(CsvParser.Feature.WRAP_AS_ARRAY)
                        .with(CsvParser.Feature.SKIP_EMPTY_LINES)
                        .readValues(reader);
                header = rows.hasNext() ? List.of(trimmed(rows.next())) : List.of();
            } catch (IOException | RuntimeException e) {
                throw new DatasetException(
                        "Cannot read the manifest %s (%s); it must be a CSV file"
                                .formatted(file, e.getClass().getSimpleName()),
                        e);
            }
            List<String> missing =
                    REQUIRED.stream().filter(name -> !header.contains(name)).toList();
            if (!missing.isEmpty()) {
                close();
                throw new DatasetException(
                        "The manifest %s has no column %s (found: %s); it needs path,label,domain,drive"
                                .formatted(file, String.join(", ", missing), String.join(", ", header)));
            }
        }

        private static InputStream withoutByteOrderMark(Path file) throws IOException {
            InputStream in = new BufferedInputStream(Files.newInputStream(file));
            in.mark(3);
            if (in.read() != 0xEF || in.read() != 0xBB || in.read() != 0xBF) {
                in.reset();
            }
            return in;
        }

        private static String[] trimmed(String[] cells) {
            String[] out = new String[cells.length];
            for (int i = 0; i < cells.length; i++) {
                out[i] = cells[i] == null ? "" : cells[i].trim();
            }
            return out;
        }

        @Override
        public boolean hasNext() {
            try {
                return !ended && rows.hasNextValue();
            } catch (JsonProcessingException e) {
                // The reader stands in front of the broken row: next() reports it.
                return true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Entry next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            long line = rows.getCurrentLocation().getLineNr();
            try {
                String[] cells = rows.nextValue();
                return row(line, trimmed(cells));
            } catch (JsonProcessingException | RuntimeJsonMappingException e) {
                ended = true;
                return bad(line, "this is no CSV from here on", "close its quotes; the rest of the file was not read");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Entry bad(long line, String what, String whatToDo) {
            return new Entry.Bad(new Collected.Malformed(file.toString(), line, what, whatToDo));
        }

        private Entry row(long line, String[] cells) {
            if (cells.length != header.size()) {
                return bad(
                        line,
                        "%d cells where the header has %d".formatted(cells.length, header.size()),
                        "add or remove commas");
            }
            Map<String, String> attributes = new TreeMap<>();
            for (int i = 0; i < cells.length; i++) {
                if (!cells[i].isEmpty()) {
                    attributes.put(header.get(i), cells[i]);
                }
            }
            String path = attributes.remove("path");
            String label = attributes.remove("label");
            String domainText = attributes.remove("domain");
            String drive = attributes.remove("drive");
            String frameText = attributes.remove("frame");
            if (path == null) {
                return bad(line, "no path", "name the image file");
            }
            if (drive == null) {
                return bad(line, "no drive", "name the recording that the image belongs to");
            }
            Domain domain;
            try {
                domain = Domain.valueOf(domainText == null ? "" : domainText.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                return bad(line, "the domain is '%s'".formatted(domainText), "write SOURCE or TARGET");
            }
            Optional<Integer> frame = Optional.empty();
            if (frameText != null) {
                try {
                    frame = Optional.of(Integer.parseInt(frameText));
                } catch (NumberFormatException e) {
                    return bad(line, "the frame is '%s'".formatted(frameText), "write a whole number from 0");
                }
            }
            return new Entry.Row(
                    file.toString(), line, path, Optional.ofNullable(label), domain, drive, frame, attributes);
        }

        @Override
        public void close() {
            try {
                rows.close();
                reader.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class FolderEntries implements EntrySource {
        private final Path folder;
        private final Stream<Path> walk;
        private final Iterator<Path> files;

        FolderEntries(Path folder) throws DatasetException {
            this.folder = folder;
            try {
                walk = Files.walk(folder);
            } catch (IOException e) {
                throw new DatasetException("Cannot list %s; check its rights".formatted(folder), e);
            }
            files = walk.filter(Files::isRegularFile)
                    .filter(FolderEntries::isImage)
                    .sorted()
                    .iterator();
        }

        private static boolean isImage(Path file) {
            String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
            return name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png");
        }

        @Override
        public boolean hasNext() {
            return files.hasNext();
        }

        @Override
        public Entry next() {
            Path file = files.next();
            Path relative = folder.relativize(file);
            Path parent = relative.getParent();
            String path = relative.toString().replace('\\', '/');
            return new Entry.Row(
                    path,
                    0,
                    path,
                    Optional.ofNullable(parent).map(p -> p.getFileName().toString()),
                    Domain.SOURCE,
                    path,
                    Optional.empty(),
                    Map.of());
        }

        @Override
        public void close() {
            walk.close();
        }
    }
}
