package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UncachedFileTest {
    private static final UncachedFile.Opener WITHOUT_DIRECT = (file, options) -> {
        if (options.contains(ExtendedOpenOption.DIRECT)) {
            throw new FileSystemException(file.toString(), null, "Invalid argument");
        }
        return FileChannel.open(file, options);
    };

    private static final Path REFUSING = Path.of("/dev/full");

    /** Opens past the cache, and then refuses every write so, as some network file systems do. */
    private static final UncachedFile.Opener REFUSING_DIRECT = (file, options) -> {
        if (options.contains(ExtendedOpenOption.DIRECT)) {
            Files.write(file, new byte[0]);
            return FileChannel.open(REFUSING, StandardOpenOption.WRITE);
        }
        return FileChannel.open(file, options);
    };

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 1, 511, 4096, 4097, 1 << 20, (1 << 20) + 1, 3_456_789})
    void aFileHasTheBytesThatWereWrittenAndNoMore(int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        for (UncachedFile.Opener opener : new UncachedFile.Opener[] {FileChannel::open, WITHOUT_DIRECT}) {
            Path file = folder.resolve("file");
            try (OutputStream out = new UncachedFile(file, opener)) {
                write(bytes, out, new Random(size));
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        }
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {1, 4097, 3_456_789})
    void aFileSystemThatOpensPastItsCacheAndRefusesToWriteSoIsWrittenThroughIt(int size) throws Exception {
        assumeTrue(Files.exists(REFUSING), "there is no " + REFUSING + " on this machine");
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Path file = folder.resolve("file");
        try (OutputStream out = new UncachedFile(file, REFUSING_DIRECT)) {
            write(bytes, out, new Random(size));
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void whatRefusesEveryWriteSaysWhy() throws Exception {
        assumeTrue(Files.exists(REFUSING), "there is no " + REFUSING + " on this machine");
        UncachedFile full = new UncachedFile(
                folder.resolve("file"),
                (file, options) -> REFUSING_DIRECT.open(file, Set.of(ExtendedOpenOption.DIRECT)));
        full.write(7);
        assertThatThrownBy(full::close).isInstanceOf(IOException.class).hasMessageContaining("No space left");
    }

    private static void write(byte[] bytes, OutputStream out, Random random) throws Exception {
        int at = 0;
        while (at < bytes.length) {
            int some = Math.min(bytes.length - at, random.nextInt(300_000));
            if (some == 1) {
                out.write(bytes[at]);
            } else {
                out.write(bytes, at, some);
            }
            at += some;
        }
    }

    @Test
    void whatCannotBeCreatedSaysWhy() {
        Path nowhere = folder.resolve("none/file");
        assertThatThrownBy(() -> new UncachedFile(nowhere)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileThatBrokeIsNotClosedAsIfItWereWhole() throws Exception {
        FileChannel[] channel = new FileChannel[1];
        UncachedFile file = new UncachedFile(folder.resolve("file"), (path, options) -> {
            channel[0] = FileChannel.open(path, options);
            return channel[0];
        });
        file.write(7);
        channel[0].close();
        assertThatThrownBy(file::close).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void dataFilesOfATableAreWrittenSoAndReadBack() throws Exception {
        PlainFileSystem files = new PlainFileSystem();
        files.initialize(URI.create("file:///"), new Configuration());
        byte[] bytes = new byte[2_000_000];
        new Random(1).nextBytes(bytes);
        org.apache.hadoop.fs.Path path =
                new org.apache.hadoop.fs.Path(folder.resolve("data/a.parquet").toUri());
        try (OutputStream out = files.create(path, true)) {
            out.write(bytes);
        }
        try (var in = files.open(path)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
    }
}
