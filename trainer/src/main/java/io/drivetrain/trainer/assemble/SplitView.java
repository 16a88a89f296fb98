package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Samples of one split, each in its highest label revision, sorted by drive, frame and sample id, so that the same records
 * give the same view in whatever order they arrived. It does not change when the store grows, and can be read from several threads.
 */
public final class SplitView implements SampleStore {
    private final Split split;
    private final PixelShape shape;
    private final PixelSource pixels;
    private final List<String> telemetry;
    private final List<IndexEntry> entries;
    private final int[] records;
    private final int[] labels;
    private final int[] driveOf;
    private final List<String> drives;
    private final LeftOut leftOut;

    /**
     * Samples that the view does not show.
     *
     * @param ofOtherClasses their label is none of the selected classes
     * @param ofRetiredTestDev of test-dev before it was rotated
     * @param overLimit of train, beyond the limit
     */
    public record LeftOut(int ofOtherClasses, int ofRetiredTestDev, int overLimit) {}

    private SplitView(
            Split split,
            PixelShape shape,
            PixelSource pixels,
            List<String> telemetry,
            List<IndexEntry> entries,
            int[] records,
            int[] labels,
            LeftOut leftOut) {
        this.split = split;
        this.shape = shape;
        this.pixels = pixels;
        this.telemetry = telemetry;
        this.entries = entries;
        this.records = records;
        this.labels = labels;
        this.driveOf = new int[records.length];
        this.drives = new ArrayList<>();
        this.leftOut = leftOut;
        for (int i = 0; i < records.length; i++) {
            String drive = sample(i).getDriveId();
            if (drives.isEmpty() || !drives.get(drives.size() - 1).equals(drive)) {
                drives.add(drive);
            }
            driveOf[i] = drives.size() - 1;
        }
    }

    static SplitView of(
            Split split,
            PixelShape shape,
            List<IndexEntry> entries,
            PixelSource pixels,
            Offsets upTo,
            Selection selection) {
        Map<String, Integer> classIndex = new HashMap<>();
        selection.classes().forEach(name -> classIndex.put(name, classIndex.size()));
        List<Integer> covered = new ArrayList<>();
        for (int record = 0; record < entries.size(); record++) {
            IndexEntry entry = entries.get(record);
            if (upTo.cover(entry.source(), entry.offset())) {
                covered.add(record);
            }
        }
        // A label that was corrected to a class that is not selected leaves no older one behind.
        covered = Revisions.newest(entries, covered);
        List<Integer> order = new ArrayList<>();
        for (int record : covered) {
            if (classIndex.containsKey(entries.get(record).sample().getLabel())) {
                order.add(record);
            }
        }
        final int ofOtherClasses = covered.size() - order.size();
        int retired = order.size();
        if (split == Split.TEST_DEV) {
            order = newestGeneration(order, entries);
        }
        retired -= order.size();
        int overLimit = order.size();
        if (split == Split.TRAIN && selection.limit() > 0 && order.size() > selection.limit()) {
            order = limited(order, entries, selection.limit());
        }
        overLimit -= order.size();
        order = byDrive(order, entries, Comparator.naturalOrder());
        int[] records = order.stream().mapToInt(Integer::intValue).toArray();
        int[] labels = order.stream()
                .mapToInt(record -> classIndex.get(entries.get(record).sample().getLabel()))
                .toArray();
        return new SplitView(
                split,
                selection.size().orElse(shape),
                selection
                        .size()
                        .filter(size -> !size.equals(shape))
                        .<PixelSource>map(size -> new AreaAverage(pixels, shape, size))
                        .orElse(pixels),
                selection.telemetry(),
                entries,
                records,
                labels,
                new LeftOut(ofOtherClasses, retired, overLimit));
    }

    /** A test-dev that was rotated has been looked at too often; only the drives since then count. */
    private static List<Integer> newestGeneration(List<Integer> order, List<IndexEntry> entries) {
        int newest = order.stream()
                .mapToInt(record -> generation(entries.get(record)))
                .max()
                .orElse(0);
        return new ArrayList<>(order.stream()
                .filter(record -> generation(entries.get(record)) == newest)
                .toList());
    }

    private static int generation(IndexEntry entry) {
        Integer generation = entry.sample().getTestDevGeneration();
        return generation == null ? 0 : generation;
    }

    private static List<Integer> limited(List<Integer> order, List<IndexEntry> entries, int limit) {
        Map<String, String> hashes = new HashMap<>();
        return byDrive(order, entries, Comparator.comparing(drive -> hashes.computeIfAbsent(drive, SplitView::hash)))
                .subList(0, limit);
    }

    /**
     * The records by drive, then frame and sample id, so that it does not matter how Kafka interleaved the partitions. Drives
     * are sorted and not their samples: of a million samples those are a hundredth, and comparing two ids misses the cache.
     */
    private static List<Integer> byDrive(List<Integer> order, List<IndexEntry> entries, Comparator<String> drives) {
        Map<String, List<Integer>> recordsOf = new HashMap<>();
        for (Integer record : order) {
            recordsOf
                    .computeIfAbsent(entries.get(record).sample().getDriveId(), drive -> new ArrayList<>())
                    .add(record);
        }
        Comparator<Integer> withinDrive = (a, b) -> IndexEntry.WITHIN_DRIVE.compare(entries.get(a), entries.get(b));
        List<Integer> sorted = new ArrayList<>(order.size());
        recordsOf.keySet().stream().sorted(drives).forEachOrdered(drive -> {
            List<Integer> records = recordsOf.get(drive);
            records.sort(withinDrive);
            sorted.addAll(records);
        });
        return sorted;
    }

    private static String hash(String driveId) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(driveId.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private CuratedSample sample(int index) {
        return entries.get(records[index]).sample();
    }

    public Split split() {
        return split;
    }

    @Override
    public int size() {
        return records.length;
    }

    @Override
    public int channels() {
        return shape.channels();
    }

    @Override
    public int height() {
        return shape.height();
    }

    @Override
    public int width() {
        return shape.width();
    }

    @Override
    public void readPixels(int index, byte[] into, int offset) {
        pixels.read(records[index], into, offset);
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public int drive(int index) {
        return driveOf[index];
    }

    @Override
    public int telemetryCount() {
        return telemetry.size();
    }

    @Override
    public void readTelemetry(int index, float[] into, int offset) {
        Map<String, Double> sent = sample(index).getTelemetry();
        for (int i = 0; i < telemetry.size(); i++) {
            Double value = sent.get(telemetry.get(i));
            into[offset + i] = value == null ? Float.NaN : value.floatValue();
        }
    }

    /** Class indices in index order. */
    public int[] labels() {
        return labels.clone();
    }

    /** Drive of each sample, as an index into {@link #drives()}. */
    public int[] driveOf() {
        return driveOf.clone();
    }

    /** The drives' ids, sorted. */
    public List<String> drives() {
        return List.copyOf(drives);
    }

    public String sampleId(int index) {
        return sample(index).getSampleId();
    }

    public String labelName(int index) {
        return sample(index).getLabel();
    }

    public Measurements measurements(int index) {
        return sample(index).getMeasurements();
    }

    public Map<String, String> attributes(int index) {
        return sample(index).getAttributes();
    }

    /** The annotator or tool that gave the label, if the producer said. */
    public Optional<String> labelSource(int index) {
        return Optional.ofNullable(sample(index).getLabelSource());
    }

    public int frame(int index) {
        return sample(index).getFrameIndex();
    }

    /** Of the original bytes, hex. */
    public String imageSha256(int index) {
        return sample(index).getImageSha256();
    }

    public LeftOut leftOut() {
        return leftOut;
    }
}
