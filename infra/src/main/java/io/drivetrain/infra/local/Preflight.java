package io.drivetrain.infra.local;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What must hold before a stack is started in a folder. */
public final class Preflight {
    private static final int OLDEST_JAVA = 17;
    private static final double GIGABYTE = 1e9;

    private Preflight() {}

    /**
     * Creates the folder if need be and checks it.
     *
     * @param freeBytes how much space must be free there
     * @throws StackException with one sentence
     */
    public static void check(Path directory, long freeBytes) throws StackException {
        if (Runtime.version().feature() < OLDEST_JAVA) {
            throw new StackException("Java %s is too old; Drivetrain needs a JDK 17 or newer: set JAVA_HOME to one"
                    .formatted(Runtime.version()));
        }
        try {
            Files.createDirectories(directory);
            Path probe = Files.createTempFile(directory, ".probe", "");
            Files.delete(probe);
            checkSpace(directory, Files.getFileStore(directory).getUsableSpace(), freeBytes);
        } catch (FileAlreadyExistsException e) {
            throw new StackException(
                    "%s is a file; choose a folder with --dir, or move that file away".formatted(e.getFile()), e);
        } catch (AccessDeniedException e) {
            throw new StackException(
                    "Cannot write to %s; correct its access rights, or choose another folder with --dir"
                            .formatted(directory),
                    e);
        } catch (IOException e) {
            throw new StackException(
                    "Cannot use the folder %s (%s); choose another with --dir"
                            .formatted(directory, e.getClass().getSimpleName()),
                    e);
        }
    }

    static void checkSpace(Path directory, long usable, long needed) throws StackException {
        if (usable < needed) {
            throw new StackException(String.format(
                    Locale.ROOT,
                    "Only %.1f GB free at %s, this needs %.1f GB; make room, or choose a folder on another disk with --dir",
                    usable / GIGABYTE,
                    directory,
                    needed / GIGABYTE));
        }
    }
}
