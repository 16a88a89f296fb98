package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainFileSystemTest {
    @TempDir
    private Path folder;

    private PlainFileSystem files() throws Exception {
        PlainFileSystem files = new PlainFileSystem();
        files.initialize(URI.create("file:///"), new Configuration());
        return files;
    }

    private static org.apache.hadoop.fs.Path hadoop(Path path) {
        return new org.apache.hadoop.fs.Path(path.toUri());
    }

    @Test
    void ofTwoCommitsOfTheSameVersionOneIsRefused() throws Exception {
        int writers = 8;
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            for (int version = 1; version <= 50; version++) {
                Path target = folder.resolve("v" + version + ".metadata.json");
                CyclicBarrier together = new CyclicBarrier(writers);
                List<Future<Boolean>> renamed = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    Path own = Files.writeString(folder.resolve(writer + ".json"), "writer " + writer);
                    PlainFileSystem files = files();
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
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void otherFilesAreReplacedAsPosixDoes() throws Exception {
        Path hint = Files.writeString(folder.resolve("version-hint.text"), "1");
        Path next = Files.writeString(folder.resolve("hint.tmp"), "2");
        assertThat(files().rename(hadoop(next), hadoop(hint))).isTrue();
        assertThat(hint).hasContent("2");
    }
}
