package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.trainer.assemble.Offsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A request that has been taken and not yet finished.
 *
 * @param upTo the data it trains on; empty while an alert's request waits for data
 * @param overrides configuration keys for this run alone
 * @param step the step of an earlier report that it tries; empty for none
 * @param reproduces the model that it trains again
 * @param attempts how often it was begun and not ended, neither well nor badly nor by a stop
 * @param withdrawn whether it was taken back, so that it is to be ended and not begun
 */
public record PendingRequest(
        String requestId,
        RetrainingReason reason,
        Optional<Offsets> upTo,
        Map<String, String> overrides,
        String step,
        Optional<String> reproduces,
        Instant requestedAt,
        int attempts,
        boolean withdrawn) {

    public PendingRequest {
        overrides = Map.copyOf(overrides);
    }

    /** A plain run, as the trainer's configuration says. */
    public static PendingRequest plain(
            String requestId, RetrainingReason reason, Optional<Offsets> upTo, Instant requestedAt) {
        return new PendingRequest(requestId, reason, upTo, Map.of(), "", Optional.empty(), requestedAt, 0, false);
    }

    /** The same for every attempt, so that a result is recognised. */
    public String runId() {
        return runIdOf(requestId);
    }

    public static String runIdOf(String requestId) {
        return "run-" + requestId;
    }

    /** Whether it waits for data to come, and so asks for the same as any other that does. */
    public boolean waitsForGrowth() {
        return upTo.isEmpty() && overrides.isEmpty() && reproduces.isEmpty();
    }

    PendingRequest withUpTo(Offsets offsets) {
        return new PendingRequest(
                requestId, reason, Optional.of(offsets), overrides, step, reproduces, requestedAt, attempts, withdrawn);
    }

    PendingRequest withOverrides(Map<String, String> keys) {
        return new PendingRequest(requestId, reason, upTo, keys, step, reproduces, requestedAt, attempts, withdrawn);
    }

    PendingRequest withAttempts(int count) {
        return new PendingRequest(requestId, reason, upTo, overrides, step, reproduces, requestedAt, count, withdrawn);
    }

    /** The same, taken back. */
    public PendingRequest asWithdrawn() {
        return new PendingRequest(requestId, reason, upTo, overrides, step, reproduces, requestedAt, attempts, true);
    }
}
