package io.drivetrain.infra.local;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What people are told about a job that fails, which Flink starts again without end, or that stands still: when it begins,
 * ever more rarely while it lasts, and when it is over. Mutable, because it is told one look after the other.
 */
final class JobHealth {
    /** So long without a failure, and with a checkpoint, is no longer a pause between two failures. */
    private static final Duration QUIET = Duration.ofMinutes(1);

    private static final Duration SHORTEST_STANDSTILL = Duration.ofMinutes(2);
    private static final int LONGEST_REASON = 200;

    private final String name;
    private final Duration checkpointInterval;

    private Optional<Instant> lastFailure = Optional.empty();
    private Instant firstFailure = Instant.EPOCH;
    private long failures;
    private long tellAt = 1;
    private long checkpointsAtFailure;

    private long checkpoints = -1;
    private Instant lastCheckpoint = Instant.EPOCH;
    private Duration standstill;
    private boolean standing;

    /**
     * @param name as a sentence begins with it
     * @param checkpointInterval after which another checkpoint is due
     */
    JobHealth(String name, Duration checkpointInterval) {
        this.name = name;
        this.checkpointInterval = checkpointInterval;
        this.standstill = longestPause();
    }

    /**
     * One look at the job.
     *
     * @param failure the newest
     * @param checkpoints how many were completed
     */
    record Seen(Instant now, Optional<Failure> failure, long checkpoints) {}

    /** Why tasks of the job ended. */
    record Failure(Instant at, String reason) {}

    /**
     * A sentence for people.
     *
     * @param good whether something is over
     */
    record Notice(boolean good, String sentence) {}

    /** Returns what is to be told now. */
    Optional<Notice> judge(Seen seen) {
        Optional<Notice> news = failing(seen);
        Optional<Notice> pace = standing(seen);
        return news.isPresent() ? news : pace;
    }

    private Optional<Notice> failing(Seen seen) {
        if (seen.failure().isPresent() && !seen.failure().map(Failure::at).equals(lastFailure)) {
            Failure failure = seen.failure().get();
            lastFailure = Optional.of(failure.at());
            firstFailure = failures == 0 ? failure.at() : firstFailure;
            failures++;
            checkpointsAtFailure = seen.checkpoints();
            if (failures < tellAt) {
                return Optional.empty();
            }
            tellAt = 2 * failures;
            return bad(
                    failures == 1
                            ? "%s failed and goes on from its last checkpoint: %s"
                                    .formatted(name, shortened(failure.reason()))
                            : "%s has failed %d times in %s and is started again each time: %s"
                                    .formatted(
                                            name,
                                            failures,
                                            time(Duration.between(firstFailure, failure.at())),
                                            shortened(failure.reason())));
        }
        if (failures > 0
                && seen.checkpoints() > checkpointsAtFailure
                && !seen.now().isBefore(lastFailure.orElseThrow().plus(longer(QUIET, 3)))) {
            String times = failures == 1 ? "1 failure" : failures + " failures";
            failures = 0;
            tellAt = 1;
            return Optional.of(new Notice(true, "%s works again, after %s".formatted(name, times)));
        }
        return Optional.empty();
    }

    private Optional<Notice> standing(Seen seen) {
        if (seen.checkpoints() != checkpoints) {
            Duration stood = Duration.between(lastCheckpoint, seen.now());
            checkpoints = seen.checkpoints();
            lastCheckpoint = seen.now();
            standstill = longestPause();
            if (standing) {
                standing = false;
                return Optional.of(
                        new Notice(true, "%s completes checkpoints again, after %s".formatted(name, time(stood))));
            }
            return Optional.empty();
        }
        Duration stands = Duration.between(lastCheckpoint, seen.now());
        if (stands.compareTo(standstill) < 0) {
            return Optional.empty();
        }
        standstill = standstill.multipliedBy(2);
        standing = true;
        return bad(
                "%s has completed no checkpoint for %s, and one is due every %s: what came since then is kept and not visible yet; look whether the store of the table, the disk or the broker hangs"
                        .formatted(name, time(stands), time(checkpointInterval)));
    }

    private static Optional<Notice> bad(String sentence) {
        return Optional.of(new Notice(false, sentence));
    }

    private Duration longestPause() {
        return longer(SHORTEST_STANDSTILL, 6);
    }

    private Duration longer(Duration least, int intervals) {
        Duration some = checkpointInterval.multipliedBy(intervals);
        return some.compareTo(least) > 0 ? some : least;
    }

    /** The first line, because libraries quote each other at length. */
    private static String shortened(String reason) {
        String line = reason.lines().findFirst().orElse("").strip();
        return line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) + "…" : line;
    }

    private static String time(Duration duration) {
        long seconds = duration.toSeconds();
        return seconds < 120
                ? seconds + " s"
                : duration.toMinutes() < 120 ? duration.toMinutes() + " min" : duration.toHours() + " h";
    }
}
