package io.drivetrain.pipeline.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system without its detours: no checksum file beside every file (Parquet and Iceberg have their
 * own), and no chmod process for every file that is created. And with one promise more: of two processes that commit the
 * same version of a table, one is refused.
 */
public final class PlainFileSystem extends RawLocalFileSystem {
    private static final Pattern TABLE_VERSION = Pattern.compile("v\\d+(\\.gz)?\\.metadata\\.json(\\.gz)?");

    /**
     * Renames. The file of a table's version is never replaced: POSIX rename would, and the commit of another process
     * would be lost between Iceberg's question whether the file is there and the rename. A hard link fails instead.
     */
    @Override
    public boolean rename(Path from, Path to) throws IOException {
        if (!TABLE_VERSION.matcher(to.getName()).matches()) {
            return super.rename(from, to);
        }
        java.nio.file.Path source = pathToFile(from).toPath();
        try {
            Files.createLink(pathToFile(to).toPath(), source);
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException e) {
            // A file system without hard links has nothing better to offer.
            return super.rename(from, to);
        }
        Files.delete(source);
        return true;
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
