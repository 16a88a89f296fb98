package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FullDiskTest {
    private static final Map<String, Path> FOLDERS = new LinkedHashMap<>();

    static {
        FOLDERS.put("store.warehouse", Path.of("/data/table"));
        FOLDERS.put("flink.checkpoint-directory", Path.of("/state"));
    }

    @Test
    void theFolderWhoseDiskIsFullIsNamedWithItsKey() {
        assertThat(FullDisk.of(FOLDERS, folder -> folder.startsWith("/state") ? 4096 : 1L << 40))
                .contains(
                        "the disk of /state (flink.checkpoint-directory) is full; make room, and it goes on by itself");
        assertThat(FullDisk.of(FOLDERS, folder -> 1L << 40)).isEmpty();
    }

    @Test
    void aFolderThatCannotBeAskedIsNotCalledFull() {
        assertThat(FullDisk.of(FOLDERS, folder -> {
                    throw new IOException("gone");
                }))
                .isEmpty();
    }
}
