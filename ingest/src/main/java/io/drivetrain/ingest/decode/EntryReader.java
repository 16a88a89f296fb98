package io.drivetrain.ingest.decode;

import java.util.Iterator;

/** Reads the entries of a data set once, in an order that depends on nothing but the data set. */
interface EntryReader extends Iterator<Entry>, AutoCloseable {
    @Override
    void close();
}
