package io.drivetrain.trainer.assemble;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/**
 * The samples of the four splits in a folder, together with the Kafka offsets they were read up to.
 *
 * <p>{@link #commit} makes what was appended since the last one durable: first the data, then a file {@code commit.json}
 * with counts and offsets that is renamed into place. Opening cuts the data back to that file, so a process that was
 * killed in the middle goes on at the committed offsets and loses and duplicates nothing. Readers see committed samples
 * only. Safe for several threads.
 */
public final class ShardStore implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;
    private final PixelShape shape;
    private final Map<Split, Shard> shards = new EnumMap<>(Split.class);
    private final Map<Split, Integer> committed = new EnumMap<>(Split.class);
    private final Map<Split, Revisions> revisions = new EnumMap<>(Split.class);
    private Offsets position = Offsets.none();
    private Skips skips = new Skips(0, "");

    /** Records that could not be stored since the store was begun, and why the last of them. */
    public record Skips(long count, String lastReason) {}

    private ShardStore(Path root, PixelShape shape) {
        this.root = root;
        this.shape = shape;
    }

    /**
     * Opens the store in a folder, creating both if need be.
     *
     * @throws ShardException if the folder cannot be written, or holds another shape or damaged data
     */
    public static ShardStore open(Path root, PixelShape shape) throws ShardException {
        ShardStore store = new ShardStore(root, shape);
        try {
            Files.createDirectories(root);
            store.restore(Shard::open);
        } catch (IOException e) {
            store.closeQuietly();
            throw new ShardException(
                    "Cannot use the folder %s for training data (%s); check training.directory, rights and space"
                            .formatted(root, Shard.reason(e)),
                    e);
        } catch (ShardException e) {
            store.closeQuietly();
            throw e;
        }
        return store;
    }

    /**
     * Opens what another process has committed so far, for reading alone: nothing is changed, and what that process
     * commits afterwards is not seen. Nothing may be appended.
     *
     * @return empty if nothing was ever committed there
     * @throws ShardException if it cannot be read, holds another shape or is damaged
     */
    public static Optional<ShardStore> openReadOnly(Path root, PixelShape shape) throws ShardException {
        ShardStore store = new ShardStore(root, shape);
        if (!Files.exists(store.commitFile())) {
            return Optional.empty();
        }
        try {
            store.restore(Shard::openReadOnly);
            return Optional.of(store);
        } catch (IOException e) {
            store.closeQuietly();
            throw new ShardException(
                    "Cannot read the folder %s (%s); check training.directory and rights"
                            .formatted(root, Shard.reason(e)),
                    e);
        } catch (ShardException e) {
            store.closeQuietly();
            throw e;
        }
    }

    /**
     * The offsets up to which the store in a folder is committed at this moment, without opening it.
     *
     * @return empty if nothing was ever committed there
     * @throws ShardException if the file cannot be read
     */
    public static Optional<Offsets> committed(Path root) throws ShardException {
        Path file = root.resolve("commit.json");
        try {
            return Files.exists(file) ? Optional.of(offsets(JSON.readTree(Files.readString(file)))) : Optional.empty();
        } catch (IOException e) {
            throw new ShardException(
                    "Cannot read %s (%s); check training.directory and rights".formatted(file, Shard.reason(e)), e);
        }
    }

    /** A way to open the shard of a split. */
    private interface Opening {
        Shard open(Path root, Split split, PixelShape shape, long samples, long indexBytes) throws ShardException;
    }

    private Path commitFile() {
        return root.resolve("commit.json");
    }

    private void restore(Opening opening) throws IOException, ShardException {
        JsonNode commit =
                Files.exists(commitFile()) ? JSON.readTree(Files.readString(commitFile())) : JSON.createObjectNode();
        if (commit.has("shape") && !commit.get("shape").asText().equals(shape.toString())) {
            throw new ShardException("The folder %s holds samples of %s, configured are %s; use another folder"
                    .formatted(root, commit.get("shape").asText(), shape));
        }
        for (Split split : Split.values()) {
            JsonNode counts = commit.path("splits").path(Splits.label(split));
            Shard shard = opening.open(
                    root,
                    split,
                    shape,
                    counts.path("samples").asLong(0),
                    counts.path("indexBytes").asLong(0));
            shards.put(split, shard);
            committed.put(split, 0);
            revisions.put(split, new Revisions());
            grew(split, shard);
        }
        skips = new Skips(
                commit.path("skipped").asLong(0), commit.path("lastSkip").asText(""));
        position = offsets(commit);
    }

    private static Offsets offsets(JsonNode commit) {
        Map<Offsets.Partition, Long> next = new TreeMap<>();
        for (JsonNode offset : commit.path("offsets")) {
            next.put(
                    new Offsets.Partition(
                            offset.get("topic").asText(),
                            offset.get("partition").asInt()),
                    offset.get("offset").asLong());
        }
        return Offsets.of(next);
    }

    /** The shape of all samples in it. */
    public PixelShape shape() {
        return shape;
    }

    /** The offsets up to which all records are committed. */
    public synchronized Offsets position() {
        return position;
    }

    /** Samples committed in a split; one whose label was corrected is one. */
    public synchronized int size(Split split) {
        return committed.get(split) - revisions.get(split).superseded();
    }

    /** Samples committed by name of the split, in the order train, train-dev, test-dev, test. */
    public synchronized Map<String, Long> sizes() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        committed.keySet().forEach(split -> sizes.put(Splits.label(split), (long) size(split)));
        return sizes;
    }

    /** Drives of train committed of which no record lies before the given offsets. */
    public synchronized int trainDrivesSince(Offsets offsets) {
        return heldOfTrain().drivesSince(offsets);
    }

    /** Samples of train committed that do not lie before the given offsets, corrections of earlier ones among them. */
    public synchronized int trainSamplesSince(Offsets offsets) {
        SampleIndex train = heldOfTrain();
        SampleIndex.Covered covered = train.covered(offsets);
        int fresh = 0;
        for (int i = 0; i < train.size(); i++) {
            fresh += covered.test(i) ? 0 : 1;
        }
        return fresh;
    }

    private SampleIndex heldOfTrain() {
        return shards.get(Split.TRAIN).held(committed.get(Split.TRAIN));
    }

    /** Bytes of heap that the index of all samples takes, without the names of drives and classes. */
    public synchronized long heapBytes() {
        return shards.values().stream().mapToLong(Shard::heapBytes).sum();
    }

    /**
     * Appends a sample; it counts from the next commit on.
     *
     * @param split whose topic it was read from
     * @param partition of that topic
     * @param offset in that partition
     * @return skipped if its pixels do not have this store's shape
     * @throws ShardException if the disk does not take it; the store is then to be closed
     */
    public synchronized AppendResult append(Split split, CuratedSample sample, int partition, long offset)
            throws ShardException {
        if (!shape.fits(sample.getPixels())) {
            return new AppendResult.Skipped(
                    ("Sample %s has pixels of %dx%dx%d (%d bytes), training wants %s; run curation and training with the"
                                    + " same image.width and image.height, and curate again what has another size")
                            .formatted(
                                    sample.getSampleId(),
                                    sample.getPixels().getChannels(),
                                    sample.getPixels().getHeight(),
                                    sample.getPixels().getWidth(),
                                    sample.getPixels().getData().remaining(),
                                    shape));
        }
        shards.get(split).append(sample, partition, offset);
        return new AppendResult.Appended();
    }

    /** Counts a record that could not be stored; it lasts from the next commit on. */
    public synchronized Skips skip(String reason) {
        skips = new Skips(skips.count() + 1, reason);
        return skips;
    }

    public synchronized Skips skips() {
        return skips;
    }

    /**
     * Makes all that was appended durable and visible.
     *
     * @param next the offsets to read on from; skipped records count as read
     */
    public synchronized void commit(Offsets next) throws ShardException {
        for (Map.Entry<Split, Shard> entry : shards.entrySet()) {
            if (entry.getValue().size() != committed.get(entry.getKey())) {
                entry.getValue().force();
            }
        }
        ObjectNode commit = JSON.createObjectNode();
        commit.put("shape", shape.toString());
        commit.put("skipped", skips.count());
        commit.put("lastSkip", skips.lastReason());
        ObjectNode splits = commit.putObject("splits");
        shards.forEach((split, shard) -> splits.putObject(Splits.label(split))
                .put("samples", shard.size())
                .put("indexBytes", shard.indexBytes()));
        ArrayNode offsets = commit.putArray("offsets");
        next.asMap()
                .forEach((partition, offset) -> offsets.addObject()
                        .put("topic", partition.topic())
                        .put("partition", partition.partition())
                        .put("offset", offset));
        try {
            replaceAtomically(commitFile(), commit.toPrettyString());
        } catch (IOException e) {
            throw new ShardException(
                    "Cannot commit to %s (%s); free some space and start the trainer again, it goes on from its last commit"
                            .formatted(commitFile(), Shard.reason(e)),
                    e);
        }
        shards.forEach(this::grew);
        position = next;
    }

    private void grew(Split split, Shard shard) {
        revisions.get(split).grew(shard.held(shard.size()), committed.get(split));
        committed.put(split, shard.size());
    }

    /**
     * Writes a file so that after a crash it is there whole, either the old or the new one.
     *
     * @param text the whole content
     */
    public static void replaceAtomically(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system cannot rename atomically; use a local disk", e);
        }
        forceDirectory(file.toAbsolutePath().getParent());
    }

    /** Makes renames in a folder durable. */
    private static void forceDirectory(Path directory) throws IOException {
        if (System.getProperty("os.name").startsWith("Windows")) {
            // Windows opens no folder as a file; NTFS logs the rename by itself.
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * The committed samples of a split before the given offsets, in canonical order.
     *
     * @throws IllegalArgumentException if the selection wants larger pixels than are stored
     */
    public synchronized SplitView view(Split split, Offsets upTo, Selection selection) throws ShardException {
        int samples = committed.get(split);
        Shard shard = shards.get(split);
        return SplitView.of(split, shape, shard.entries(samples), shard.map(samples), upTo, selection);
    }

    /** Closes the files; what was not committed is forgotten by the next {@link #open}. */
    @Override
    public synchronized void close() throws IOException {
        for (Shard shard : shards.values()) {
            shard.close();
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            // The open has failed already, and its reason is the one worth telling.
            LoggerFactory.getLogger(ShardStore.class).debug("Closing after a failed open", e);
        }
    }
}
