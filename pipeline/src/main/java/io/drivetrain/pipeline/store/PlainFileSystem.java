package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system without its detours: no checksum file beside every file (Parquet and Iceberg have their
 * own), no chmod process for every file that is created, and no page cache for the table's data ({@link UncachedFile}). And
 * with one promise more: of two processes that commit the same version of a table, one is refused.
 */
public final class PlainFileSystem extends RawLocalFileSystem {
    private static final Pattern TABLE_VERSION = Pattern.compile("v(\\d+)(\\.gz)?\\.metadata\\.json(\\.gz)?");
    private static final String DATA_FILE = ".parquet";
    private static final String VERSION_HINT = "version-hint.text";
    private static final Duration LONGEST_RENAME = Duration.ofMinutes(1);

    /** Gives a file a second name, and fails if the name is taken. */
    @FunctionalInterface
    interface Linker {
        /**
         * Links.
         *
         * @throws FileAlreadyExistsException if the name is taken
         * @throws FileSystemException if this file system has no hard links, or for another reason
         * @throws UnsupportedOperationException if no file system of this kind has hard links
         */
        void link(java.nio.file.Path name, java.nio.file.Path existing) throws IOException;
    }

    private final Linker linker;
    private final Clock clock;

    /** As Hadoop creates it. */
    public PlainFileSystem() {
        this(Files::createLink, Clock.systemUTC());
    }

    PlainFileSystem(Linker linker, Clock clock) {
        this.linker = linker;
        this.clock = clock;
    }

    /**
     * Renames. The file of a table's version is never replaced: POSIX rename would, and the commit of another process
     * would be lost between Iceberg's question whether the file is there and the rename. A hard link fails instead.
     *
     * @return false if the version is there, or another process is just committing it
     */
    @Override
    public boolean rename(Path from, Path to) throws IOException {
        if (to.getName().equals(VERSION_HINT)) {
            correctHint(pathToFile(from).toPath(), pathToFile(to).toPath().getParent());
        }
        if (!TABLE_VERSION.matcher(to.getName()).matches()) {
            return super.rename(from, to);
        }
        java.nio.file.Path source = pathToFile(from).toPath();
        try {
            linker.link(pathToFile(to).toPath(), source);
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // Linux says EPERM where a file system, such as FAT or many network shares, has no hard links.
            return renameUnderLock(from, to);
        }
        Files.delete(source);
        return true;
    }

    /**
     * Of two processes that commit one after the other, the first may write its hint last. It would name a version that
     * later commits delete, and the table could not be opened any more.
     */
    private static void correctHint(java.nio.file.Path hint, java.nio.file.Path metadata) throws IOException {
        String said = Files.readString(hint).strip();
        if (!said.matches("\\d{1,9}")) {
            return;
        }
        long version = Long.parseLong(said);
        long newest = version;
        if (hasVersion(metadata, version)) {
            while (hasVersion(metadata, newest + 1)) {
                newest++;
            }
        } else {
            try (Stream<java.nio.file.Path> files = Files.list(metadata)) {
                newest = files.map(
                                file -> TABLE_VERSION.matcher(file.getFileName().toString()))
                        .filter(Matcher::matches)
                        .mapToLong(name -> Long.parseLong(name.group(1)))
                        .max()
                        .orElse(version);
            }
        }
        if (newest > version) {
            Files.writeString(hint, Long.toString(newest));
        }
    }

    private static boolean hasVersion(java.nio.file.Path metadata, long version) {
        return Files.exists(metadata.resolve("v" + version + ".metadata.json"))
                || Files.exists(metadata.resolve("v" + version + ".gz.metadata.json"));
    }

    /** Creating a file that must not be there yet is atomic on every file system, so its owner may ask and rename. */
    private boolean renameUnderLock(Path from, Path to) throws IOException {
        java.nio.file.Path target = pathToFile(to).toPath();
        java.nio.file.Path lock = target.resolveSibling("." + target.getFileName() + ".lock");
        try {
            Files.createFile(lock);
        } catch (FileAlreadyExistsException e) {
            if (!Files.exists(target) && isLeft(lock)) {
                throw new FileSystemException(
                        lock.toString(),
                        null,
                        "is the lock of a commit that did not end within %d s; if no process writes to the table, delete this file"
                                .formatted(LONGEST_RENAME.toSeconds()));
            }
            return false;
        }
        try {
            return !Files.exists(target) && super.rename(from, to);
        } finally {
            Files.delete(lock);
        }
    }

    private boolean isLeft(java.nio.file.Path lock) throws IOException {
        try {
            Instant taken = Files.getLastModifiedTime(lock).toInstant();
            return taken.isBefore(clock.instant().minus(LONGEST_RENAME));
        } catch (NoSuchFileException e) {
            // Its owner is done in the meantime.
            return false;
        }
    }

    @Override
    protected OutputStream createOutputStreamWithMode(Path path, boolean append, FsPermission permission)
            throws IOException {
        if (append || !path.getName().endsWith(DATA_FILE)) {
            return super.createOutputStreamWithMode(path, append, permission);
        }
        OutputStream file = new UncachedFile(pathToFile(path).toPath());
        if (permission != null) {
            setPermission(path, permission.applyUMask(FsPermission.getUMask(getConf())));
        }
        return file;
    }

    @Override
    public void setPermission(Path path, FsPermission permission) throws IOException {
        java.nio.file.Path file = pathToFile(path).toPath();
        PosixFileAttributeView posix = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (posix != null) {
            posix.setPermissions(
                    PosixFilePermissions.fromString(permission.toString().substring(0, 9)));
        }
    }
}
