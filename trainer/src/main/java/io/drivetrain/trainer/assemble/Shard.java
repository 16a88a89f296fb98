package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One split on disk: {@code pixels.bin} with records of one size, and {@code index.bin} with as many entries. Both are
 * only ever appended to, and cut back to the last commit when opened.
 *
 * <p>An index entry is: length of the rest, partition, offset, CRC-32C of the record, the record in its wire encoding
 * with empty pixel data. Not safe for several threads; {@link ShardStore} guards it.
 */
final class Shard {
    private static final int ENTRY_HEADER = Integer.BYTES + Long.BYTES + Integer.BYTES;

    private final Split split;
    private final PixelShape shape;
    private final Path pixelFile;
    private final Path indexFile;
    private final FileChannel pixels;
    private final FileChannel index;
    private final MappedFile pixelMap;
    private final MappedFile indexMap;
    private final SampleIndex.Growing entries;
    /** Where each entry ends in the index file. */
    private long[] entryEnds = new long[0];

    private long indexBytes;

    private Shard(Split split, PixelShape shape, Path directory, boolean readOnly) throws IOException {
        this.split = split;
        this.shape = shape;
        this.pixelFile = directory.resolve("pixels.bin");
        this.indexFile = directory.resolve("index.bin");
        this.pixels = open(pixelFile, readOnly);
        this.index = open(indexFile, readOnly);
        this.pixelMap = new MappedFile(pixelFile);
        this.indexMap = new MappedFile(indexFile);
        this.entries = new SampleIndex.Growing(Topic.of(split).topicName());
    }

    private static FileChannel open(Path file, boolean readOnly) throws IOException {
        return readOnly
                ? FileChannel.open(file, StandardOpenOption.READ)
                : FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /**
     * Opens a split's shard and forgets what came after the last commit.
     *
     * @param samples number of samples committed
     * @param indexBytes length of the index committed
     */
    static Shard open(Path root, Split split, PixelShape shape, long samples, long indexBytes) throws ShardException {
        Path directory = root.resolve(Splits.label(split));
        try {
            Files.createDirectories(directory);
            Shard shard = new Shard(split, shape, directory, false);
            try {
                shard.restore(samples, indexBytes);
                shard.forget(samples);
                return shard;
            } catch (IOException | ShardException e) {
                shard.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ShardException(
                    "Cannot open the shard %s (%s); check rights and space, or delete %s so that it is read from Kafka again"
                            .formatted(directory, reason(e), root),
                    e);
        }
    }

    /**
     * Opens what is committed of a split's shard for reading alone, also while another process appends to it.
     *
     * @param samples number of samples committed
     * @param indexBytes length of the index committed
     */
    static Shard openReadOnly(Path root, Split split, PixelShape shape, long samples, long indexBytes)
            throws ShardException {
        Path directory = root.resolve(Splits.label(split));
        try {
            Shard shard = new Shard(split, shape, directory, true);
            try {
                shard.restore(samples, indexBytes);
                return shard;
            } catch (IOException | ShardException e) {
                shard.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ShardException("Cannot read the shard %s (%s); check rights".formatted(directory, reason(e)), e);
        }
    }

    private void restore(long samples, long committedIndexBytes) throws IOException, ShardException {
        long pixelBytes = samples * shape.bytes();
        if (pixels.size() < pixelBytes || index.size() < committedIndexBytes) {
            throw damaged("it is shorter than its commit says", null);
        }
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(Channels.newInputStream(FileChannel.open(indexFile)), 1 << 16))) {
            while (indexBytes < committedIndexBytes) {
                int length = in.readInt();
                if (length < ENTRY_HEADER || length > committedIndexBytes - indexBytes) {
                    throw damaged("entry %d has an impossible length".formatted(entries.size()), null);
                }
                int partition = in.readInt();
                long offset = in.readLong();
                int checksum = in.readInt();
                byte[] record = in.readNBytes(length - ENTRY_HEADER);
                if (checksum(record) != checksum) {
                    throw damaged("entry %d fails its checksum".formatted(entries.size()), null);
                }
                note(Wire.decode(record, CuratedSample.class), partition, offset, Integer.BYTES + length);
            }
        } catch (UndecodableRecordException e) {
            throw damaged("entry %d cannot be decoded: %s".formatted(entries.size(), e.getMessage()), e);
        }
        if (entries.size() != samples) {
            throw damaged("it holds %d entries, its commit says %d".formatted(entries.size(), samples), null);
        }
    }

    /** Cuts off what came after the last commit, and goes on there. */
    private void forget(long samples) throws IOException {
        long pixelBytes = samples * shape.bytes();
        pixels.truncate(pixelBytes).position(pixelBytes);
        index.truncate(indexBytes).position(indexBytes);
    }

    private ShardException damaged(String why, Exception cause) {
        return new ShardException(
                "The shard %s is damaged (%s); stop the trainer and delete %s, it is then read from Kafka again"
                        .formatted(
                                indexFile.getParent(),
                                why,
                                indexFile.getParent().getParent()),
                cause);
    }

    /** Appends one sample whose pixels have the shard's shape. */
    void append(CuratedSample sample, int partition, long offset) throws ShardException {
        ByteBuffer data = sample.getPixels().getData().duplicate();
        CuratedSample bare = CuratedSample.newBuilder(sample)
                .setPixels(new Pixels(shape.channels(), shape.height(), shape.width(), ByteBuffer.allocate(0)))
                .build();
        byte[] record = Wire.encode(bare);
        ByteBuffer entry = ByteBuffer.allocate(Integer.BYTES + ENTRY_HEADER + record.length)
                .putInt(ENTRY_HEADER + record.length)
                .putInt(partition)
                .putLong(offset)
                .putInt(checksum(record))
                .put(record)
                .flip();
        // Written by channel, not through the map: a full disk is then an exception here, not a fault of the whole JVM.
        write(pixels, pixelFile, data);
        int entryBytes = entry.remaining();
        write(index, indexFile, entry);
        note(bare, partition, offset, entryBytes);
    }

    private void note(CuratedSample sample, int partition, long offset, int entryBytes) {
        indexBytes += entryBytes;
        if (entries.size() == entryEnds.length) {
            // A copy, so that readers of the present one are not disturbed.
            entryEnds = Arrays.copyOf(entryEnds, entryEnds.length + Math.max(64, entryEnds.length / 2));
        }
        entryEnds[entries.size()] = indexBytes;
        entries.append(sample, partition, offset);
    }

    private static void write(FileChannel channel, Path file, ByteBuffer bytes) throws ShardException {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new ShardException(
                    "Cannot append to %s (%s); free some space and start the trainer again, it goes on from its last commit"
                            .formatted(file, reason(e)),
                    e);
        }
    }

    /** Brings all that was appended to the disk. */
    void force() throws ShardException {
        try {
            pixels.force(false);
            index.force(false);
        } catch (IOException e) {
            throw new ShardException(
                    "Cannot write %s to the disk (%s); free some space and start the trainer again, it goes on from its last commit"
                            .formatted(pixelFile.getParent(), reason(e)),
                    e);
        }
    }

    int size() {
        return entries.size();
    }

    long indexBytes() {
        return indexBytes;
    }

    /** Bytes of heap for what is held of the entries. */
    long heapBytes() {
        return entries.heapBytes() + (long) Long.BYTES * entryEnds.length;
    }

    /** The first {@code samples} entries, in the order of arrival; they are read as long as the shard is open. */
    SampleIndex entries(int samples) throws ShardException {
        long[] ends = entryEnds;
        MappedFile.Bytes bytes = mapped(indexMap, indexFile, samples == 0 ? 0 : ends[samples - 1]);
        return entries.first(samples, record -> {
            long from = (record == 0 ? 0 : ends[record - 1]) + Integer.BYTES + ENTRY_HEADER;
            byte[] wire = new byte[(int) (ends[record] - from)];
            bytes.read(from, wire, 0, wire.length);
            try {
                return Wire.decode(wire, CuratedSample.class);
            } catch (UndecodableRecordException e) {
                // It could be decoded when it was appended or the shard was opened.
                throw new IllegalStateException(
                        damaged("entry %d cannot be decoded: %s".formatted(record, e.getMessage()), e));
            }
        });
    }

    /** The first {@code samples} entries without what is on the disk alone. */
    SampleIndex held(int samples) {
        return entries.first(samples, record -> {
            throw new IllegalStateException("Record %d is not to be read".formatted(record));
        });
    }

    /** Maps the pixels of the first {@code samples} samples for reading. */
    PixelSource map(int samples) throws ShardException {
        MappedFile.Bytes bytes = mapped(pixelMap, pixelFile, (long) samples * shape.bytes());
        return (record, into, offset) -> bytes.read((long) record * shape.bytes(), into, offset, shape.bytes());
    }

    private static MappedFile.Bytes mapped(MappedFile map, Path file, long bytes) throws ShardException {
        try {
            return map.first(bytes);
        } catch (IOException e) {
            throw new ShardException(
                    "Cannot map %s into memory (%s); check that the file can be read".formatted(file, reason(e)), e);
        }
    }

    void close() throws IOException {
        pixels.close();
        index.close();
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    static String reason(IOException e) {
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
