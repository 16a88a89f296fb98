package io.drivetrain.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds what a job left behind. */
public final class Checkpoints {
    private static final String COMPLETE = "_metadata";
    private static final int DEPTH = 4;

    private Checkpoints() {}

    /**
     * Returns the folder of the newest complete checkpoint below a folder; empty if there is none.
     *
     * <p>A checkpoint is complete when its {@code _metadata} is there, because Flink writes that last.
     *
     * @throws UncheckedIOException if the folder cannot be read
     */
    public static Optional<Path> newest(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.find(
                directory, DEPTH, (path, attributes) -> attributes.isRegularFile() && path.endsWith(COMPLETE))) {
            return files.max(Comparator.comparing(Checkpoints::written).thenComparing(Comparator.naturalOrder()))
                    .map(Path::getParent);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot look for checkpoints in %s; check that it can be read".formatted(directory), e);
        }
    }

    private static FileTime written(Path metadata) {
        try {
            return Files.getLastModifiedTime(metadata);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the time of %s".formatted(metadata), e);
        }
    }
}
