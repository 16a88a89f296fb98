package io.drivetrain.ingest.collect;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Image files and the label files of the same name, sorted by name. The names, and nothing of the files, are held in
 * memory: about 300 bytes an image.
 */
public final class PairedFiles {
    private final Path images;
    private final Path labels;
    private final List<Pair> pairs;

    private PairedFiles(Path images, Path labels, List<Pair> pairs) {
        this.images = images;
        this.labels = labels;
        this.pairs = pairs;
    }

    /**
     * Two files of one name.
     *
     * @param stem path below the folder without the extension, with slashes
     * @param image extension of the image with its dot; empty if there is none
     * @param several whether there is a second image file of this name
     */
    public record Pair(String stem, Optional<String> image, boolean label, boolean several) {}

    /**
     * Lists two folders, which may be one, and those below them.
     *
     * @param isLabel which files with the extension txt are label files
     */
    public static PairedFiles list(Path images, Path labels, Predicate<Path> isLabel) throws IOException {
        TreeMap<String, Pair> byStem = new TreeMap<>();
        try (Stream<Path> files = Files.walk(images, FileVisitOption.FOLLOW_LINKS)) {
            files.filter(ImageFiles::isImage).filter(Files::isRegularFile).forEach(file -> {
                String stem = stem(images, file);
                String name = file.getFileName().toString();
                byStem.merge(
                        stem,
                        new Pair(stem, Optional.of(name.substring(name.lastIndexOf('.'))), false, false),
                        (a, b) -> new Pair(stem, a.image, a.label, true));
            });
        }
        try (Stream<Path> files = Files.walk(labels, FileVisitOption.FOLLOW_LINKS)) {
            files.filter(file -> file.getFileName()
                            .toString()
                            .toLowerCase(Locale.ROOT)
                            .endsWith(".txt"))
                    .filter(Files::isRegularFile)
                    .filter(isLabel)
                    .forEach(file -> {
                        String stem = stem(labels, file);
                        byStem.merge(
                                stem,
                                new Pair(stem, Optional.empty(), true, false),
                                (a, b) -> new Pair(stem, a.image, true, a.several));
                    });
        }
        return new PairedFiles(images, labels, new ArrayList<>(byStem.values()));
    }

    private static String stem(Path folder, Path file) {
        String path = folder.relativize(file).toString().replace('\\', '/');
        return path.substring(0, path.lastIndexOf('.'));
    }

    /** In the order of their names. */
    public List<Pair> pairs() {
        return List.copyOf(pairs);
    }

    public Path image(Pair pair) {
        return images.resolve(pair.stem() + pair.image().orElse(".jpg"));
    }

    public Path label(Pair pair) {
        return labels.resolve(pair.stem() + ".txt");
    }
}
