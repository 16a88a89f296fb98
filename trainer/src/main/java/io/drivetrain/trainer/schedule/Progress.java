package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingStage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Progress records of runs; what waits is told when it changes, and not more often than a person can read. No run is
 * silent for long while its trainer lives, so that silence means a trainer that is gone.
 *
 * <p>Safe for use by several threads.
 */
final class Progress {
    private static final Duration WAITING_INTERVAL = Duration.ofSeconds(2);

    /** Well below the silence after which {@code ./drivetrain train} gives up. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

    private final Consumer<TrainingProgress> sink;
    private final InstantSource clock;
    private final Map<String, Told> told = new HashMap<>();

    /** What was told last of a run, and since when it has been so. */
    private record Told(TrainingProgress record, Instant since) {
        Instant at() {
            return record.getAt();
        }
    }

    Progress(Consumer<TrainingProgress> sink, InstantSource clock) {
        this.sink = sink;
        this.clock = clock;
    }

    /** Beginning of a record, with the stage that the phase has where nothing more is known. */
    TrainingProgress.Builder record(String runId, Optional<String> requestId, TrainingPhase phase, String message) {
        return TrainingProgress.newBuilder()
                .setRunId(runId)
                .setRequestId(requestId.orElse(null))
                .setPhase(phase)
                .setStage(stage(phase))
                .setMessage(message)
                .setAt(clock.instant());
    }

    private static TrainingStage stage(TrainingPhase phase) {
        return switch (phase) {
            case WAITING_FOR_DATA -> TrainingStage.WAITING;
            case ASSEMBLING -> TrainingStage.ASSEMBLING;
            case FITTING -> TrainingStage.FITTING;
            case GRADING -> TrainingStage.GRADING;
            case PUBLISHED -> TrainingStage.PUBLISHING;
            case FAILED -> TrainingStage.UNKNOWN;
        };
    }

    void tell(PendingRequest request, TrainingPhase phase, String message, Map<String, Long> samples) {
        tell(request, phase, stage(phase), message, samples);
    }

    void tell(
            PendingRequest request,
            TrainingPhase phase,
            TrainingStage stage,
            String message,
            Map<String, Long> samples) {
        tell(record(request.runId(), Optional.of(request.requestId()), phase, message)
                .setStage(stage)
                .setSamples(samples)
                .build());
    }

    /** How a run ends without a model. */
    enum End {
        FAILED,
        /** The doctor found its set-up wrong. */
        REFUSED,
        /** It was taken back. */
        WITHDRAWN
    }

    /** Tells that a run has ended without a model. */
    void tellEnd(PendingRequest request, String reason, End end, Map<String, Long> samples) {
        sink.accept(record(request.runId(), Optional.of(request.requestId()), TrainingPhase.FAILED, reason)
                .setRefused(end == End.REFUSED)
                .setWithdrawn(end == End.WITHDRAWN)
                .setSamples(samples)
                .build());
    }

    /** Tells that a request is answered by the training of another. */
    void tellJoined(PendingRequest request, PendingRequest other, String message, Map<String, Long> samples) {
        sink.accept(record(request.runId(), Optional.of(request.requestId()), TrainingPhase.WAITING_FOR_DATA, message)
                .setJoined(other.requestId())
                .setSamples(samples)
                .build());
    }

    /** Tells that the clock has asked for nothing new. */
    void tellSkipped(String runId, String requestId, String message) {
        sink.accept(record(runId, Optional.of(requestId), TrainingPhase.WAITING_FOR_DATA, message)
                .setSkipped(true)
                .build());
    }

    /** Tells what belongs to no request that could be forgotten. */
    void tell(String runId, Optional<String> requestId, TrainingPhase phase, String message) {
        sink.accept(record(runId, requestId, phase, message).build());
    }

    synchronized void tell(TrainingProgress record) {
        told.put(record.getRunId(), new Told(record, record.getAt()));
        sink.accept(record);
    }

    /** Tells what a request waits for, unless that or something else was told a short while ago. */
    synchronized void tellWaiting(PendingRequest request, String message, Map<String, Long> samples) {
        Told last = told.get(request.runId());
        Instant now = clock.instant();
        if (last == null
                || !now.isBefore(last.at().plus(LONGEST_SILENCE))
                || (!last.record().getMessage().equals(message)
                        && !now.isBefore(last.at().plus(WAITING_INTERVAL)))) {
            tell(request, TrainingPhase.WAITING_FOR_DATA, message, samples);
        }
    }

    /** Says again what a run is doing, if it has said nothing for a while. */
    synchronized void tellStill(PendingRequest request) {
        Told last = told.get(request.runId());
        Instant now = clock.instant();
        if (last == null || now.isBefore(last.at().plus(LONGEST_SILENCE))) {
            return;
        }
        TrainingProgress again = TrainingProgress.newBuilder(last.record())
                // The figures of an epoch were told when they were new.
                .setTrainError(null)
                .setTrainDevError(null)
                .setTrainDevLoss(null)
                .setMessage(last.record().getMessage())
                .setAt(now)
                .build();
        told.put(request.runId(), new Told(again, last.since()));
        sink.accept(TrainingProgress.newBuilder(again)
                .setMessage("%s (for %d s so far)"
                        .formatted(
                                again.getMessage(),
                                Duration.between(last.since(), now).toSeconds()))
                .build());
    }

    /** A request that is finished waits no more. */
    synchronized void forget(PendingRequest request) {
        told.remove(request.runId());
    }
}
