package io.drivetrain.ingest.collect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Image files and the label files of the same name, sorted by name. The names, and nothing of the files, are held in
 * memory: about 300 bytes an image.
 */
public final class PairedFiles {
    private final Path images;
    private final Path labels;
    private final List<Pair> pairs;
    private final Set<String> labelled;

    private PairedFiles(Path images, Path labels, List<Pair> pairs, Set<String> labelled) {
        this.images = images;
        this.labels = labels;
        this.pairs = pairs;
        this.labelled = labelled;
    }

    /**
     * Two files of one name.
     *
     * @param stem path below the folder without the extension, with slashes
     * @param image extension of the image with its dot; empty if there is none
     * @param text extension of the label file with its dot; empty if there is none
     * @param several whether there is a second image file of this name
     */
    public record Pair(String stem, Optional<String> image, Optional<String> text, boolean several) {
        /** Whether there is a label file. */
        public boolean label() {
            return text.isPresent();
        }
    }

    /**
     * Lists two folders, which may be one, and those below them. A folder of labels that is not there has none.
     *
     * @param isLabel which files with the extension txt are label files
     */
    public static PairedFiles list(Path images, Path labels, Predicate<Path> isLabel) throws IOException {
        TreeMap<String, Pair> byStem = new TreeMap<>();
        for (Path file : Tree.files(images, ImageFiles::isImage)) {
            String stem = stem(images, file);
            byStem.merge(
                    stem,
                    new Pair(stem, extension(file), Optional.empty(), false),
                    (a, b) -> new Pair(stem, a.image, a.text, true));
        }
        Set<String> labelled = new HashSet<>();
        for (Path file : Files.isDirectory(labels) ? Tree.files(labels, PairedFiles::isText) : List.<Path>of()) {
            if (isLabel.test(file)) {
                String stem = stem(labels, file);
                labelled.add(folderOf(stem));
                byStem.merge(
                        stem,
                        new Pair(stem, Optional.empty(), extension(file), false),
                        (a, b) -> new Pair(stem, a.image, b.text, a.several));
            }
        }
        return new PairedFiles(images, labels, new ArrayList<>(byStem.values()), labelled);
    }

    private static Optional<String> extension(Path file) {
        String name = file.getFileName().toString();
        return Optional.of(name.substring(name.lastIndexOf('.')));
    }

    private static boolean isText(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".txt");
    }

    private static String folderOf(String stem) {
        return stem.substring(0, stem.lastIndexOf('/') + 1);
    }

    private static String stem(Path folder, Path file) {
        String path = folder.relativize(file).toString().replace('\\', '/');
        return path.substring(0, path.lastIndexOf('.'));
    }

    /** In the order of their names. */
    public List<Pair> pairs() {
        return List.copyOf(pairs);
    }

    /** Whether any label file has an image. */
    public boolean anyMatch() {
        return pairs.stream().anyMatch(pair -> pair.label() && pair.image().isPresent());
    }

    /** Whether there is a label file for any image in the folder of this one. */
    public boolean hasLabelsBeside(Pair pair) {
        return labelled.contains(folderOf(pair.stem()));
    }

    public Path image(Pair pair) {
        return images.resolve(pair.stem() + pair.image().orElse(".jpg"));
    }

    public Path label(Pair pair) {
        return labels.resolve(pair.stem() + pair.text().orElse(".txt"));
    }
}
