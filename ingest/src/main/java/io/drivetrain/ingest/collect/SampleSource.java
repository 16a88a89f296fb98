package io.drivetrain.ingest.collect;

import java.util.Iterator;
import java.util.OptionalLong;

/** A stream of samples that is read once, in order, and never held whole. */
public interface SampleSource extends Iterable<Collected>, AutoCloseable {
    /** How many entries there will be, if that is known beforehand. */
    OptionalLong expectedCount();

    /** Begins to read; call it once. */
    @Override
    Iterator<Collected> iterator();

    @Override
    void close();
}
