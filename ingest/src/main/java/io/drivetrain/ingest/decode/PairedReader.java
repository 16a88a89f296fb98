package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.PairedFiles;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Reads formats that have one text file for each image: {@code KITTI} and {@code YOLO}. */
final class PairedReader implements EntryReader {
    private final Iterator<PairedFiles> parts;
    private final Path root;
    private final boolean relative;
    private final boolean labelsOptional;
    private final BoxText.Line line;
    private PairedFiles files;
    private Iterator<PairedFiles.Pair> pairs = Collections.emptyIterator();
    private final Deque<Entry> ready = new ArrayDeque<>();

    /**
     * Reads pairs of files, part after part.
     *
     * @param root folder that image paths are taken from
     * @param relative whether coordinates are shares of width and height
     * @param labelsOptional whether an image without a label file has no boxes, rather than no labels, where others of its
     *     folder have one
     */
    PairedReader(List<PairedFiles> parts, Path root, boolean relative, boolean labelsOptional, BoxText.Line line) {
        this.parts = parts.iterator();
        this.root = root;
        this.relative = relative;
        this.labelsOptional = labelsOptional;
        this.line = line;
    }

    @Override
    public boolean hasNext() {
        while (!pairs.hasNext() && parts.hasNext()) {
            files = parts.next();
            pairs = files.pairs().iterator();
        }
        return !ready.isEmpty() || pairs.hasNext();
    }

    @Override
    public Entry next() {
        if (ready.isEmpty()) {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            read(pairs.next());
        }
        return ready.remove();
    }

    private void read(PairedFiles.Pair pair) {
        Path labelFile = files.label(pair);
        String label = named(labelFile);
        String image = named(files.image(pair));
        if (pair.image().isEmpty()) {
            bad(
                    Collected.Kind.MISSING_IMAGE,
                    label,
                    "there is no image %s with the extension jpg, jpeg or png"
                            .formatted(Limits.shown(image.substring(0, image.lastIndexOf('.')))),
                    "add the image or remove the label file");
        } else if (pair.several()) {
            bad(
                    Collected.Kind.AMBIGUOUS_IMAGE,
                    image,
                    "there is another image of this name with another extension",
                    "remove one of them");
        } else if (!pair.label() && !(labelsOptional && files.hasLabelsBeside(pair))) {
            bad(
                    Collected.Kind.MISSING_LABELS,
                    image,
                    "there is no label file %s".formatted(Limits.shown(label)),
                    "add it; an empty one says that there is nothing to see");
        } else {
            BoxText.Result result = pair.label()
                    ? BoxText.read(labelFile, label, relative, line)
                    : new BoxText.Result(new Entry.Boxes(List.of(), relative, true), List.of());
            result.malformed().forEach(malformed -> ready.add(new Entry.Bad(malformed)));
            ready.add(new Entry.Image(
                    pair.label() ? label : image,
                    "",
                    image,
                    List.of(image),
                    Entry.Labels.of(result.boxes()),
                    Entry.Recording.UNKNOWN));
        }
    }

    private void bad(Collected.Kind kind, String file, String what, String whatToDo) {
        ready.add(new Entry.Bad(new Collected.Malformed(kind, file, "", what, whatToDo)));
    }

    private String named(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path from = root.toAbsolutePath().normalize();
        return (absolute.startsWith(from) ? from.relativize(absolute) : absolute)
                .toString()
                .replace('\\', '/');
    }

    @Override
    public void close() {
        // Every label file is closed as soon as it is read.
    }
}
