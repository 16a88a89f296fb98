package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnFolderTest {
    @TempDir
    private Path directory;

    @Test
    void aFolderIsRemovedWithAllThatIsInItAndItsDirectoryStays() throws Exception {
        Path parent = directory.resolve("parent");
        Path used;
        try (OwnFolder own = OwnFolder.in(parent, "input-")) {
            used = own.path();
            Files.writeString(Files.createDirectories(used.resolve("deep")).resolve("shard"), "bytes");
        }
        assertThat(used).doesNotExist();
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void whenTheProcessEndsTheFolderGoesToo() throws Exception {
        try (OwnFolder own = OwnFolder.in(directory, "input-")) {
            Files.writeString(own.path().resolve("shard"), "bytes");
            own.removeAtTheEnd();
            assertThat(own.path()).doesNotExist();
            Files.createDirectory(own.path());
        }
    }
}
