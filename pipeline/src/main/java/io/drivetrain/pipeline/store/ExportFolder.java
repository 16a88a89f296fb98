package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that appears when all of it is there: it is written beside its place, under a lock that ends with its process,
 * and takes its name at the end. What is not published is deleted, by the next export if this one is killed.
 */
final class ExportFolder implements AutoCloseable {
    /** Locked while an export writes; without it a folder of that name is somebody else's. */
    static final String MARK = ".drivetrain-export";

    private final Path target;
    private final Path part;
    private final FileChannel lock;
    private boolean published;

    private ExportFolder(Path target, Path part, FileChannel lock) {
        this.target = target;
        this.part = part;
        this.lock = lock;
    }

    /**
     * Claims a place.
     *
     * @param folder not there yet, or empty
     * @throws KeeperException if it holds something, or another export writes to it
     */
    static ExportFolder claim(Path folder) throws IOException, KeeperException {
        Path absolute = folder.toAbsolutePath().normalize();
        Path target = Files.exists(absolute) ? absolute.toRealPath() : absolute;
        if (Files.exists(target)
                && !(Files.isDirectory(target) && entries(target).isEmpty())) {
            throw KeeperException.wrongUsage(
                    "%s is not empty; give the export a folder of its own with --to, or remove what is there"
                            .formatted(folder));
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Path mark = part.resolve(MARK);
        if (Files.exists(part)
                && !Files.exists(mark)
                && !(Files.isDirectory(part) && entries(part).isEmpty())) {
            throw KeeperException.wrongUsage(
                    "%s is in the way: an export is written there first, and this is none that was interrupted; move it away, or choose another folder with --to"
                            .formatted(part));
        }
        Files.createDirectories(part);
        FileChannel lock = FileChannel.open(mark, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() == null) {
                throw new OverlappingFileLockException();
            }
            for (Path left : entries(part)) {
                if (!left.equals(mark)) {
                    delete(left);
                }
            }
            // Now rather than after hours of writing: a mount point cannot be replaced.
            Files.deleteIfExists(target);
            return new ExportFolder(target, part, lock);
        } catch (OverlappingFileLockException e) {
            lock.close();
            throw KeeperException.failed(
                    "Another export to %s is running; wait for its end, or choose another folder with --to"
                            .formatted(folder));
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /** Where to write. */
    Path path() {
        return part;
    }

    /** Gives the folder its name. */
    void publish() throws IOException {
        Files.delete(part.resolve(MARK));
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        published = true;
    }

    @Override
    public void close() throws IOException {
        if (!published) {
            delete(part);
        }
        lock.close();
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
