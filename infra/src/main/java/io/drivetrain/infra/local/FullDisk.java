package io.drivetrain.infra.local;

import io.drivetrain.schemas.DrivetrainConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Whether a job fails for want of space: the library that meets a full disk is not always the one that says why it fails. */
final class FullDisk {
    /** A file of the table or of a checkpoint is larger. */
    private static final long ENOUGH = 10_000_000;

    private FullDisk() {}

    /** How much of a disk is free. */
    @FunctionalInterface
    interface Free {
        long bytes(Path folder) throws IOException;
    }

    /** Returns a sentence about the first folder of the jobs on this machine whose disk is full. */
    static Optional<String> of(DrivetrainConfig config) {
        Map<String, Path> folders = new LinkedHashMap<>();
        folders.put("store.warehouse", Path.of(config.store().warehouse()));
        folders.put("flink.checkpoint-directory", Path.of(config.flink().checkpointDirectory()));
        // A URI of another store is no folder here, and so cannot be asked.
        return of(folders, folder -> Files.getFileStore(folder).getUsableSpace());
    }

    /**
     * As {@link #of(DrivetrainConfig)}.
     *
     * @param folders by the key that names them
     */
    static Optional<String> of(Map<String, Path> folders, Free free) {
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            try {
                if (free.bytes(folder.getValue()) < ENOUGH) {
                    return Optional.of("the disk of %s (%s) is full; make room, and it goes on by itself"
                            .formatted(folder.getValue(), folder.getKey()));
                }
            } catch (IOException e) {
                // What cannot be asked is not known to be full.
                continue;
            }
        }
        return Optional.empty();
    }
}
