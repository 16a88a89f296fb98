package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The trainings that run or wait, by what the trainer said of them last. */
public final class OpenTrainings {
    /** A trainer repeats itself every 30 s; whoever is silent for longer has ended without saying so. */
    static final Duration LONGEST_SILENCE = Duration.ofSeconds(90);

    /** Longer ago, who asked for it has looked, or asked again. */
    private static final Duration LATELY = Duration.ofDays(1);

    private static final int MOST_ENDED = 3;

    private OpenTrainings() {}

    /**
     * What was said last of each, the one that runs first, then in the order in which they were first heard of.
     *
     * @param progress oldest first
     */
    public static List<TrainingProgress> of(List<TrainingProgress> progress, Instant now) {
        Map<String, TrainingProgress> newest = new LinkedHashMap<>();
        progress.forEach(said -> newest.put(said.getRunId(), said));
        List<TrainingProgress> open = newest.values().stream()
                .filter(said -> said.getJoined() == null
                        && !said.getSkipped()
                        && said.getPhase() != TrainingPhase.PUBLISHED
                        && said.getPhase() != TrainingPhase.FAILED
                        && !said.getAt().isBefore(now.minus(LONGEST_SILENCE)))
                .toList();
        return Stream.concat(
                        open.stream().filter(said -> said.getPhase() != TrainingPhase.WAITING_FOR_DATA),
                        open.stream().filter(said -> said.getPhase() == TrainingPhase.WAITING_FOR_DATA))
                .toList();
    }

    /**
     * Those that ended without a model lately, the newest first, at most three: what an alert, the clock or {@code --no-wait}
     * has asked for fails where nobody looks on.
     *
     * @param progress oldest first
     */
    public static List<TrainingProgress> ended(List<TrainingProgress> progress, Instant now) {
        Map<String, TrainingProgress> newest = new LinkedHashMap<>();
        progress.forEach(said -> newest.put(said.getRunId(), said));
        return newest.values().stream()
                .filter(said ->
                        said.getPhase() == TrainingPhase.FAILED && !said.getAt().isBefore(now.minus(LATELY)))
                .sorted(Comparator.comparing(TrainingProgress::getAt).reversed())
                .limit(MOST_ENDED)
                .toList();
    }

    /**
     * Requests of which the trainer has said nothing: it has them before it when it runs again.
     *
     * @param progress oldest first; of what was asked for before the first of it, nothing can be said
     */
    public static List<RetrainingRequest> notTaken(
            List<RetrainingRequest> requests, List<TrainingProgress> progress, Instant now) {
        Set<String> heard = progress.stream()
                .map(TrainingProgress::getRequestId)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        Instant from = progress.isEmpty()
                ? now.minus(LATELY)
                : Collections.max(List.of(now.minus(LATELY), progress.get(0).getAt()));
        return requests.stream()
                .filter(request -> request.getWithdraws() == null
                        && !heard.contains(request.getRequestId())
                        && !request.getRequestedAt().isBefore(from))
                .toList();
    }
}
