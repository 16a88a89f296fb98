package io.drivetrain.trainer.assemble;

import io.drivetrain.schemas.CuratedSample;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * What is held in memory of the records of one split, by their number in the order of arrival: what selecting, sorting and
 * telling them apart take, in arrays of primitives, 36 bytes and the sample's id for each. What else a record says is read
 * when it is asked for.
 *
 * <p>Does not change when the split grows, and can be read from several threads.
 */
final class SampleIndex {
    private final String topic;
    private final int size;
    private final int begins;
    private final Columns columns;
    private final IntFunction<CuratedSample> records;

    /** The arrays, which a split that grows shares with what was taken of it before; entries never change. */
    // Arrays, because there may be millions of records, and nobody compares them.
    @SuppressWarnings("ArrayRecordComponent")
    private record Columns(
            int[] partitions,
            long[] offsets,
            int[] drives,
            int[] labels,
            int[] frames,
            int[] generations,
            int[] revisions,
            int[] idEnds,
            byte[] ids,
            int[] begins,
            String[] driveNames,
            String[] labelNames) {}

    /** @param begins entries of that array, which may be of later records, too */
    private SampleIndex(String topic, int size, int begins, Columns columns, IntFunction<CuratedSample> records) {
        this.topic = topic;
        this.size = size;
        this.begins = begins;
        this.columns = columns;
        this.records = records;
    }

    int size() {
        return size;
    }

    /** Number of the record's drive, from 0 in the order of arrival. */
    int drive(int record) {
        return columns.drives()[record];
    }

    String driveId(int drive) {
        return columns.driveNames()[drive];
    }

    /** Number of the record's label, from 0 in the order of arrival. */
    int label(int record) {
        return columns.labels()[record];
    }

    String labelName(int label) {
        return columns.labelNames()[label];
    }

    int frame(int record) {
        return columns.frames()[record];
    }

    /** How often test-dev had been rotated when the drive began; 0 where the record does not say. */
    int generation(int record) {
        return columns.generations()[record];
    }

    /** How often the record's label had been corrected. */
    int revision(int record) {
        return columns.revisions()[record];
    }

    /** Of its topic. */
    int partition(int record) {
        return columns.partitions()[record];
    }

    /** On its partition. */
    long offset(int record) {
        return columns.offsets()[record];
    }

    String sampleId(int record) {
        int from = record == 0 ? 0 : columns.idEnds()[record - 1];
        return new String(columns.ids(), from, columns.idEnds()[record] - from, StandardCharsets.UTF_8);
    }

    /** {@link String#hashCode} of a record's id. */
    int idHash(int record) {
        int hash = 0;
        for (int i = record == 0 ? 0 : columns.idEnds()[record - 1]; i < columns.idEnds()[record]; i++) {
            if (columns.ids()[i] < 0) {
                // More than ASCII, where a character is not a byte.
                return sampleId(record).hashCode();
            }
            hash = 31 * hash + columns.ids()[i];
        }
        return hash;
    }

    /** The whole record as it came, without its pixel bytes. */
    CuratedSample read(int record) {
        return records.apply(record);
    }

    /** Says of a record whether it lies before the offsets. */
    Covered covered(Offsets upTo) {
        int partitions = upTo.asMap().keySet().stream()
                .filter(partition -> partition.topic().equals(topic))
                .mapToInt(partition -> partition.partition() + 1)
                .max()
                .orElse(0);
        long[] next = new long[partitions];
        Arrays.setAll(next, partition -> upTo.next(new Offsets.Partition(topic, partition)));
        return record -> columns.partitions()[record] < partitions
                && columns.offsets()[record] < next[columns.partitions()[record]];
    }

    /** Drives of which no record lies before the offsets; looks at where each drive begins alone. */
    int drivesSince(Offsets offsets) {
        Covered covered = covered(offsets);
        BitSet all = new BitSet();
        BitSet known = new BitSet();
        for (int i = 0; i < begins && columns.begins()[i] < size; i++) {
            int first = columns.begins()[i];
            all.set(drive(first));
            if (covered.test(first)) {
                known.set(drive(first));
            }
        }
        return all.cardinality() - known.cardinality();
    }

    /** A question that every record answers. */
    interface Covered {
        boolean test(int record);
    }

    /** An index that grows. Not safe for several threads. */
    static final class Growing {
        private static final int SMALLEST = 64;

        private final String topic;
        private final Names drives = new Names();
        private final Names labels = new Names();
        private int size;
        private int begins;
        /** Of the last record of each drive. */
        private int[] partitionOfDrive = new int[0];

        private Columns columns = new Columns(
                new int[0],
                new long[0],
                new int[0],
                new int[0],
                new int[0],
                new int[0],
                new int[0],
                new int[0],
                new byte[0],
                new int[0],
                drives.names,
                labels.names);

        /** @param topic that the records are read from */
        Growing(String topic) {
            this.topic = topic;
        }

        int size() {
            return size;
        }

        void append(CuratedSample sample, int partition, long offset) {
            byte[] id = sample.getSampleId().getBytes(StandardCharsets.UTF_8);
            int from = size == 0 ? 0 : columns.idEnds()[size - 1];
            int drive = drives.number(sample.getDriveId());
            int label = labels.number(sample.getLabel());
            makeRoom(Math.addExact(from, id.length));
            columns.partitions()[size] = partition;
            columns.offsets()[size] = offset;
            columns.drives()[size] = drive;
            columns.labels()[size] = label;
            columns.frames()[size] = sample.getFrameIndex();
            columns.generations()[size] = sample.getTestDevGeneration() == null ? 0 : sample.getTestDevGeneration();
            columns.revisions()[size] = sample.getLabelRevision();
            columns.idEnds()[size] = from + id.length;
            System.arraycopy(id, 0, columns.ids(), from, id.length);
            noteBegin(drive, partition);
            size++;
        }

        /** Offsets of a partition only grow, so that the first record of a drive on it has the least. */
        private void noteBegin(int drive, int partition) {
            if (drive == partitionOfDrive.length) {
                partitionOfDrive = Arrays.copyOf(partitionOfDrive, larger(drive + 1));
                Arrays.fill(partitionOfDrive, drive, partitionOfDrive.length, -1);
            }
            if (partitionOfDrive[drive] != partition) {
                partitionOfDrive[drive] = partition;
                columns.begins()[begins++] = size;
            }
        }

        /** Copies to larger arrays where the present ones are full, so that those which were taken stay as they are. */
        private void makeRoom(int idBytes) {
            int records = size < columns.offsets().length ? columns.offsets().length : larger(size + 1);
            int bytes = idBytes <= columns.ids().length ? columns.ids().length : larger(idBytes);
            int begun = begins < columns.begins().length ? columns.begins().length : larger(begins + 1);
            boolean same = records == columns.offsets().length
                    && begun == columns.begins().length
                    && bytes == columns.ids().length
                    && drives.names == columns.driveNames()
                    && labels.names == columns.labelNames();
            if (!same) {
                columns = new Columns(
                        resized(columns.partitions(), records),
                        records == columns.offsets().length
                                ? columns.offsets()
                                : Arrays.copyOf(columns.offsets(), records),
                        resized(columns.drives(), records),
                        resized(columns.labels(), records),
                        resized(columns.frames(), records),
                        resized(columns.generations(), records),
                        resized(columns.revisions(), records),
                        resized(columns.idEnds(), records),
                        bytes == columns.ids().length ? columns.ids() : Arrays.copyOf(columns.ids(), bytes),
                        resized(columns.begins(), begun),
                        drives.names,
                        labels.names);
            }
        }

        private static int[] resized(int[] column, int length) {
            return column.length == length ? column : Arrays.copyOf(column, length);
        }

        /** Half as much again, so that a large split does not hold twice what it needs. */
        private static int larger(int needed) {
            return (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(SMALLEST, needed + (long) needed / 2));
        }

        /**
         * The first records.
         *
         * @param records reads a whole one by its number; safe for several threads
         */
        SampleIndex first(int count, IntFunction<CuratedSample> records) {
            return new SampleIndex(topic, count, begins, columns, records);
        }

        /** Bytes of heap that the arrays take, without the names of drives and classes. */
        long heapBytes() {
            return 36L * columns.offsets().length + columns.ids().length;
        }
    }

    /** Texts by number, each once. */
    private static final class Names {
        private final Map<String, Integer> numbers = new HashMap<>();
        private String[] names = new String[0];

        int number(String name) {
            Integer known = numbers.get(name);
            if (known != null) {
                return known;
            }
            int number = numbers.size();
            if (number == names.length) {
                names = Arrays.copyOf(names, Growing.larger(number + 1));
            }
            names[number] = name;
            numbers.put(name, number);
            return number;
        }
    }
}
