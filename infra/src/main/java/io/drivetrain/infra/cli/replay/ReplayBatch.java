package io.drivetrain.infra.cli.replay;

import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Rejections that go in one transaction: so few that their images fit into memory beside the producer's copy. */
final class ReplayBatch {
    static final int MOST_RECORDS = 200;
    static final long MOST_BYTES = 32L << 20;
    private static final int BATCH_OVERHEAD = 61;
    private static final int RECORD_OVERHEAD = 21;
    private static final int LENGTH = 5;

    private final List<Rejection> rejections = new ArrayList<>();
    private long bytes;

    /** Whether the batch is to be sent before this one is added; one that is larger than a batch goes alone. */
    boolean isFullFor(Rejection rejection) {
        return rejections.size() == MOST_RECORDS || !rejections.isEmpty() && bytes + sentBytes(rejection) > MOST_BYTES;
    }

    void add(Rejection rejection) {
        rejections.add(rejection);
        bytes += sentBytes(rejection);
    }

    List<Rejection> rejections() {
        return rejections;
    }

    void clear() {
        rejections.clear();
        bytes = 0;
    }

    /**
     * Returns an upper bound of what the record takes when it is sent again, in bytes, as a broker compares it with the
     * topic's {@code max.message.bytes}: alone in its batch, uncompressed, with the header that names what it repeats.
     */
    static long sentBytes(Rejection rejection) {
        RejectedSample sample = rejection.sample();
        long size =
                BATCH_OVERHEAD + RECORD_OVERHEAD + 3L * LENGTH + length(sample.getKey()) + length(sample.getValue());
        for (RawHeader header : sample.getHeaders()) {
            if (!header.getName().equals(Rejection.REPLAY_OF)) {
                size += header(header.getName()) + length(header.getValue());
            }
        }
        return size
                + header(Rejection.REPLAY_OF)
                + Rejection.firstPlace(rejection).length();
    }

    private static long header(String name) {
        return 2L * LENGTH + name.getBytes(StandardCharsets.UTF_8).length;
    }

    private static long length(ByteBuffer buffer) {
        return buffer == null ? 0 : buffer.remaining();
    }
}
