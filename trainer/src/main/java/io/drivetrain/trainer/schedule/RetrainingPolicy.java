package io.drivetrain.trainer.schedule;

import io.drivetrain.trainer.assemble.Offsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides which request trains next, and what the others wait for.
 *
 * <p>A request with offsets waits until they are there. One without waits until train has enough drives that the last
 * model did not have, and no sample has come for a while: the same data and seed would give the same weights. A request
 * that waits does not hold up those behind it.
 *
 * @param minNewSourceDrives drives that train must have gained since the last model
 * @param settle how long no sample may have arrived
 */
public record RetrainingPolicy(int minNewSourceDrives, Duration settle) {

    /**
     * What the decision depends on.
     *
     * @param position offsets up to which samples are in the store
     * @param newTrainDrives drives of train that the last model did not have; all of them without a model
     * @param lastSampleAt when the newest sample arrived
     */
    public record Situation(Instant now, Offsets position, int newTrainDrives, Instant lastSampleAt) {}

    /** A request and the sentence that says what it waits for. */
    public record Waiting(PendingRequest request, String message) {}

    /** What to do now. */
    public record Decision(Optional<PendingRequest> run, List<Waiting> waiting) {}

    /** What to do with a run that the clock asks for. */
    public sealed interface Scheduled {
        record Train(Offsets upTo) implements Scheduled {}

        record Skip(String message) implements Scheduled {}
    }

    /**
     * Picks the first request, in order of arrival, that can train.
     *
     * @return the request to run has its offsets, which bound its data for good
     */
    public Decision decide(List<PendingRequest> queue, Situation situation) {
        PendingRequest run = null;
        List<Waiting> waiting = new ArrayList<>();
        for (PendingRequest request : queue) {
            Optional<String> obstacle = request.upTo().isPresent()
                    ? missing(request.upTo().get(), situation.position())
                    : growth(situation);
            if (obstacle.isPresent()) {
                waiting.add(new Waiting(request, obstacle.get()));
            } else if (run != null) {
                waiting.add(new Waiting(request, "Waiting for %s to end".formatted(run.runId())));
            } else {
                run = request.upTo().isPresent() ? request : request.withUpTo(situation.position());
            }
        }
        return new Decision(Optional.ofNullable(run), waiting);
    }

    private static Optional<String> missing(Offsets goal, Offsets position) {
        List<Offsets.Partition> behind = position.behind(goal);
        if (behind.isEmpty()) {
            return Optional.empty();
        }
        Offsets.Partition first = behind.get(0);
        return Optional.of("Waiting for %s to reach offset %d, it is at %d%s"
                .formatted(
                        first,
                        goal.next(first),
                        position.next(first),
                        behind.size() == 1 ? "" : "; %d more partitions are behind".formatted(behind.size() - 1)));
    }

    private Optional<String> growth(Situation situation) {
        if (situation.newTrainDrives() < minNewSourceDrives) {
            return Optional.of("Waiting for new SOURCE drives in train: %d of %d have arrived since the last model"
                    .formatted(situation.newTrainDrives(), minNewSourceDrives));
        }
        if (situation.now().isBefore(situation.lastSampleAt().plus(settle))) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "Waiting until no sample has arrived for %.1f s; train has %d new drives",
                    settle.toMillis() / 1000.0,
                    situation.newTrainDrives()));
        }
        return Optional.empty();
    }

    /**
     * Decides on a run that the clock asks for.
     *
     * @param newTrainSamples samples of train that the last model did not have; all of them without a model
     */
    public Scheduled onSchedule(Instant due, int newTrainSamples, Offsets position) {
        return newTrainSamples > 0
                ? new Scheduled.Train(position)
                : new Scheduled.Skip(
                        "The scheduled training of %s is skipped: train has no sample that the last model did not have"
                                .formatted(due));
    }
}
