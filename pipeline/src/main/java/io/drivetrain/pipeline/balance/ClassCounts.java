package io.drivetrain.pipeline.balance;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Samples of one split by class, in the open window and since the start.
 *
 * @param windowStart milliseconds since the epoch, a multiple of the window's length
 */
public record ClassCounts(long windowStart, SortedMap<String, Long> window, SortedMap<String, Long> totals) {

    public ClassCounts {
        window = Collections.unmodifiableSortedMap(new TreeMap<>(window));
        totals = Collections.unmodifiableSortedMap(new TreeMap<>(totals));
    }

    /** No sample yet, in the window that holds this time. */
    public static ClassCounts startingAt(long now, Duration length) {
        return new ClassCounts(now - Math.floorMod(now, length.toMillis()), new TreeMap<>(), new TreeMap<>());
    }

    /** Whether the open window has no sample, so that the next one opens another. */
    public boolean idle() {
        return window.isEmpty();
    }

    /** The same totals with an empty window that holds this time. */
    public ClassCounts nextWindow(long now, Duration length) {
        return new ClassCounts(now - Math.floorMod(now, length.toMillis()), new TreeMap<>(), totals);
    }

    /** One sample more. */
    public ClassCounts plus(String label) {
        return new ClassCounts(windowStart, increased(window, label), increased(totals, label));
    }

    /** The report of the open window. */
    public ClassBalanceReport report(Split split, Duration length) {
        Instant start = Instant.ofEpochMilli(windowStart);
        return ClassBalanceReport.newBuilder()
                .setWindowId(Splits.label(split) + "/" + start)
                .setSplit(split)
                .setWindowStart(start)
                .setWindowEnd(start.plus(length))
                .setCounts(window)
                .setTotals(totals)
                .setImbalanceRatio(imbalance())
                .build();
    }

    private Double imbalance() {
        if (totals.size() < 2) {
            return null;
        }
        return (double) Collections.max(totals.values()) / Collections.min(totals.values());
    }

    private static SortedMap<String, Long> increased(SortedMap<String, Long> counts, String label) {
        SortedMap<String, Long> copy = new TreeMap<>(counts);
        copy.merge(label, 1L, Long::sum);
        return copy;
    }

    /** In state. */
    public enum Form implements BinaryForm<ClassCounts> {
        CLASS_COUNTS;

        @Override
        public Class<ClassCounts> type() {
            return ClassCounts.class;
        }

        @Override
        public void write(ClassCounts value, DataOutput out) throws IOException {
            out.writeLong(value.windowStart);
            writeCounts(value.window, out);
            writeCounts(value.totals, out);
        }

        @Override
        public ClassCounts read(DataInput in) throws IOException {
            return new ClassCounts(in.readLong(), readCounts(in), readCounts(in));
        }

        private static void writeCounts(Map<String, Long> counts, DataOutput out) throws IOException {
            out.writeInt(counts.size());
            for (Map.Entry<String, Long> count : counts.entrySet()) {
                BinaryForm.writeText(count.getKey(), out);
                out.writeLong(count.getValue());
            }
        }

        private static SortedMap<String, Long> readCounts(DataInput in) throws IOException {
            SortedMap<String, Long> counts = new TreeMap<>();
            int size = in.readInt();
            for (int i = 0; i < size; i++) {
                counts.put(BinaryForm.readText(in), in.readLong());
            }
            return counts;
        }
    }
}
