package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one drive had been counted with, and what it has gained since: sums over drives can follow from it without
 * remembering drives.
 *
 * @param driveId "" for samples whose drive is not known
 * @param testDevGeneration how often test-dev was rotated before the drive; 0 in other splits
 * @param slices those with new or corrected samples, and all other values of the same attributes that the drive has
 */
public record DriveChange(String driveId, int testDevGeneration, List<OfSlice> slices, List<OfSource> sources) {

    public DriveChange {
        slices = List.copyOf(slices);
        sources = List.copyOf(sources);
    }

    /**
     * Admitted samples of a split.
     *
     * @param slice "" for the whole split
     * @param added empty for a value that has nothing new
     * @param corrected what corrections change by class, less for the class that a sample had; empty for most
     */
    public record OfSlice(
            Split split,
            String slice,
            SortedMap<String, Long> before,
            SortedMap<String, Long> added,
            SortedMap<String, Long> corrected) {

        /** Both: what is there now and was not before. */
        public SortedMap<String, Long> change() {
            return sum(added, corrected);
        }

        /** With that of another slice that is counted as one with this. */
        OfSlice and(OfSlice other, String name) {
            return new OfSlice(
                    split, name, sum(before, other.before), sum(added, other.added), sum(corrected, other.corrected));
        }

        private static SortedMap<String, Long> sum(SortedMap<String, Long> first, SortedMap<String, Long> second) {
            SortedMap<String, Long> sum = new TreeMap<>(first);
            second.forEach((label, count) -> sum.merge(label, count, Long::sum));
            return sum;
        }
    }

    /**
     * Labels of one source.
     *
     * @param firstOfDrive whether the source had no sample of this drive before
     * @param corrections labels of the source that came again with another class
     * @param codes refused samples by violation code; a sample with two violations is in two
     */
    public record OfSource(
            String source,
            boolean firstOfDrive,
            long samples,
            long violations,
            long corrections,
            SortedMap<String, Long> codes) {}

    static void writeCounts(Map<String, Long> counts, DataOutput out) throws IOException {
        out.writeInt(counts.size());
        for (Map.Entry<String, Long> count : counts.entrySet()) {
            BinaryForm.writeText(count.getKey(), out);
            out.writeLong(count.getValue());
        }
    }

    static SortedMap<String, Long> readCounts(DataInput in) throws IOException {
        SortedMap<String, Long> counts = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            counts.put(BinaryForm.readText(in), in.readLong());
        }
        return counts;
    }

    /** Between the tallies of drives and the windows. */
    public enum Form implements BinaryForm<DriveChange> {
        DRIVE_CHANGE;

        @Override
        public Class<DriveChange> type() {
            return DriveChange.class;
        }

        @Override
        public void write(DriveChange value, DataOutput out) throws IOException {
            BinaryForm.writeText(value.driveId, out);
            out.writeInt(value.testDevGeneration);
            out.writeInt(value.slices.size());
            for (OfSlice change : value.slices) {
                out.writeByte(change.split.ordinal());
                BinaryForm.writeText(change.slice, out);
                writeCounts(change.before, out);
                writeCounts(change.added, out);
                writeCounts(change.corrected, out);
            }
            out.writeInt(value.sources.size());
            for (OfSource change : value.sources) {
                BinaryForm.writeText(change.source, out);
                out.writeBoolean(change.firstOfDrive);
                out.writeLong(change.samples);
                out.writeLong(change.violations);
                out.writeLong(change.corrections);
                writeCounts(change.codes, out);
            }
        }

        @Override
        public DriveChange read(DataInput in) throws IOException {
            String driveId = BinaryForm.readText(in);
            int testDevGeneration = in.readInt();
            OfSlice[] slices = new OfSlice[in.readInt()];
            for (int i = 0; i < slices.length; i++) {
                slices[i] = new OfSlice(
                        Split.values()[in.readByte()],
                        BinaryForm.readText(in),
                        readCounts(in),
                        readCounts(in),
                        readCounts(in));
            }
            OfSource[] sources = new OfSource[in.readInt()];
            for (int i = 0; i < sources.length; i++) {
                sources[i] = new OfSource(
                        BinaryForm.readText(in),
                        in.readBoolean(),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        readCounts(in));
            }
            return new DriveChange(driveId, testDevGeneration, List.of(slices), List.of(sources));
        }
    }
}
