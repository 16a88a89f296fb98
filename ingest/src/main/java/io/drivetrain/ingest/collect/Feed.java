package io.drivetrain.ingest.collect;

import java.util.Iterator;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Entries in an order that depends on nothing but the data set, each of which may be passed over without its image being
 * read, so that an interrupted ingest finds its place again.
 */
public interface Feed extends Iterator<Feed.Step>, AutoCloseable {
    /**
     * One entry.
     *
     * @param identity text that tells it from others and does not change between two readings
     * @param collected reads it; to be called at most once, before the next step is taken
     */
    record Step(String identity, Supplier<Collected> collected) {}

    /** How many entries there will be, if that is known beforehand. */
    OptionalLong expectedCount();

    @Override
    void close();

    /** The samples of a source, which are made even if they are passed over. */
    static Feed of(SampleSource source) {
        Iterator<Collected> all = source.iterator();
        return new Feed() {
            @Override
            public OptionalLong expectedCount() {
                return source.expectedCount();
            }

            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public Step next() {
                Collected next = all.next();
                String identity = next instanceof Collected.Sample sample
                        ? sample.sample().getSampleId()
                        : ((Collected.Malformed) next).sentence();
                return new Step(identity, () -> next);
            }

            @Override
            public void close() {
                source.close();
            }
        };
    }
}
