package io.drivetrain.infra.bench;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import java.time.Duration;
import java.util.Iterator;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A source that is in as many parts as there are gates and one more, and gives nothing behind a gate that is shut. Before a
 * shut gate it slows down with what is left, so that samples flow for as long as it takes until the gate opens; behind the
 * last one it gives all.
 */
final class GatedSource implements SampleSource {
    private static final long LONGEST_STEP_NANOS = Duration.ofMillis(500).toNanos();

    private final SampleSource source;
    private final long records;
    private final int gates;
    private final Duration pace;
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * All gates shut.
     *
     * @param records that the source has
     * @param pace within which two thirds of what is before the next gate are given
     */
    GatedSource(SampleSource source, long records, int gates, Duration pace) {
        this.source = source;
        this.records = records;
        this.gates = gates;
        this.pace = pace;
    }

    /** Opens the next gate. */
    void open() {
        opened.incrementAndGet();
    }

    /** How many records are before the next shut gate. */
    private long allowed() {
        int open = opened.get();
        return open >= gates ? records : records * (open + 1) / (gates + 1);
    }

    @Override
    public OptionalLong expectedCount() {
        return source.expectedCount();
    }

    @Override
    public Iterator<Collected> iterator() {
        Iterator<Collected> entries = source.iterator();
        return new Iterator<>() {
            private long given;

            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public Collected next() {
                long last = System.nanoTime();
                while (!closed.get() && opened.get() < gates) {
                    long left = allowed() - given;
                    long step = left <= 0 ? LONGEST_STEP_NANOS : pace.toNanos() / left;
                    long wait = last + step - System.nanoTime();
                    if (left > 0 && wait <= 0) {
                        break;
                    }
                    // In short steps, as a gate may open meanwhile.
                    LockSupport.parkNanos(Math.min(Math.max(wait, 1_000_000L), LONGEST_STEP_NANOS));
                    if (Thread.currentThread().isInterrupted()) {
                        break;
                    }
                }
                given++;
                return entries.next();
            }
        };
    }

    @Override
    public void close() {
        closed.set(true);
        source.close();
    }
}
