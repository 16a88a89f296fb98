package io.drivetrain.trainer.assemble;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that grows, mapped into memory for reading; windows that are full are mapped once. Not safe for several threads,
 * but what it gives is.
 */
final class MappedFile {
    private static final long WINDOW_BYTES = 256L << 20;

    private final Path file;
    private final List<MappedByteBuffer> full = new ArrayList<>();

    /**
     * The first bytes of the file, in windows, since one map ends at 2 GiB. Safe for several threads, and a reader that is
     * interrupted closes nothing, as it would a channel.
     */
    record Bytes(List<MappedByteBuffer> windows) {
        /** Copies so many bytes from a position into an array. */
        void read(long position, byte[] into, int offset, int length) {
            int done = 0;
            while (done < length) {
                MappedByteBuffer window = windows.get((int) ((position + done) / WINDOW_BYTES));
                int from = (int) ((position + done) % WINDOW_BYTES);
                int part = Math.min(length - done, window.capacity() - from);
                window.get(from, into, offset + done, part);
                done += part;
            }
        }
    }

    MappedFile(Path file) {
        this.file = file;
    }

    /** Maps the first bytes, all of which are written. */
    Bytes first(long bytes) throws IOException {
        while ((full.size() + 1) * WINDOW_BYTES <= bytes) {
            full.add(map(full.size() * WINDOW_BYTES, WINDOW_BYTES));
        }
        List<MappedByteBuffer> windows = new ArrayList<>(full);
        long rest = bytes - full.size() * WINDOW_BYTES;
        if (rest > 0) {
            windows.add(map(full.size() * WINDOW_BYTES, rest));
        }
        return new Bytes(windows);
    }

    private MappedByteBuffer map(long from, long bytes) throws IOException {
        // A channel of its own: a reader that is interrupted here would close one that others use.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(MapMode.READ_ONLY, from, bytes);
        }
    }
}
