package io.drivetrain.infra.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A folder that a benchmark fills, removed at its end and on Ctrl-C, because some take many gigabytes. */
public final class OwnFolder implements AutoCloseable {
    private static final int ATTEMPTS = 50;
    private static final long PAUSE_MILLIS = 200;

    private final Path path;
    private final Thread hook = new Thread(this::removeAtTheEnd, "remove folder");

    private OwnFolder(Path path) {
        this.path = path;
    }

    /** Makes a folder with a name of its own in a directory, which is made where there is none. */
    public static OwnFolder in(Path directory, String prefix) throws IOException {
        Files.createDirectories(directory);
        OwnFolder folder =
                new OwnFolder(Files.createTempDirectory(directory, prefix).toAbsolutePath());
        Runtime.getRuntime().addShutdownHook(folder.hook);
        return folder;
    }

    public Path path() {
        return path;
    }

    /** Processes of the benchmark end at the same time, and write until they have. */
    void removeAtTheEnd() {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(path); attempt++) {
            try {
                Folders.delete(path);
            } catch (IOException | UncheckedIOException e) {
                try {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook removes the folder.
            return;
        }
        Folders.delete(path);
    }
}
