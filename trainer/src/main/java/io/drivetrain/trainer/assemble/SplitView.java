package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Samples of one split, each in its highest label revision, sorted by drive, frame and sample id, so that the same records
 * give the same view in whatever order they arrived. It does not change when the store grows, and can be read from several threads.
 */
public final class SplitView implements SampleStore {
    private final Split split;
    private final PixelShape shape;
    private final PixelSource pixels;
    private final List<String> telemetry;
    private final SampleIndex index;
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
            SampleIndex index,
            int[] records,
            int[] labels,
            LeftOut leftOut) {
        this.split = split;
        this.shape = shape;
        this.pixels = pixels;
        this.telemetry = telemetry;
        this.index = index;
        this.records = records;
        this.labels = labels;
        this.driveOf = new int[records.length];
        this.drives = new ArrayList<>();
        this.leftOut = leftOut;
        for (int i = 0; i < records.length; i++) {
            if (i == 0 || index.drive(records[i]) != index.drive(records[i - 1])) {
                drives.add(index.driveId(index.drive(records[i])));
            }
            driveOf[i] = drives.size() - 1;
        }
    }

    static SplitView of(
            Split split, PixelShape shape, SampleIndex index, PixelSource pixels, Offsets upTo, Selection selection) {
        IntUnaryOperator classOf = classOf(index, selection.classes());
        SampleIndex.Covered coveredBy = index.covered(upTo);
        int[] covered = Revisions.newest(
                index, IntStream.range(0, index.size()).filter(coveredBy::test).toArray());
        // A label that was corrected to a class that is not selected leaves no older one behind.
        int[] ofClasses = Arrays.stream(covered)
                .filter(record -> classOf.applyAsInt(record) >= 0)
                .toArray();
        int[] current = split == Split.TEST_DEV ? newestGeneration(ofClasses, index) : ofClasses;
        boolean limited = split == Split.TRAIN && selection.limit() > 0 && current.length > selection.limit();
        int[] kept = limited ? limited(current, index, selection.limit()) : current;
        int[] records = byDrive(kept, index, Comparator.naturalOrder());
        return new SplitView(
                split,
                selection.size().orElse(shape),
                selection
                        .size()
                        .filter(size -> !size.equals(shape))
                        .<PixelSource>map(size -> new AreaAverage(pixels, shape, size))
                        .orElse(pixels),
                selection.telemetry(),
                index,
                records,
                Arrays.stream(records).map(classOf).toArray(),
                new LeftOut(
                        covered.length - ofClasses.length,
                        ofClasses.length - current.length,
                        current.length - kept.length));
    }

    /** Class index of a record; -1 for a class that is not selected. */
    private static IntUnaryOperator classOf(SampleIndex index, List<String> classes) {
        int labels =
                1 + IntStream.range(0, index.size()).map(index::label).max().orElse(-1);
        int[] classOf = IntStream.range(0, labels)
                .map(label -> classes.indexOf(index.labelName(label)))
                .toArray();
        return record -> classOf[index.label(record)];
    }

    /** A test-dev that was rotated has been looked at too often; only the drives since then count. */
    private static int[] newestGeneration(int[] records, SampleIndex index) {
        int newest = Arrays.stream(records).map(index::generation).max().orElse(0);
        return Arrays.stream(records)
                .filter(record -> index.generation(record) == newest)
                .toArray();
    }

    private static int[] limited(int[] records, SampleIndex index, int limit) {
        Map<String, String> hashes = new HashMap<>();
        return Arrays.copyOf(
                byDrive(records, index, Comparator.comparing(drive -> hashes.computeIfAbsent(drive, SplitView::hash))),
                limit);
    }

    /**
     * The records by drive, then frame and sample id, so that it does not matter how Kafka interleaved the partitions. Drives
     * are sorted and not their samples: of a million samples those are a hundredth, and comparing two ids misses the cache.
     */
    private static int[] byDrive(int[] records, SampleIndex index, Comparator<String> order) {
        int[] drives = Arrays.stream(records)
                .map(index::drive)
                .distinct()
                .boxed()
                .sorted(Comparator.comparing(index::driveId, order))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] rank = new int[1 + Arrays.stream(drives).max().orElse(-1)];
        for (int i = 0; i < drives.length; i++) {
            rank[drives[i]] = i;
        }
        int[] ends = new int[drives.length];
        for (int record : records) {
            ends[rank[index.drive(record)]]++;
        }
        Arrays.parallelPrefix(ends, Integer::sum);
        int[] next = new int[drives.length];
        System.arraycopy(ends, 0, next, Math.min(1, next.length), Math.max(0, ends.length - 1));
        // Frame above, record below, so that numbers are compared and not records.
        long[] keys = new long[records.length];
        for (int record : records) {
            keys[next[rank[index.drive(record)]]++] = (long) index.frame(record) << Integer.SIZE | record;
        }
        int from = 0;
        for (int end : ends) {
            Arrays.sort(keys, from, end);
            from = end;
        }
        int[] sorted = Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
        sortEqualFrames(sorted, index);
        return sorted;
    }

    /** Puts frames of one number in one drive into the order of their ids. */
    private static void sortEqualFrames(int[] sorted, SampleIndex index) {
        int from = 0;
        for (int to = 1; to <= sorted.length; to++) {
            if (to == sorted.length
                    || index.frame(sorted[to]) != index.frame(sorted[from])
                    || index.drive(sorted[to]) != index.drive(sorted[from])) {
                if (to - from > 1) {
                    sortById(sorted, from, to, index);
                }
                from = to;
            }
        }
    }

    private static void sortById(int[] sorted, int from, int to, SampleIndex index) {
        record Identified(int record, String id) {}
        List<Identified> group = new ArrayList<>();
        for (int i = from; i < to; i++) {
            group.add(new Identified(sorted[i], index.sampleId(sorted[i])));
        }
        group.sort(Comparator.comparing(Identified::id));
        for (int i = from; i < to; i++) {
            sorted[i] = group.get(i - from).record();
        }
    }

    private static String hash(String driveId) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(driveId.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** The same samples with other numbers of telemetry, in that order. */
    public SplitView withTelemetry(List<String> names) {
        return names.equals(telemetry)
                ? this
                : new SplitView(split, shape, pixels, List.copyOf(names), index, records, labels, leftOut);
    }

    /**
     * All that curation said of a sample but its pixel bytes. It is read from the disk each time, so that a million samples
     * do not fill the heap.
     */
    public CuratedSample record(int sample) {
        return index.read(records[sample]);
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
        if (telemetry.isEmpty()) {
            return;
        }
        Map<String, Double> sent = record(index).getTelemetry();
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

    public String sampleId(int sample) {
        return index.sampleId(records[sample]);
    }

    /** Of the samples, by index. */
    public Ids ids() {
        return new Ids() {
            @Override
            public String apply(int sample) {
                return sampleId(sample);
            }

            @Override
            public int hash(int sample) {
                return index.idHash(records[sample]);
            }
        };
    }

    public String labelName(int sample) {
        return index.labelName(index.label(records[sample]));
    }

    public Measurements measurements(int index) {
        return record(index).getMeasurements();
    }

    public Map<String, String> attributes(int index) {
        return record(index).getAttributes();
    }

    /** The annotator or tool that gave the label, if the producer said. */
    public Optional<String> labelSource(int index) {
        return Optional.ofNullable(record(index).getLabelSource());
    }

    public int frame(int sample) {
        return index.frame(records[sample]);
    }

    /** Of the original bytes, hex. */
    public String imageSha256(int index) {
        return record(index).getImageSha256();
    }

    public LeftOut leftOut() {
        return leftOut;
    }
}
