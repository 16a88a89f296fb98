package io.drivetrain.ingest.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFolderTest {
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final byte[] WHOLE = {1, 2, 3, (byte) 0xFF, (byte) 0xD9};
    private static final byte[] PADDED = {1, 2, 3, (byte) 0xFF, (byte) 0xD9, 0, 0, 0};
    private static final byte[] HALF = {1, 2, 3};

    @TempDir
    private Path root;

    private final Map<String, String> taken = new HashMap<>();

    private WatchedFolder folder() {
        return new WatchedFolder(
                root,
                Duration.ofSeconds(1),
                Duration.ofSeconds(60),
                (name, version) -> version.equals(taken.get(name)));
    }

    private static List<String> names(List<WatchedFolder.Whole> files) {
        return files.stream().map(WatchedFolder.Whole::name).toList();
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    @Test
    void aFileIsWholeWhenItHasNotChangedAndEndsAsItShould() throws IOException {
        WatchedFolder folder = folder();
        write("d/c/1.jpg", WHOLE);
        write("d/c/2.JPG", PADDED);
        write("d/c/half.jpg", HALF);
        assertThat(folder.look(START)).isEmpty();
        assertThat(folder.look(START.plusMillis(999))).isEmpty();
        assertThat(names(folder.look(START.plusMillis(1000)))).containsExactlyInAnyOrder("d/c/1.jpg", "d/c/2.JPG");
        assertThat(folder.pending()).isEqualTo(3);
    }

    @Test
    void aFileThatGrowsIsWaitedForAndOneThatStaysHalfIsTakenInTheEnd() throws IOException {
        WatchedFolder folder = folder();
        write("half.jpg", HALF);
        assertThat(folder.look(START)).isEmpty();
        write("half.jpg", new byte[] {1, 2, 3, 4});
        assertThat(folder.look(START.plusSeconds(59))).isEmpty();
        assertThat(folder.look(START.plusSeconds(118))).isEmpty();
        assertThat(names(folder.look(START.plusSeconds(119)))).containsExactly("half.jpg");
    }

    @Test
    void whatWasTakenIsNotGivenAgainUnlessItHasChanged() throws IOException {
        WatchedFolder folder = folder();
        write("1.jpg", WHOLE);
        assertThat(folder.look(START)).isEmpty();
        folder.look(START.plusSeconds(1)).forEach(file -> taken.put(file.name(), file.version()));
        assertThat(taken).containsOnlyKeys("1.jpg");
        assertThat(folder.look(START.plusSeconds(2))).isEmpty();
        assertThat(folder.pending()).isZero();
        write("1.jpg", PADDED);
        assertThat(folder.look(START.plusSeconds(3))).isEmpty();
        assertThat(names(folder.look(START.plusSeconds(4)))).containsExactly("1.jpg");
    }

    @Test
    void aClockThatIsSetBackHoldsNoFileUp() throws IOException {
        WatchedFolder folder = folder();
        write("1.jpg", WHOLE);
        assertThat(folder.look(START)).isEmpty();
        Instant back = START.minusSeconds(3600);
        assertThat(folder.look(back)).isEmpty();
        assertThat(names(folder.look(back.plusSeconds(1)))).containsExactly("1.jpg");
    }

    @Test
    void renamedFilesNewFoldersAndDeletedOnesAreFollowed() throws IOException {
        WatchedFolder folder = folder();
        write("d/c/1.jpg.part", WHOLE);
        write("d/c/2.jpg", WHOLE);
        assertThat(folder.look(START)).isEmpty();
        Files.move(root.resolve("d/c/1.jpg.part"), root.resolve("d/c/1.jpg"));
        Files.delete(root.resolve("d/c/2.jpg"));
        write("new/d/c/3.jpg", WHOLE);
        assertThat(folder.look(START.plusSeconds(1))).isEmpty();
        assertThat(names(folder.look(START.plusSeconds(2)))).containsExactlyInAnyOrder("d/c/1.jpg", "new/d/c/3.jpg");
        Files.delete(root.resolve("new/d/c/3.jpg"));
        Files.delete(root.resolve("new/d/c"));
        assertThat(names(folder.look(START.plusSeconds(3)))).containsExactly("d/c/1.jpg");
        write("new/d/c/3.jpg", WHOLE);
        assertThat(names(folder.look(START.plusSeconds(4)))).containsExactly("d/c/1.jpg");
        assertThat(names(folder.look(START.plusSeconds(5)))).containsExactlyInAnyOrder("d/c/1.jpg", "new/d/c/3.jpg");
    }

    @Test
    void hiddenFilesAndThoseOfNoImageAreLeftAlone() throws IOException {
        WatchedFolder folder = folder();
        write(".1.jpg", WHOLE);
        write(".trash/1.jpg", WHOLE);
        write("1.jpg.part", WHOLE);
        write("notes.txt", WHOLE);
        assertThat(folder.look(START)).isEmpty();
        assertThat(folder.pending()).isZero();
    }

    @Test
    void aFolderThatIsGoneIsAnError() throws IOException {
        WatchedFolder folder = folder();
        Files.delete(root);
        assertThatThrownBy(() -> folder.look(START)).isInstanceOf(NoSuchFileException.class);
        Files.createDirectory(root);
    }
}
