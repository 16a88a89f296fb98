package io.drivetrain.ingest.collect;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * Lists what lies below a folder. Links are followed; one that leads in a circle is passed over. Names that begin with a
 * dot, such as those that macOS adds to every file of an archive, are left alone.
 */
public final class Tree {
    private Tree() {}

    /** Returns the regular files, sorted. */
    public static List<Path> files(Path root, int depth, Predicate<Path> wanted) throws IOException {
        return list(root, depth, (path, attributes) -> attributes.isRegularFile() && wanted.test(path));
    }

    /** Returns the regular files at any depth, sorted. */
    public static List<Path> files(Path root, Predicate<Path> wanted) throws IOException {
        return files(root, Integer.MAX_VALUE, wanted);
    }

    /** Returns the folders, the root possibly among them, sorted. */
    public static List<Path> folders(Path root, int depth, Predicate<Path> wanted) throws IOException {
        return list(root, depth, (path, attributes) -> attributes.isDirectory() && wanted.test(path));
    }

    /** Whether something below a folder is left alone. */
    static boolean isHidden(Path root, Path path) {
        return !path.equals(root) && path.getFileName().toString().startsWith(".");
    }

    @FunctionalInterface
    private interface Wanted {
        boolean test(Path path, BasicFileAttributes attributes);
    }

    private static List<Path> list(Path root, int depth, Wanted wanted) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, new SimpleFileVisitor<>() {
            private void take(Path path, BasicFileAttributes attributes) {
                if (!isHidden(root, path) && wanted.test(path, attributes)) {
                    found.add(path);
                }
            }

            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                if (isHidden(root, folder)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                take(folder, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                // A folder at the last depth comes here, too.
                take(file, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
                if (e instanceof FileSystemLoopException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        Collections.sort(found);
        return found;
    }
}
