package io.drivetrain.ingest.collect;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Image files that others are writing. A file is whole when its size and time are the same at two looks, {@code settle}
 * apart or more, and it ends as its format does (JPEG: end-of-image marker; PNG: IEND chunk); if it does not end so, but
 * has not changed for {@code patience}, it is taken as it is, for curation to reject with its bytes. Names that begin with
 * a dot, and those of no image, such as {@code frame.jpg.part}, are left alone.
 *
 * <p>Every look lists the whole folder; memory holds what is not whole yet.
 */
public final class WatchedFolder {
    private static final int TAIL = 64;
    private static final int[] JPEG_END = {0xFF, 0xD9};
    private static final int[] PNG_END = {'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};

    private final Path root;
    private final Duration settle;
    private final Duration patience;
    private final BiPredicate<String, String> taken;
    private Map<Path, Pending> pending = new HashMap<>();

    private record Pending(State state, Instant since) {}

    private record State(long size, long modified) {}

    /**
     * A file that may be read.
     *
     * @param name path from the folder, with slashes
     * @param version of its content: size and time
     */
    public record Whole(Path file, String name, String version, Instant modified) {}

    /**
     * Follows a folder and those below it.
     *
     * @param taken tells, by name and version, what has been dealt with
     */
    public WatchedFolder(Path root, Duration settle, Duration patience, BiPredicate<String, String> taken) {
        this.root = root;
        this.settle = settle;
        this.patience = patience;
        this.taken = taken;
    }

    /** Returns what has become whole and was not taken, the oldest first. */
    public List<Whole> look(Instant now) throws IOException {
        Map<Path, Pending> next = new HashMap<>();
        List<Whole> whole = new ArrayList<>();
        Files.walkFileTree(
                root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        return !folder.equals(root) && isHidden(folder)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (ImageFiles.isImage(file) && !isHidden(file)) {
                            visit(file, attributes, now, next, whole);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                        if (file.equals(root)) {
                            throw e;
                        }
                        // It was renamed or removed between two steps of the listing.
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, IOException e) {
                        return FileVisitResult.CONTINUE;
                    }
                });
        pending = next;
        whole.sort(Comparator.comparing(Whole::modified).thenComparing(Whole::name));
        return whole;
    }

    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    private void visit(
            Path file, BasicFileAttributes attributes, Instant now, Map<Path, Pending> next, List<Whole> whole) {
        String name = root.relativize(file).toString().replace('\\', '/');
        Instant modified = attributes.lastModifiedTime().toInstant();
        State state = new State(attributes.size(), attributes.lastModifiedTime().toMillis());
        String version = state.size + "@" + state.modified;
        if (taken.test(name, version)) {
            return;
        }
        Pending before = pending.get(file);
        // A clock that was set back would have the file wait until it is as late again.
        if (before == null || !before.state.equals(state) || now.isBefore(before.since)) {
            next.put(file, new Pending(state, now));
            return;
        }
        Duration unchanged = Duration.between(before.since, now);
        if (unchanged.compareTo(settle) >= 0 && (endsAsItShould(file) || unchanged.compareTo(patience) >= 0)) {
            whole.add(new Whole(file, name, version, modified));
            // Until it is taken it stays known, so that the next look need not wait again.
        }
        next.put(file, before);
    }

    /** How many files have been seen that are not whole, or not taken, yet. */
    public int pending() {
        return pending.size();
    }

    private static boolean endsAsItShould(Path file) {
        byte[] tail;
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long start = Math.max(0, in.length() - TAIL);
            tail = new byte[(int) (in.length() - start)];
            in.seek(start);
            in.readFully(tail);
        } catch (IOException e) {
            return false;
        }
        int[] end = file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".png") ? PNG_END : JPEG_END;
        int length = tail.length;
        // Some cameras fill up the last block with zeros.
        while (length > 0 && tail[length - 1] == 0) {
            length--;
        }
        if (length < end.length) {
            return false;
        }
        for (int i = 0; i < end.length; i++) {
            if ((tail[length - end.length + i] & 0xFF) != end[i]) {
                return false;
            }
        }
        return true;
    }
}
