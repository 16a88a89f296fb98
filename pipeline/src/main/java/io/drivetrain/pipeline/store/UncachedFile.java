package io.drivetrain.pipeline.store;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A new file that is written past the page cache where its file system can do that: the cache's bookkeeping of images that
 * nobody reads soon takes longer than writing them, and pushes out what broker and RocksDB will read. Nothing can be read
 * of the file before it is closed, since only whole blocks are written so; the last one is filled up and cut again.
 */
final class UncachedFile extends OutputStream {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final Set<OpenOption> CACHED =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    private static final Set<OpenOption> UNCACHED = Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            ExtendedOpenOption.DIRECT);

    /** Opens a file. */
    @FunctionalInterface
    interface Opener {
        /**
         * Opens.
         *
         * @throws FileSystemException if this file system or another reason forbids it
         * @throws UnsupportedOperationException if no file system of this kind can be written past its cache
         */
        FileChannel open(Path file, Set<OpenOption> options) throws IOException;
    }

    private final Path file;
    private final Opener opener;
    private final int block;
    private final ByteBuffer buffer;
    private FileChannel channel;
    private boolean cached;
    private long length;
    private boolean closed;

    /** Creates the file, or empties the one that is there. */
    UncachedFile(Path file) throws IOException {
        this(file, FileChannel::open);
    }

    UncachedFile(Path file, Opener opener) throws IOException {
        this.file = file;
        this.opener = opener;
        try {
            channel = opener.open(file, UNCACHED);
        } catch (FileSystemException | UnsupportedOperationException e) {
            // Linux says EINVAL; any other reason comes again.
            channel = opener.open(file, CACHED);
            cached = true;
        }
        block = Math.toIntExact(Files.getFileStore(file).getBlockSize());
        buffer = ByteBuffer.allocateDirect(BUFFER_BYTES + block).alignedSlice(block);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        length += count;
        int from = offset;
        int left = count;
        while (left > 0) {
            int some = Math.min(left, buffer.remaining());
            buffer.put(bytes, from, some);
            from += some;
            left -= some;
            if (!buffer.hasRemaining()) {
                drain();
            }
        }
    }

    private void drain() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            try {
                channel.write(buffer);
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // Some file systems open so and refuse to write so; any other reason comes again.
                if (cached) {
                    throw e;
                }
                goOnThroughTheCache();
            }
        }
        buffer.clear();
    }

    private void goOnThroughTheCache() throws IOException {
        try (FileChannel uncached = channel) {
            channel = opener.open(file, Set.of(StandardOpenOption.WRITE));
            channel.position(uncached.position());
        }
        cached = true;
    }

    /** Writes the rest; the file then has its length. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            while (buffer.position() % block != 0) {
                buffer.put((byte) 0);
            }
            drain();
            channel.truncate(length);
        } finally {
            channel.close();
        }
    }
}
