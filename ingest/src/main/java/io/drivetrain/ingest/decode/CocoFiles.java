package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.DatasetException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Reads COCO files one after the other; one that cannot be read is reported whole. */
final class CocoFiles implements EntryReader {
    private final Iterator<Path> files;
    private final Path root;
    private final boolean only;
    private EntryReader current;

    /**
     * Opens the first file.
     *
     * @throws DatasetException if it is the only one and cannot be read
     */
    CocoFiles(List<Path> files, Path root) throws DatasetException {
        this.files = files.iterator();
        this.root = root;
        this.only = files.size() == 1;
        advance();
    }

    private void advance() throws DatasetException {
        Path file = files.next();
        String name = ScalabelReader.named(root, file);
        try {
            current = new CocoReader(file, name);
        } catch (DatasetException e) {
            if (only) {
                throw e;
            }
            current = new One(new Entry.Bad(new Collected.Malformed(
                    Collected.Kind.BROKEN_SYNTAX, name, "", e.getMessage(), "the other files are read")));
        }
    }

    @Override
    public boolean hasNext() {
        while (!current.hasNext() && files.hasNext()) {
            current.close();
            try {
                advance();
            } catch (DatasetException e) {
                throw new IllegalStateException("Only a single file is refused", e);
            }
        }
        return current.hasNext();
    }

    @Override
    public Entry next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return current.next();
    }

    @Override
    public void close() {
        current.close();
    }

    private static final class One implements EntryReader {
        private final Iterator<Entry> entries;

        One(Entry entry) {
            this.entries = List.of(entry).iterator();
        }

        @Override
        public boolean hasNext() {
            return entries.hasNext();
        }

        @Override
        public Entry next() {
            return entries.next();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
