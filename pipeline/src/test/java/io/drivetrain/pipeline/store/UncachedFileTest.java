package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
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
