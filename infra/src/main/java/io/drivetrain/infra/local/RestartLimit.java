package io.drivetrain.infra.local;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** How often a process has ended lately: one that dies once a month is worth starting again after years. */
final class RestartLimit {
    static final Duration LATELY = Duration.ofHours(1);

    private final Deque<Instant> ends = new ArrayDeque<>();

    /** Takes in an end, and returns how many there were within the last hour. */
    int ended(Instant now) {
        ends.addLast(now);
        while (ends.getFirst().isBefore(now.minus(LATELY))) {
            ends.removeFirst();
        }
        return ends.size();
    }
}
