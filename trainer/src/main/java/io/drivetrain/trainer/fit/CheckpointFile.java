package io.drivetrain.trainer.fit;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One checkpoint in a folder: a header in JSON, arrays of 32-bit floats, and a checksum over all of it. The file is
 * replaced in one step, so that a process killed while writing leaves the one before.
 */
final class CheckpointFile {
    private static final String NAME = "checkpoint.bin";
    private static final String UNFINISHED = ".part";
    private static final int MAGIC = 0x44544350;
    private static final int CHUNK = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    CheckpointFile(Path folder) {
        this.folder = folder;
    }

    /** Writes a checkpoint in place of the one before. */
    void write(Checkpoint header, List<INDArray> arrays) throws IOException {
        Files.createDirectories(folder);
        Path unfinished = folder.resolve(NAME + UNFINISHED);
        byte[] json = JSON.writeValueAsBytes(header);
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            Writer writer = new Writer(channel);
            writer.write(buffer(2 * Integer.BYTES).putInt(MAGIC).putInt(json.length).flip());
            writer.write(ByteBuffer.wrap(json));
            for (INDArray array : arrays) {
                writer.write(array);
            }
            writer.finish();
            channel.force(true);
        }
        Files.move(
                unfinished,
                folder.resolve(NAME),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Header of the checkpoint; empty if there is none or it is damaged. */
    Optional<Checkpoint> header() throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file) || !isWhole(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return Optional.of(JSON.readValue(json(channel), Checkpoint.class));
        }
    }

    /** Reads the arrays into others of the same lengths. */
    void read(List<INDArray> arrays) throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve(NAME))) {
            json(channel);
            for (INDArray array : arrays) {
                read(channel, array);
            }
        }
    }

    private static byte[] json(FileChannel channel) throws IOException {
        ByteBuffer prefix = buffer(2 * Integer.BYTES);
        readFully(channel, prefix);
        int magic = prefix.getInt();
        int length = prefix.getInt();
        if (magic != MAGIC) {
            throw new IOException("There is no checkpoint in %s".formatted(channel));
        }
        byte[] json = new byte[length];
        readFully(channel, ByteBuffer.wrap(json));
        return json;
    }

    private static void read(FileChannel channel, INDArray array) throws IOException {
        ByteBuffer length = buffer(Long.BYTES);
        readFully(channel, length);
        long floats = length.getLong();
        if (floats != array.length()) {
            throw new IOException("The checkpoint has an array of %d values where the network has %d"
                    .formatted(floats, array.length()));
        }
        FloatBuffer memory = array.data().asNioFloat();
        ByteBuffer chunk = buffer(CHUNK);
        for (long read = 0; read < floats; ) {
            int now = (int) Math.min(CHUNK / Float.BYTES, floats - read);
            chunk.clear().limit(now * Float.BYTES);
            readFully(channel, chunk);
            memory.put(chunk.asFloatBuffer());
            read += now;
        }
        // A graphics card then takes its copy from here.
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }

    private static boolean isWhole(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long content = channel.size() - Long.BYTES;
            if (content < 2 * Integer.BYTES) {
                return false;
            }
            CRC32C checksum = new CRC32C();
            ByteBuffer chunk = buffer(CHUNK);
            while (channel.position() < content) {
                chunk.clear().limit((int) Math.min(CHUNK, content - channel.position()));
                readFully(channel, chunk);
                checksum.update(chunk);
            }
            ByteBuffer stored = buffer(Long.BYTES);
            readFully(channel, stored);
            return stored.getLong() == checksum.getValue();
        }
    }

    /** Fills the buffer up to its limit and flips it. */
    private static void readFully(FileChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new IOException("The checkpoint ends too early");
            }
        }
        into.flip();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes and sums up at once. */
    private static final class Writer {
        private final FileChannel channel;
        private final CRC32C checksum = new CRC32C();
        private final ByteBuffer chunk = buffer(CHUNK);

        Writer(FileChannel channel) {
            this.channel = channel;
        }

        void write(INDArray array) throws IOException {
            write(buffer(Long.BYTES).putLong(array.length()).flip());
            Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
            FloatBuffer memory = array.data().asNioFloat();
            for (long written = 0; written < array.length(); ) {
                int now = (int) Math.min(CHUNK / Float.BYTES, array.length() - written);
                chunk.clear();
                for (int i = 0; i < now; i++) {
                    chunk.putFloat(memory.get());
                }
                write(chunk.flip());
                written += now;
            }
        }

        void write(ByteBuffer bytes) throws IOException {
            checksum.update(bytes.duplicate());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        void finish() throws IOException {
            ByteBuffer sum = buffer(Long.BYTES).putLong(checksum.getValue()).flip();
            while (sum.hasRemaining()) {
                channel.write(sum);
            }
        }
    }
}
