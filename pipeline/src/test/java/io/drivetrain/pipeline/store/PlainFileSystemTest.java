package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainFileSystemTest {
    @TempDir
    private Path folder;

    /** What Linux answers where a file system has no hard links. */
    private static final PlainFileSystem.Linker WITHOUT_LINKS = (name, existing) -> {
        throw new FileSystemException(name.toString(), existing.toString(), "Operation not permitted");
    };

    private static PlainFileSystem files() throws Exception {
        return initialized(new PlainFileSystem());
    }

    private static PlainFileSystem withoutLinks() throws Exception {
        return initialized(new PlainFileSystem(WITHOUT_LINKS, Clock.systemUTC()));
    }

    private static PlainFileSystem initialized(PlainFileSystem files) throws Exception {
        files.initialize(URI.create("file:///"), new Configuration());
        return files;
    }

    private static org.apache.hadoop.fs.Path hadoop(Path path) {
        return new org.apache.hadoop.fs.Path(path.toUri());
    }

    @ParameterizedTest(name = "hard links: {0}")
    @ValueSource(booleans = {true, false})
    void ofTwoCommitsOfTheSameVersionOneIsRefused(boolean links) throws Exception {
        int writers = 8;
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            for (int version = 1; version <= 50; version++) {
                Path target = folder.resolve("v" + version + ".metadata.json");
                CyclicBarrier together = new CyclicBarrier(writers);
                List<Future<Boolean>> renamed = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    Path own = Files.writeString(folder.resolve(writer + ".json"), "writer " + writer);
                    PlainFileSystem files = links ? files() : withoutLinks();
                    renamed.add(threads.submit(() -> {
                        together.await();
                        return files.rename(hadoop(own), hadoop(target));
                    }));
                }
                int winner = -1;
                for (int writer = 0; writer < writers; writer++) {
                    if (renamed.get(writer).get()) {
                        assertThat(winner).as("winners of version " + version).isEqualTo(-1);
                        winner = writer;
                    }
                }
                assertThat(target).hasContent("writer " + winner);
            }
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left.filter(file -> file.toString().endsWith(".lock")))
                        .isEmpty();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aVersionThatIsThereIsNeverReplaced(boolean links) throws Exception {
        Path target = Files.writeString(folder.resolve("v7.metadata.json"), "theirs");
        Path own = Files.writeString(folder.resolve("own.json"), "mine");
        assertThat((links ? files() : withoutLinks()).rename(hadoop(own), hadoop(target)))
                .isFalse();
        assertThat(target).hasContent("theirs");
        assertThat(own).hasContent("mine");
    }

    @Test
    void aFileSystemOfAKindWithoutLinksIsServedLikewise() throws Exception {
        Path own = Files.writeString(folder.resolve("own.json"), "mine");
        Path target = folder.resolve("v1.metadata.json");
        PlainFileSystem files = initialized(new PlainFileSystem(
                (name, existing) -> {
                    throw new UnsupportedOperationException();
                },
                Clock.systemUTC()));
        assertThat(files.rename(hadoop(own), hadoop(target))).isTrue();
        assertThat(target).hasContent("mine");
    }

    @Test
    void theLockOfAKilledCommitIsNamedAndAYoungOneOnlyRefuses() throws Exception {
        Path own = Files.writeString(folder.resolve("own.json"), "mine");
        Path target = folder.resolve("v2.metadata.json");
        Path lock = Files.createFile(folder.resolve(".v2.metadata.json.lock"));
        assertThat(withoutLinks().rename(hadoop(own), hadoop(target))).isFalse();
        PlainFileSystem later =
                initialized(new PlainFileSystem(WITHOUT_LINKS, Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2))));
        assertThatThrownBy(() -> later.rename(hadoop(own), hadoop(target)))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(lock.toString())
                .hasMessageContaining("delete this file");
        assertThat(target).doesNotExist();
    }

    @ParameterizedTest(name = "versions that are there: {0}")
    @CsvSource({"27 28 29, 29", "40 41, 41", "26 27, 27", "9, 27"})
    void aHintThatIsWrittenLateNamesTheNewestVersion(String there, String expected) throws Exception {
        for (String version : there.split(" ")) {
            Files.writeString(folder.resolve("v" + version + ".metadata.json"), "{}");
        }
        Path hint = Files.writeString(folder.resolve("version-hint.text"), "29");
        Path late = Files.writeString(folder.resolve("hint.tmp"), "27");
        assertThat(files().rename(hadoop(late), hadoop(hint))).isTrue();
        assertThat(hint).hasContent(expected);
    }

    @Test
    void otherFilesAreReplacedAsPosixDoes() throws Exception {
        Path hint = Files.writeString(folder.resolve("version-hint.text"), "1");
        Path next = Files.writeString(folder.resolve("hint.tmp"), "2");
        assertThat(files().rename(hadoop(next), hadoop(hint))).isTrue();
        assertThat(hint).hasContent("2");
    }
}
