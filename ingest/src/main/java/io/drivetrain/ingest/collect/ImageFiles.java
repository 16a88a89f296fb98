package io.drivetrain.ingest.collect;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Finds the image files that label files name, below one folder. A name leads nowhere else; a link in the folder may. */
public final class ImageFiles {
    private final Path root;
    private final List<Path> folders;
    private final Map<Path, List<Path>> foldersByLastName = new HashMap<>();

    private ImageFiles(Path root, List<Path> folders) {
        this.root = root.toAbsolutePath().normalize();
        this.folders = folders;
        for (Path folder : folders) {
            if (folder.getFileName() != null) {
                foldersByLastName
                        .computeIfAbsent(folder.getFileName(), name -> new ArrayList<>())
                        .add(folder);
            }
        }
    }

    /** What a name leads to. */
    public sealed interface Found {
        record At(Path file) implements Found {}

        record Nowhere() implements Found {}

        record Several(Path first, Path second) implements Found {}

        record Outside() implements Found {}
    }

    /** Width and height in pixels. */
    public record Size(int width, int height) {}

    /** Takes names as paths from the root. */
    public static ImageFiles exactly(Path root) {
        return new ImageFiles(root, List.of());
    }

    /**
     * Takes names as paths from the root, or as the end of the path of an image below it; folders that hold images, not
     * their files, are kept in memory.
     */
    public static ImageFiles anywhereBelow(Path root) throws IOException {
        TreeSet<Path> folders = new TreeSet<>();
        Path absolute = root.toAbsolutePath().normalize();
        Files.walkFileTree(
                absolute, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        return Tree.isHidden(absolute, folder)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (isImage(file)) {
                            folders.add(file.getParent());
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        // A link that leads nowhere or in a circle holds no image.
                        return FileVisitResult.CONTINUE;
                    }
                });
        return new ImageFiles(absolute, List.copyOf(folders));
    }

    /** Whether the name is that of an image: jpg, jpeg, png. */
    public static boolean isImage(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png");
    }

    /**
     * Looks for a file by the names it may have. The first that fits from the root wins. Then each name that does not
     * begin with {@code ./} is looked for at the end of paths, folders included, where exactly one image must fit: images
     * of two drives may have the same last name.
     */
    public Found find(List<String> names) {
        boolean inside = false;
        for (String name : names) {
            // A name that was written on Windows; elsewhere it may have a backslash of its own.
            for (String path : name.indexOf('\\') < 0 ? List.of(name) : List.of(name, name.replace('\\', '/'))) {
                Optional<Path> file = below(root, path);
                inside |= file.isPresent();
                if (file.isPresent() && Files.isRegularFile(file.get())) {
                    return new Found.At(file.get());
                }
            }
        }
        if (!inside) {
            return new Found.Outside();
        }
        Found best = new Found.Nowhere();
        for (String name : names) {
            Found found = name.startsWith("./") ? new Found.Nowhere() : endingWith(name);
            if (found instanceof Found.At) {
                return found;
            }
            best = best instanceof Found.Nowhere ? found : best;
        }
        return best;
    }

    private Found endingWith(String name) {
        Path end;
        try {
            end = Path.of(name.replace('\\', '/')).normalize();
        } catch (InvalidPathException e) {
            return new Found.Nowhere();
        }
        if (end.getFileName() == null) {
            return new Found.Nowhere();
        }
        Path parent = end.getParent();
        List<Path> candidates =
                parent == null ? folders : foldersByLastName.getOrDefault(parent.getFileName(), List.of());
        Path found = null;
        for (Path folder : candidates) {
            Path path = folder.resolve(end.getFileName());
            if (path.endsWith(end) && Files.isRegularFile(path)) {
                if (found != null) {
                    return new Found.Several(found, path);
                }
                found = path;
            }
        }
        return found == null ? new Found.Nowhere() : new Found.At(found);
    }

    private Optional<Path> below(Path folder, String name) {
        try {
            return Optional.of(folder.resolve(name).normalize()).filter(path -> path.startsWith(root));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Reads width and height from the header of an image; empty if it has none that can be read. */
    public static Optional<Size> size(Path image) {
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
                return Optional.of(new Size(reader.getWidth(0), reader.getHeight(0)));
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) {
            // Whether the image is any good is for curation to say.
            return Optional.empty();
        }
    }
}
