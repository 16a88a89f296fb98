package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.trainer.assemble.Offsets;
import java.time.Instant;
import java.util.Optional;

/**
 * A request that has been taken and not yet finished.
 *
 * @param upTo the data it trains on; empty while an alert's request waits for data
 * @param attempts how often it was begun and not ended, neither well nor badly nor by a stop
 */
public record PendingRequest(
        String requestId, RetrainingReason reason, Optional<Offsets> upTo, Instant requestedAt, int attempts) {

    /** The same for every attempt, so that a result is recognised. */
    public String runId() {
        return runIdOf(requestId);
    }

    public static String runIdOf(String requestId) {
        return "run-" + requestId;
    }

    PendingRequest withUpTo(Offsets offsets) {
        return new PendingRequest(requestId, reason, Optional.of(offsets), requestedAt, attempts);
    }

    PendingRequest withAttempts(int count) {
        return new PendingRequest(requestId, reason, upTo, requestedAt, count);
    }
}
