package io.drivetrain.trainer.fit;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
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
        // A stream and not a channel, which an interrupt would close in the middle.
        try (FileOutputStream file = new FileOutputStream(unfinished.toFile())) {
            CheckedOutputStream summed = new CheckedOutputStream(file, new CRC32C());
            DataOutputStream out = new DataOutputStream(summed);
            out.writeInt(MAGIC);
            out.writeInt(json.length);
            out.write(json);
            for (INDArray array : arrays) {
                out.writeLong(array.length());
                write(array, out);
            }
            out.writeLong(summed.getChecksum().getValue());
            out.flush();
            file.getFD().sync();
        }
        Files.move(
                unfinished, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Header of the checkpoint; empty if there is none or it is damaged. */
    Optional<Checkpoint> header() throws IOException {
        if (!Files.isRegularFile(folder.resolve(NAME)) || !isWhole()) {
            return Optional.empty();
        }
        try (DataInputStream in = open()) {
            return Optional.of(JSON.readValue(json(in), Checkpoint.class));
        }
    }

    /** Reads the arrays into others of the same lengths. */
    void read(List<INDArray> arrays) throws IOException {
        try (DataInputStream in = open()) {
            json(in);
            for (INDArray array : arrays) {
                long length = in.readLong();
                if (length != array.length()) {
                    throw new IOException("The checkpoint in %s has an array of %d values where the network has %d"
                            .formatted(folder, length, array.length()));
                }
                read(in, array);
            }
        }
    }

    private DataInputStream open() throws IOException {
        return new DataInputStream(new BufferedInputStream(Files.newInputStream(folder.resolve(NAME)), CHUNK));
    }

    private boolean isWhole() throws IOException {
        long content = Files.size(folder.resolve(NAME)) - Long.BYTES;
        try (CheckedInputStream summed = new CheckedInputStream(open(), new CRC32C())) {
            DataInputStream in = new DataInputStream(summed);
            byte[] chunk = new byte[CHUNK];
            for (long read = 0; read < content; ) {
                int now = (int) Math.min(chunk.length, content - read);
                in.readFully(chunk, 0, now);
                read += now;
            }
            long sum = summed.getChecksum().getValue();
            return content > 0 && in.readLong() == sum;
        } catch (EOFException e) {
            return false;
        }
    }

    private byte[] json(DataInputStream in) throws IOException {
        int magic = in.readInt();
        if (magic != MAGIC) {
            throw new IOException("%s is not a checkpoint".formatted(folder.resolve(NAME)));
        }
        byte[] json = new byte[in.readInt()];
        in.readFully(json);
        return json;
    }

    private static void write(INDArray array, OutputStream out) throws IOException {
        Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
        FloatBuffer memory = array.data().asNioFloat();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        float[] values = new float[CHUNK / Float.BYTES];
        for (long written = 0; written < array.length(); ) {
            int now = (int) Math.min(values.length, array.length() - written);
            memory.get(values, 0, now);
            chunk.clear().asFloatBuffer().put(values, 0, now);
            out.write(chunk.array(), 0, now * Float.BYTES);
            written += now;
        }
    }

    private static void read(DataInputStream in, INDArray array) throws IOException {
        FloatBuffer memory = array.data().asNioFloat();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        float[] values = new float[CHUNK / Float.BYTES];
        for (long read = 0; read < array.length(); ) {
            int now = (int) Math.min(values.length, array.length() - read);
            in.readFully(chunk.array(), 0, now * Float.BYTES);
            chunk.clear().asFloatBuffer().get(values, 0, now);
            memory.put(values, 0, now);
            read += now;
        }
        // A graphics card then takes its copy from here.
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }
}
