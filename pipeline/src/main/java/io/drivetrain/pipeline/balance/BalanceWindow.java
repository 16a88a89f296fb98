package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.WindowKind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An open window of one split: samples by slice, drive and class. Mutable, for the same reason as
 * {@link ClusteredCounts}.
 *
 * <p>Beyond {@value #MOST_CLUSTERS} drives of a slice, drives fall into that many groups by a hash of their id; groups
 * of drives give the same expected variance as drives (Wolter 2007, chapter 2), so that memory is bounded and the test
 * keeps its level.
 */
final class BalanceWindow {
    /** Most clusters of one slice. */
    static final int MOST_CLUSTERS = 4096;

    private final WindowKind kind;
    private final long start;
    private final SortedMap<String, ClusteredCounts> reference;
    private final SortedMap<String, Map<String, SortedMap<String, Long>>> slices = new TreeMap<>();
    private long samples;

    /**
     * Opens a window.
     *
     * @param start milliseconds since the epoch
     * @param reference the training samples before this window, by slice; null where the reference is another split
     */
    BalanceWindow(WindowKind kind, long start, SortedMap<String, ClusteredCounts> reference) {
        this.kind = kind;
        this.start = start;
        this.reference = reference;
    }

    WindowKind kind() {
        return kind;
    }

    long start() {
        return start;
    }

    long samples() {
        return samples;
    }

    /** Drives of the whole split. */
    int drives() {
        return slices.getOrDefault("", Map.of()).size();
    }

    Optional<SortedMap<String, ClusteredCounts>> reference() {
        return Optional.ofNullable(reference);
    }

    void add(String slice, String driveId, Map<String, Long> added) {
        Map<String, SortedMap<String, Long>> drives = slices.computeIfAbsent(slice, key -> new HashMap<>());
        String cluster = drives.containsKey(driveId) || drives.size() < MOST_CLUSTERS
                ? driveId
                : "group " + Math.floorMod(mixed(driveId.hashCode()), MOST_CLUSTERS);
        SortedMap<String, Long> counts = drives.computeIfAbsent(cluster, key -> new TreeMap<>());
        added.forEach((label, count) -> {
            counts.merge(label, count, Long::sum);
            samples += slice.isEmpty() ? count : 0;
        });
    }

    /** The hash of a text is linear in its last letters, so numbered drives would not fall into groups by chance. */
    private static int mixed(int hash) {
        int mixed = (hash ^ hash >>> 16) * 0x85EBCA6B;
        mixed = (mixed ^ mixed >>> 13) * 0xC2B2AE35;
        return mixed ^ mixed >>> 16;
    }

    /** Counts by slice; "" is the whole split. */
    SortedMap<String, ClusteredCounts> counts() {
        SortedMap<String, ClusteredCounts> counts = new TreeMap<>();
        slices.forEach((slice, drives) -> {
            ClusteredCounts of = new ClusteredCounts();
            drives.values().forEach(drive -> of.grow(Map.of(), drive));
            counts.put(slice, of);
        });
        return counts;
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(kind.ordinal());
        out.writeLong(start);
        out.writeLong(samples);
        out.writeBoolean(reference != null);
        if (reference != null) {
            writeAll(reference, out);
        }
        out.writeInt(slices.size());
        for (Map.Entry<String, Map<String, SortedMap<String, Long>>> slice : slices.entrySet()) {
            BinaryForm.writeText(slice.getKey(), out);
            out.writeInt(slice.getValue().size());
            for (Map.Entry<String, SortedMap<String, Long>> drive :
                    slice.getValue().entrySet()) {
                BinaryForm.writeText(drive.getKey(), out);
                DriveChange.writeCounts(drive.getValue(), out);
            }
        }
    }

    static BalanceWindow read(DataInput in) throws IOException {
        WindowKind kind = WindowKind.values()[in.readByte()];
        long start = in.readLong();
        long samples = in.readLong();
        BalanceWindow window = new BalanceWindow(kind, start, in.readBoolean() ? readAll(in) : null);
        window.samples = samples;
        for (int left = in.readInt(); left > 0; left--) {
            Map<String, SortedMap<String, Long>> drives = new HashMap<>();
            window.slices.put(BinaryForm.readText(in), drives);
            for (int more = in.readInt(); more > 0; more--) {
                drives.put(BinaryForm.readText(in), DriveChange.readCounts(in));
            }
        }
        return window;
    }

    static void writeAll(SortedMap<String, ClusteredCounts> counts, DataOutput out) throws IOException {
        out.writeInt(counts.size());
        for (Map.Entry<String, ClusteredCounts> entry : counts.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            entry.getValue().write(out);
        }
    }

    static SortedMap<String, ClusteredCounts> readAll(DataInput in) throws IOException {
        SortedMap<String, ClusteredCounts> counts = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            counts.put(BinaryForm.readText(in), ClusteredCounts.read(in));
        }
        return counts;
    }
}
