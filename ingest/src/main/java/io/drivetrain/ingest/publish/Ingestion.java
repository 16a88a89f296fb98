package io.drivetrain.ingest.publish;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.Feed;
import io.drivetrain.ingest.publish.OncePublisher.PublishException;
import io.drivetrain.schemas.IngestProgress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Sends the entries of a feed from where an earlier run of the same ingest stopped. What identifies the entries is hashed
 * in their order, and compared where the earlier run stopped, so that nothing is passed over that is not what was sent.
 */
public final class Ingestion {
    private static final int ID_BYTES = 8;

    private final OncePublisher publisher;
    private final String ingestId;
    private final String dataset;
    private final Clock clock;

    /** Told what happens, from the calling thread. */
    public interface Listener {
        /** An entry, or a box of one, was left out. */
        void malformed(Collected.Malformed malformed);

        /** So much is committed, what earlier runs sent included. */
        void reached(IngestProgress progress);
    }

    /** The entries are not those that an earlier run has sent. */
    public static final class ChangedException extends Exception {
        private static final long serialVersionUID = 1L;

        ChangedException(String sentence) {
            super(sentence);
        }
    }

    /**
     * What a run has done.
     *
     * @param before what earlier runs have done; empty if this was the first
     * @param now all of it
     * @param whole false if it was stopped before the end
     */
    public record Result(Optional<IngestProgress> before, IngestProgress now, boolean whole) {
        /** Samples that this run has sent. */
        public long sent() {
            return now.getSent() - before.map(IngestProgress::getSent).orElse(0L);
        }

        /** Entries, or boxes of one, that this run has left out. */
        public long malformed() {
            return now.getMalformed() - before.map(IngestProgress::getMalformed).orElse(0L);
        }
    }

    /**
     * Prepares to send.
     *
     * @param dataset for people
     */
    public Ingestion(OncePublisher publisher, String ingestId, String dataset, Clock clock) {
        this.publisher = publisher;
        this.ingestId = ingestId;
        this.dataset = dataset;
        this.clock = clock;
    }

    /** Returns the id of an ingest, which is the same if and only if all that was asked for is. */
    public static String id(List<String> askedFor) {
        MessageDigest digest = sha256();
        askedFor.forEach(text -> digest.update((text.length() + ":" + text).getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), ID_BYTES));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /**
     * Sends what is left of a feed.
     *
     * @param again whether to begin at the beginning, whatever was sent before
     * @param stop asked between entries; after a true what was sent is committed and the rest is left
     * @throws ChangedException if what an earlier run has sent is not what the feed begins with; nothing is sent then
     */
    public Result run(Feed feed, boolean again, BooleanSupplier stop, Listener listener)
            throws PublishException, ChangedException {
        Optional<IngestProgress> before = again ? Optional.empty() : publisher.progress();
        Tally tally = new Tally(listener);
        if (before.isPresent()) {
            tally.passOver(feed, before.get());
        }
        IngestProgress committed = tally.progress();
        listener.reached(committed);
        boolean stopped = stop.getAsBoolean();
        while (!stopped && feed.hasNext()) {
            tally.take(feed.next());
            if (publisher.full()) {
                committed = tally.commit();
            }
            stopped = stop.getAsBoolean();
        }
        if (committed.getEntries() < tally.entries) {
            committed = tally.commit();
        }
        return new Result(before, committed, !stopped || !feed.hasNext());
    }

    /** What has been dealt with so far. */
    private final class Tally {
        private final MessageDigest sha256 = sha256();
        private final Listener listener;
        private byte[] digest = new byte[0];
        private long entries;
        private long sent;
        private long malformed;

        Tally(Listener listener) {
            this.listener = listener;
        }

        private void identify(Feed.Step step) {
            entries++;
            sha256.update(digest);
            digest = sha256.digest(step.identity().getBytes(StandardCharsets.UTF_8));
        }

        void passOver(Feed feed, IngestProgress earlier) throws ChangedException {
            while (entries < earlier.getEntries() && feed.hasNext()) {
                identify(feed.next());
            }
            if (entries < earlier.getEntries()
                    || !HexFormat.of().formatHex(digest).equals(earlier.getDigest())) {
                throw new ChangedException(
                        "%s has changed since its first %,d entries were sent, on %s; send all of it with --again: curation rejects what it has already as duplicates"
                                .formatted(dataset, earlier.getEntries(), earlier.getAt()));
            }
            sent = earlier.getSent();
            malformed = earlier.getMalformed();
        }

        void take(Feed.Step step) throws PublishException {
            identify(step);
            Collected collected = step.collected().get();
            if (collected instanceof Collected.Sample sample) {
                Optional<Collected.Malformed> refused = publisher.send(sample.sample());
                if (refused.isEmpty()) {
                    sent++;
                    return;
                }
                collected = refused.get();
            }
            malformed++;
            listener.malformed((Collected.Malformed) collected);
        }

        IngestProgress progress() {
            return IngestProgress.newBuilder()
                    .setIngestId(ingestId)
                    .setDataset(dataset)
                    .setEntry(null)
                    .setEntries(entries)
                    .setSent(sent)
                    .setMalformed(malformed)
                    .setDigest(HexFormat.of().formatHex(digest))
                    .setAt(clock.instant())
                    .build();
        }

        IngestProgress commit() throws PublishException {
            IngestProgress reached = progress();
            publisher.commit(List.of(reached));
            listener.reached(reached);
            return reached;
        }
    }
}
