package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.collect.Feed;
import io.drivetrain.ingest.collect.ImageFiles;
import io.drivetrain.ingest.collect.PairedFiles;
import io.drivetrain.schemas.LabelRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * A data set that was found and can be read from its beginning as often as one likes. Opening it counts its images, for
 * which a JSON is read through once.
 */
public final class Dataset {
    private final DatasetOptions options;
    private final String description;
    private final ImageFiles images;
    private final long count;
    private final boolean derivesLabels;
    private final Opener opener;

    @FunctionalInterface
    private interface Opener {
        EntryReader open() throws DatasetException;
    }

    private Dataset(
            DatasetOptions options,
            String description,
            ImageFiles images,
            long count,
            boolean derivesLabels,
            Opener opener) {
        this.options = options;
        this.description = description;
        this.images = images;
        this.count = count;
        this.derivesLabels = derivesLabels;
        this.opener = opener;
    }

    /**
     * Opens a data set.
     *
     * @throws DatasetException if there is none, or if its format cannot be told
     */
    public static Dataset open(DatasetOptions options) throws DatasetException {
        try {
            DatasetFiles files = DatasetFiles.find(options);
            DatasetOptions known = options.as(files.format());
            return switch (files.format()) {
                case FOLDER -> folder(known, files);
                case BDD100K -> scalabel(known, files);
                case COCO -> coco(known, files);
                case KITTI, YOLO -> paired(known, files);
            };
        } catch (IOException | UncheckedIOException e) {
            throw new DatasetException(
                    "Cannot read %s (%s); check path and rights".formatted(options.path(), e.getMessage()), e);
        }
    }

    private static Dataset folder(DatasetOptions options, DatasetFiles files) throws DatasetException {
        FolderDataset folder =
                FolderDataset.open(files.images(), files.labels().stream().findFirst());
        String manifest = files.labels().isEmpty()
                ? "folder names are classes"
                : "manifest " + files.labels().get(0);
        return new Dataset(
                options, manifest, ImageFiles.exactly(files.images()), folder.count(), false, folder::entries);
    }

    private static Dataset scalabel(DatasetOptions options, DatasetFiles files) throws IOException {
        List<Path> labels = files.labels();
        return new Dataset(
                options,
                described(labels),
                ImageFiles.anywhereBelow(files.images()),
                ScalabelReader.count(labels, files.root()),
                true,
                () -> new ScalabelReader(labels, files.root()));
    }

    private static Dataset coco(DatasetOptions options, DatasetFiles files) throws IOException, DatasetException {
        List<Path> labels = files.labels();
        long count = 0;
        for (Path file : labels) {
            count += CocoReader.count(file, ScalabelReader.named(files.root(), file));
        }
        return new Dataset(
                options,
                described(labels),
                ImageFiles.anywhereBelow(files.images()),
                count,
                true,
                () -> new CocoFiles(labels, files.root()));
    }

    private static Dataset paired(DatasetOptions options, DatasetFiles files) throws IOException, DatasetException {
        boolean yolo = files.format() == DatasetFormat.YOLO;
        BoxText.Line line = yolo ? Yolo.withNames(files.names().orElseThrow())::box : Kitti::box;
        Path root = files.root();
        List<PairedFiles> pairs = new ArrayList<>();
        for (DatasetFiles.Part part : files.parts()) {
            pairs.add(PairedFiles.list(part.images(), part.labels(), files::isLabel));
        }
        String where = files.parts().stream()
                .map(part -> "images in %s, labels in %s".formatted(part.images(), part.labels()))
                .collect(Collectors.joining("; "));
        if (pairs.stream().noneMatch(PairedFiles::anyMatch)) {
            throw new DatasetException(
                    "No label file has the name of an image (%s); check the path or give --images and --labels"
                            .formatted(where));
        }
        return new Dataset(
                options,
                where,
                ImageFiles.exactly(root),
                pairs.stream().mapToLong(part -> part.pairs().size()).sum(),
                true,
                () -> new PairedReader(pairs, root, yolo, yolo, line));
    }

    private static String described(List<Path> labels) {
        return labels.size() == 1
                ? "labels in " + labels.get(0)
                : "labels in %d files, the first %s".formatted(labels.size(), labels.get(0));
    }

    public DatasetFormat format() {
        return options.format().orElseThrow();
    }

    /** What was asked for as texts, the same whether the format was named or found out. */
    public List<String> asked() {
        return options.asked();
    }

    /** What was found where, in words. */
    public String description() {
        return description;
    }

    /** How many images it lists; for the folder format, malformed entries included. */
    public long images() {
        return count;
    }

    /** Whether classes come from boxes by a rule, unless an entry has its own. */
    public boolean derivesLabels() {
        return derivesLabels;
    }

    /** Begins to read. */
    public DatasetReader read() throws DatasetException {
        return new DatasetReader(opener.open(), options);
    }

    /** Reads this data set as a feed, see {@link #decoder}; large images stay where they are. */
    public Feed feed(LabelRule rule, long maxInlineBytes) throws DatasetException {
        return feed(rule, maxInlineBytes, LargeImages.inPlace());
    }

    /** Reads this data set as a feed, which closes {@code largeImages}. */
    public Feed feed(LabelRule rule, long maxInlineBytes, LargeImages largeImages) throws DatasetException {
        DatasetReader reader = read();
        Decoder decoder = new Decoder(images, rule, maxInlineBytes, largeImages);
        return new Feed() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.of(count);
            }

            @Override
            public boolean hasNext() {
                return reader.hasNext();
            }

            @Override
            public Step next() {
                Entry entry = reader.next();
                return new Step(entry.identity(), () -> decoder.decode(entry));
            }

            @Override
            public void close() {
                reader.close();
                largeImages.close();
            }
        };
    }

    /** Makes samples of this data set's entries. */
    public Decoder decoder(LabelRule rule, long maxInlineBytes) {
        return new Decoder(images, rule, maxInlineBytes);
    }
}
