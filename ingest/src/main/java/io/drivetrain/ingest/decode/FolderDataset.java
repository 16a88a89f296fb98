package io.drivetrain.ingest.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.ingest.collect.Tree;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabelRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The {@code folder} format: images on disk with a manifest CSV (RFC 4180, or separated by semicolons or tabs) or a manifest JSONL, see
 * {@link ManifestLines}. A CSV has the columns {@code path} and {@code label}; it may have {@code domain} and {@code drive},
 * which no row may then leave empty, {@code frame}, {@code capturedAt} (for example 2026-11-24T10:00:00Z),
 * {@code labelSource} and {@code labelRevision} (from 0; higher than before where a label that was sent is corrected); columns {@code telemetry.NAME} (for example telemetry.speed, in SI units; an empty cell: not measured)
 * become telemetry, any others attributes. Without a manifest the class of an image is the name of its folder.
 *
 * <p>The sample id is the path in the manifest. For what is not said see {@link DatasetReader}.
 */
public final class FolderDataset {
    private static final List<String> REQUIRED = List.of("path", "label");
    private static final List<Character> SEPARATORS = List.of(',', ';', '\t');
    private static final int SIZED_IMAGES = 50;
    private static final CsvMapper MAPPER = new CsvMapper(CsvFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(Limits.LINE).build())
            // After a row that a parser cannot read, another one goes on.
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .build());

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
        Optional<Path> found = manifest.or(() -> manifestIn(folder));
        TreeSet<String> classes = new TreeSet<>();
        List<Integer> sides = new ArrayList<>();
        long count = 0;
        ImageFiles images = ImageFiles.exactly(folder);
        try (EntryReader entries = entries(folder, found)) {
            while (entries.hasNext()) {
                count++;
                if (entries.next() instanceof Entry.Image image) {
                    image.labels().label().ifPresent(classes::add);
                    if (sides.size() < SIZED_IMAGES && images.find(image.names()) instanceof ImageFiles.Found.At at) {
                        ImageFiles.size(at.file()).ifPresent(size -> sides.add(Math.max(size.width(), size.height())));
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
                    .orElse(
                            "No images (jpg, jpeg, png) below %s; check the path or add a manifest.csv or manifest.jsonl"
                                    .formatted(folder)));
        }
        return new FolderDataset(folder, found, new ArrayList<>(classes), count, sides);
    }

    /** The manifest that a folder holds, if any. */
    static Optional<Path> manifestIn(Path folder) {
        return Stream.of("manifest.csv", "manifest.jsonl")
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
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
        DatasetReader reader = new DatasetReader(entries(), DatasetOptions.of(folder, DatasetFormat.FOLDER));
        Decoder decoder = new Decoder(ImageFiles.exactly(folder), new LabelRule.None(), Integer.MAX_VALUE);
        return new SampleSource() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.of(count);
            }

            @Override
            public Iterator<Collected> iterator() {
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return reader.hasNext();
                    }

                    @Override
                    public Collected next() {
                        return decoder.decode(reader.next());
                    }
                };
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }

    /** Reads what the manifest or the folder says, and no image. */
    EntryReader entries() throws DatasetException {
        return entries(folder, manifest);
    }

    private static EntryReader entries(Path folder, Optional<Path> manifest) throws DatasetException {
        if (manifest.isEmpty()) {
            return new FolderEntries(folder);
        }
        Path file = manifest.get();
        return JsonTexts.isLines(file) ? new ManifestLines(file) : new ManifestEntries(file);
    }

    private static final class ManifestEntries implements EntryReader {
        private final Path file;
        private final CsvLines lines;
        private final ObjectReader parser;
        private final List<String> header;
        private MappingIterator<String[]> rows;

        ManifestEntries(Path file) throws DatasetException {
            this.file = file;
            try {
                TextLines text = new TextLines(file);
                lines = new CsvLines(text);
                Optional<String> line = text.next();
                while (line.filter(String::isBlank).isPresent()) {
                    line = text.next();
                }
                String first = line.orElse("");
                Optional<ObjectReader> found = Optional.empty();
                for (char separator : SEPARATORS) {
                    if (found.isEmpty() && cells(separatedBy(separator), first).containsAll(REQUIRED)) {
                        found = Optional.of(separatedBy(separator));
                    }
                }
                parser = found.orElse(separatedBy(SEPARATORS.get(0)));
                header = cells(parser, first);
                rows = parser.readValues(lines);
            } catch (IOException | RuntimeException e) {
                throw new DatasetException(
                        "Cannot read the manifest %s (%s); it must be a CSV file"
                                .formatted(file, e.getClass().getSimpleName()),
                        e);
            }
            Optional<String> wrong = wrongHeader();
            if (wrong.isPresent()) {
                close();
                throw new DatasetException("The manifest %s %s".formatted(file, wrong.get()));
            }
        }

        private static ObjectReader separatedBy(char separator) {
            return MAPPER.readerFor(String[].class)
                    .with(CsvSchema.emptySchema().withColumnSeparator(separator))
                    .with(CsvParser.Feature.WRAP_AS_ARRAY)
                    .with(CsvParser.Feature.SKIP_EMPTY_LINES);
        }

        private static List<String> cells(ObjectReader parser, String line) throws IOException {
            try (MappingIterator<String[]> rows = parser.readValues(line)) {
                return rows.hasNext() ? List.of(trimmed(rows.next())) : List.of();
            }
        }

        private Optional<String> wrongHeader() {
            List<String> missing =
                    REQUIRED.stream().filter(name -> !header.contains(name)).toList();
            if (!missing.isEmpty()) {
                return Optional.of(
                        "has no column %s (found: %s); it needs path,label and may have domain,drive,frame,capturedAt,labelSource,labelRevision,telemetry.NAME"
                                .formatted(String.join(", ", missing), String.join(", ", header)));
            }
            if (header.contains(ManifestLines.TELEMETRY)) {
                return Optional.of("has a column 'telemetry.' without a name; write telemetry.speed");
            }
            return header.stream()
                    .filter(name -> !name.isEmpty() && Collections.frequency(header, name) > 1)
                    .findFirst()
                    .map(name -> "has the column %s twice; remove or rename one".formatted(Limits.shown(name)));
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
                return rows.hasNextValue();
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
            lines.rowBegins();
            long line = lines.number();
            try {
                String[] cells = rows.nextValue();
                if (lines.garbled()) {
                    return bad(Collected.Kind.BROKEN_SYNTAX, line, TextLines.GARBLED, TextLines.WHAT_TO_DO);
                }
                return lines.cut()
                        ? bad(
                                Collected.Kind.TOO_LARGE,
                                line,
                                "the line has more than %,d characters".formatted(Limits.LINE),
                                "write one image a line")
                        : row(line, trimmed(cells));
            } catch (JsonProcessingException | RuntimeJsonMappingException e) {
                lines.leaveFirstLine();
                try {
                    rows = parser.readValues(lines);
                } catch (IOException again) {
                    throw new UncheckedIOException(again);
                }
                return bad(
                        Collected.Kind.BROKEN_SYNTAX,
                        line,
                        "this is no row of a CSV",
                        "close its quotes, and double those within quotes");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Entry bad(Collected.Kind kind, long line, String what, String whatToDo) {
            return new Entry.Bad(new Collected.Malformed(kind, file.toString(), "line " + line, what, whatToDo));
        }

        private Entry row(long line, String[] cells) {
            if (cells.length != header.size()) {
                return bad(
                        Collected.Kind.BROKEN_SYNTAX,
                        line,
                        "%d cells where the header has %d".formatted(cells.length, header.size()),
                        "add or remove commas");
            }
            Map<String, String> attributes = new TreeMap<>();
            for (int i = 0; i < cells.length; i++) {
                // A column without a name is what some tools number the rows in.
                if (!cells[i].isEmpty() && !header.get(i).isEmpty()) {
                    attributes.put(header.get(i), cells[i]);
                }
            }
            String path = attributes.remove("path");
            String label = attributes.remove("label");
            String domainText = attributes.remove("domain");
            String drive = attributes.remove("drive");
            String frameText = attributes.remove("frame");
            String captured = attributes.remove("capturedAt");
            Optional<String> source = Optional.ofNullable(attributes.remove("labelSource"));
            String revisionText = attributes.remove(ManifestLines.LABEL_REVISION);
            if (path == null) {
                return bad(Collected.Kind.MISSING_FIELD, line, "no path", "name the image file");
            }
            if (drive == null && header.contains("drive")) {
                return bad(
                        Collected.Kind.MISSING_FIELD, line, "no drive", "name the recording that the image belongs to");
            }
            Optional<Domain> domain = Optional.empty();
            try {
                if (header.contains("domain")) {
                    domain = Optional.of(Domain.valueOf(domainText == null ? "" : domainText.toUpperCase(Locale.ROOT)));
                }
            } catch (IllegalArgumentException e) {
                return bad(
                        Collected.Kind.WRONG_VALUE,
                        line,
                        "the domain is '%s'".formatted(domainText == null ? "" : domainText),
                        "write SOURCE or TARGET");
            }
            OptionalInt frame = OptionalInt.empty();
            if (frameText != null) {
                try {
                    frame = OptionalInt.of(Integer.parseInt(frameText));
                } catch (NumberFormatException e) {
                    // Reported below.
                }
                if (frame.orElse(-1) < 0) {
                    return bad(
                            Collected.Kind.WRONG_VALUE,
                            line,
                            "the frame is '%s'".formatted(frameText),
                            "write a whole number from 0");
                }
            }
            int revision = 0;
            if (revisionText != null) {
                try {
                    revision = Integer.parseUnsignedInt(revisionText);
                } catch (NumberFormatException e) {
                    revision = -1;
                }
                if (revision < 0) {
                    return bad(
                            Collected.Kind.WRONG_VALUE,
                            line,
                            "the label revision is %s".formatted(Limits.shown(revisionText)),
                            "write a whole number from 0");
                }
            }
            Optional<Instant> capturedAt = Optional.ofNullable(captured).flatMap(ManifestLines::time);
            if (captured != null && capturedAt.isEmpty()) {
                return bad(
                        Collected.Kind.WRONG_VALUE,
                        line,
                        "capturedAt is %s".formatted(Limits.shown(captured)),
                        "write " + ManifestLines.A_TIME);
            }
            Map<String, Double> telemetry = new TreeMap<>();
            for (int i = 0; i < cells.length; i++) {
                String column = header.get(i);
                if (column.startsWith(ManifestLines.TELEMETRY) && attributes.remove(column) != null) {
                    Optional<Double> number = ManifestLines.decimal(cells[i]);
                    if (number.isEmpty()) {
                        return bad(
                                Collected.Kind.WRONG_VALUE,
                                line,
                                "%s is %s".formatted(column, Limits.shown(cells[i])),
                                "write " + ManifestLines.A_NUMBER + ", or leave the cell empty if it was not measured");
                    }
                    telemetry.put(column.substring(ManifestLines.TELEMETRY.length()), number.get());
                }
            }
            String startedAt = attributes.get(DatasetReader.STARTED_AT);
            if (startedAt != null && ManifestLines.time(startedAt).isEmpty()) {
                return bad(
                        Collected.Kind.WRONG_VALUE,
                        line,
                        "%s is %s".formatted(DatasetReader.STARTED_AT, Limits.shown(startedAt)),
                        "write " + ManifestLines.A_TIME);
            }
            return new Entry.Image(
                    file.toString(),
                    "line " + line,
                    path,
                    List.of(path),
                    new Entry.Labels(Optional.ofNullable(label), Optional.empty(), attributes, source, revision),
                    new Entry.Recording(
                            Optional.ofNullable(drive), frame, capturedAt, OptionalLong.empty(), domain, telemetry));
        }

        @Override
        public void close() {
            try {
                rows.close();
                lines.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class FolderEntries implements EntryReader {
        private final Path folder;
        private final Iterator<Path> files;

        FolderEntries(Path folder) throws DatasetException {
            this.folder = folder;
            try {
                files = Tree.files(folder, ImageFiles::isImage).iterator();
            } catch (IOException e) {
                throw new DatasetException(
                        "Cannot list %s (%s); check its rights".formatted(folder, e.getMessage()), e);
            }
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
            return new Entry.Image(
                    path,
                    "",
                    path,
                    List.of(path),
                    new Entry.Labels(
                            Optional.ofNullable(parent).map(p -> p.getFileName().toString()),
                            Optional.empty(),
                            Map.of(),
                            Optional.empty()),
                    Entry.Recording.UNKNOWN);
        }

        @Override
        public void close() {
            // The listing is closed.
        }
    }
}
