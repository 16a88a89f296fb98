package io.drivetrain.ingest.decode;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * Sorts more records than fit into memory, by key and, within a key, in the order they came: sorted runs on disk, merged
 * up to {@value #FAN_IN} at a time. Holds at most the given budget plus 64 KB a run; needs as much disk as the records
 * have, twice while runs are merged.
 */
final class SpillSorter implements AutoCloseable {
    private static final int FAN_IN = 64;
    private static final int BUFFER = 64 << 10;
    private static final int OBJECT_BYTES = 120;

    private final Path folder;
    private final long budget;
    private final List<Path> runs = new ArrayList<>();
    private final List<Run> open = new ArrayList<>();
    private List<Row> rows = new ArrayList<>();
    private long held;
    private long sequence;
    private int files;

    /** A record. */
    record Row(String key, long sequence, byte[] payload) {
        static final Comparator<Row> ORDER = Comparator.comparing(Row::key).thenComparingLong(Row::sequence);
    }

    /**
     * Prepares an empty sorter with a temporary folder of its own.
     *
     * @param budget bytes of records held in memory
     */
    SpillSorter(long budget) throws IOException {
        this.folder = Files.createTempDirectory("drivetrain-ingest-");
        this.budget = budget;
    }

    void add(String key, byte[] payload) throws IOException {
        rows.add(new Row(key, sequence++, payload));
        held += OBJECT_BYTES + 2L * key.length() + payload.length;
        if (held > budget) {
            spill();
        }
    }

    private void spill() throws IOException {
        rows.sort(Row.ORDER);
        runs.add(write(rows.iterator()));
        rows = new ArrayList<>();
        held = 0;
    }

    private Path write(Iterator<Row> sorted) throws IOException {
        Path file = folder.resolve("run-" + files++);
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER))) {
            while (sorted.hasNext()) {
                Row row = sorted.next();
                byte[] key = row.key().getBytes(StandardCharsets.UTF_8);
                out.writeInt(key.length);
                out.write(key);
                out.writeLong(row.sequence());
                out.writeInt(row.payload().length);
                out.write(row.payload());
            }
        }
        return file;
    }

    /** Returns all records in order; call it once, after the last {@link #add}. */
    Iterator<Row> sorted() throws IOException {
        if (runs.isEmpty()) {
            rows.sort(Row.ORDER);
            return rows.iterator();
        }
        spill();
        while (runs.size() > FAN_IN) {
            List<Path> first = new ArrayList<>(runs.subList(0, FAN_IN));
            runs.subList(0, FAN_IN).clear();
            runs.add(write(merge(first)));
            closeRuns();
            for (Path file : first) {
                Files.delete(file);
            }
        }
        return merge(runs);
    }

    private Iterator<Row> merge(List<Path> sortedFiles) throws IOException {
        PriorityQueue<Run> queue = new PriorityQueue<>(Comparator.comparing(Run::head, Row.ORDER));
        for (Path file : sortedFiles) {
            Run run = new Run(file);
            open.add(run);
            if (run.advance()) {
                queue.add(run);
            }
        }
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !queue.isEmpty();
            }

            @Override
            public Row next() {
                Run run = Optional.ofNullable(queue.poll()).orElseThrow(NoSuchElementException::new);
                Row row = run.head();
                try {
                    if (run.advance()) {
                        queue.add(run);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return row;
            }
        };
    }

    private void closeRuns() throws IOException {
        for (Run run : open) {
            run.in.close();
        }
        open.clear();
    }

    @Override
    public void close() throws IOException {
        closeRuns();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> left = Files.list(folder)) {
                for (Path file : left.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static final class Run {
        private final DataInputStream in;
        private Row head;

        Run(Path file) throws IOException {
            in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER));
        }

        Row head() {
            return head;
        }

        boolean advance() throws IOException {
            int length;
            try {
                length = in.readInt();
            } catch (EOFException e) {
                return false;
            }
            String key = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            long sequence = in.readLong();
            head = new Row(key, sequence, in.readNBytes(in.readInt()));
            return true;
        }
    }
}
