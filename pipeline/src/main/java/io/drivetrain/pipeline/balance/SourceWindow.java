package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.WindowKind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An open window of labels by source and drive. Mutable and bounded like {@link BalanceWindow}.
 */
final class SourceWindow {
    private static final int MOST_CODES = 64;

    private final WindowKind kind;
    private final long start;
    private final SortedMap<String, OfSource> sources = new TreeMap<>();
    private final Set<String> drives = new HashSet<>();
    private long samples;
    private int cells;

    /** Samples, violations and corrections by drive. */
    private static final class OfSource {
        private final Map<String, long[]> drives = new HashMap<>();
        private final SortedMap<String, Long> codes = new TreeMap<>();
    }

    SourceWindow(WindowKind kind, long start) {
        this.kind = kind;
        this.start = start;
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

    int drives() {
        return drives.size();
    }

    /**
     * Adds labels of one drive.
     *
     * @param source as it is reported, the name or {@link DriveTally#OTHER}
     */
    void add(String source, String driveId, DriveChange.OfSource change) {
        if (drives.size() < BalanceWindow.MOST_CLUSTERS) {
            drives.add(driveId);
        }
        OfSource of = sources.computeIfAbsent(source, name -> new OfSource());
        String cluster = of.drives.containsKey(driveId) || cells < 4 * BalanceWindow.MOST_CLUSTERS
                ? driveId
                : "group " + Math.floorMod(Objects.hash(driveId), 64);
        long[] counts = of.drives.computeIfAbsent(cluster, key -> {
            cells++;
            return new long[3];
        });
        counts[0] += change.samples();
        counts[1] += change.violations();
        counts[2] += change.corrections();
        samples += change.samples();
        change.codes().forEach((code, count) -> {
            if (of.codes.containsKey(code) || of.codes.size() < MOST_CODES) {
                of.codes.merge(code, count, Long::sum);
            }
        });
    }

    /** Refused samples by code. */
    SortedMap<String, Long> codes(String source) {
        return sources.containsKey(source) ? sources.get(source).codes : new TreeMap<>();
    }

    /** What the window says about each source in it. */
    SortedMap<String, SourceRates.Known> known() {
        SortedMap<String, SourceRates.Known> known = new TreeMap<>();
        sources.forEach((source, of) -> {
            SourceCounts violations = SourceCounts.NONE;
            SourceCounts corrections = SourceCounts.NONE;
            for (long[] counts : of.drives.values()) {
                violations = counts[0] > 0 ? violations.plusDrive(counts[0], counts[1]) : violations;
                corrections = counts[2] > 0 ? corrections.plusDrive(0, counts[2]) : corrections;
            }
            known.put(source, new SourceRates.Known(violations, corrections));
        });
        return known;
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(kind.ordinal());
        out.writeLong(start);
        out.writeLong(samples);
        out.writeInt(cells);
        out.writeInt(drives.size());
        for (String drive : drives) {
            BinaryForm.writeText(drive, out);
        }
        out.writeInt(sources.size());
        for (Map.Entry<String, OfSource> entry : sources.entrySet()) {
            BinaryForm.writeText(entry.getKey(), out);
            DriveChange.writeCounts(entry.getValue().codes, out);
            out.writeInt(entry.getValue().drives.size());
            for (Map.Entry<String, long[]> drive : entry.getValue().drives.entrySet()) {
                BinaryForm.writeText(drive.getKey(), out);
                for (long count : drive.getValue()) {
                    out.writeLong(count);
                }
            }
        }
    }

    static SourceWindow read(DataInput in) throws IOException {
        SourceWindow window = new SourceWindow(WindowKind.values()[in.readByte()], in.readLong());
        window.samples = in.readLong();
        window.cells = in.readInt();
        for (int left = in.readInt(); left > 0; left--) {
            window.drives.add(BinaryForm.readText(in));
        }
        for (int left = in.readInt(); left > 0; left--) {
            OfSource of = new OfSource();
            window.sources.put(BinaryForm.readText(in), of);
            of.codes.putAll(DriveChange.readCounts(in));
            for (int more = in.readInt(); more > 0; more--) {
                of.drives.put(BinaryForm.readText(in), new long[] {in.readLong(), in.readLong(), in.readLong()});
            }
        }
        return window;
    }
}
