package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples of one split, sorted by drive, frame and sample id, so that the same records give the same view in whatever
 * order they arrived. It does not change when the store grows, and can be read from several threads.
 */
public final class SplitView implements SampleStore {
    private final Split split;
    private final PixelShape shape;
    private final PixelMap pixels;
    private final List<CuratedSample> samples;
    private final int[] records;
    private final int[] labels;
    private final int[] driveOf;
    private final List<String> drives;
    private final int ofOtherClasses;

    private SplitView(
            Split split,
            PixelShape shape,
            PixelMap pixels,
            List<CuratedSample> samples,
            int[] records,
            int[] labels,
            int[] driveOf,
            List<String> drives,
            int ofOtherClasses) {
        this.split = split;
        this.shape = shape;
        this.pixels = pixels;
        this.samples = samples;
        this.records = records;
        this.labels = labels;
        this.driveOf = driveOf;
        this.drives = drives;
        this.ofOtherClasses = ofOtherClasses;
    }

    static SplitView of(
            Split split,
            PixelShape shape,
            List<IndexEntry> entries,
            PixelMap pixels,
            Offsets upTo,
            List<String> classes) {
        Map<String, Integer> classIndex = new HashMap<>();
        classes.forEach(name -> classIndex.put(name, classIndex.size()));
        List<Integer> order = new ArrayList<>();
        int ofOtherClasses = 0;
        for (int record = 0; record < entries.size(); record++) {
            IndexEntry entry = entries.get(record);
            if (!upTo.cover(entry.source(), entry.offset())) {
                continue;
            }
            if (classIndex.containsKey(entry.sample().getLabel())) {
                order.add(record);
            } else {
                ofOtherClasses++;
            }
        }
        order.sort((a, b) -> IndexEntry.CANONICAL.compare(entries.get(a), entries.get(b)));
        int size = order.size();
        List<CuratedSample> samples = new ArrayList<>(size);
        int[] records = new int[size];
        int[] labels = new int[size];
        int[] driveOf = new int[size];
        List<String> drives = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            records[i] = order.get(i);
            CuratedSample sample = entries.get(records[i]).sample();
            samples.add(sample);
            labels[i] = classIndex.get(sample.getLabel());
            if (drives.isEmpty() || !drives.get(drives.size() - 1).equals(sample.getDriveId())) {
                drives.add(sample.getDriveId());
            }
            driveOf[i] = drives.size() - 1;
        }
        return new SplitView(split, shape, pixels, samples, records, labels, driveOf, drives, ofOtherClasses);
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
        return samples.get(index).getSampleId();
    }

    public String labelName(int index) {
        return samples.get(index).getLabel();
    }

    public Measurements measurements(int index) {
        return samples.get(index).getMeasurements();
    }

    public Map<String, String> attributes(int index) {
        return samples.get(index).getAttributes();
    }

    /** Samples left out because their label is none of the configured classes. */
    public int ofOtherClasses() {
        return ofOtherClasses;
    }
}
