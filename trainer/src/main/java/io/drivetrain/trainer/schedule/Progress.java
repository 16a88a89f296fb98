package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.trainer.fit.EpochProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Progress records of runs; what waits is told when it changes, and not more often than a person can read. */
final class Progress {
    private static final Duration WAITING_INTERVAL = Duration.ofSeconds(2);

    private final Consumer<TrainingProgress> sink;
    private final InstantSource clock;
    private final Map<String, Told> told = new HashMap<>();

    private record Told(String message, Instant at) {}

    Progress(Consumer<TrainingProgress> sink, InstantSource clock) {
        this.sink = sink;
        this.clock = clock;
    }

    TrainingProgress.Builder record(String runId, Optional<String> requestId, TrainingPhase phase, String message) {
        return TrainingProgress.newBuilder()
                .setRunId(runId)
                .setRequestId(requestId.orElse(null))
                .setPhase(phase)
                .setMessage(message)
                .setAt(clock.instant());
    }

    void tell(PendingRequest request, TrainingPhase phase, String message, Map<String, Long> samples) {
        sink.accept(record(request.runId(), Optional.of(request.requestId()), phase, message)
                .setSamples(samples)
                .build());
    }

    /** Tells that a run has ended without a model. */
    void tellEnd(PendingRequest request, String reason, boolean refused, Map<String, Long> samples) {
        sink.accept(record(request.runId(), Optional.of(request.requestId()), TrainingPhase.FAILED, reason)
                .setRefused(refused)
                .setSamples(samples)
                .build());
    }

    void tell(String runId, Optional<String> requestId, TrainingPhase phase, String message) {
        sink.accept(record(runId, requestId, phase, message).build());
    }

    /** Tells what a request waits for, unless that was told already or something was told just now. */
    void tellWaiting(PendingRequest request, String message, Map<String, Long> samples) {
        Told last = told.get(request.runId());
        Instant now = clock.instant();
        if (last == null
                || (!last.message().equals(message) && !now.isBefore(last.at().plus(WAITING_INTERVAL)))) {
            told.put(request.runId(), new Told(message, now));
            tell(request, TrainingPhase.WAITING_FOR_DATA, message, samples);
        }
    }

    /** A request that is finished waits no more. */
    void forget(PendingRequest request) {
        told.remove(request.runId());
    }

    void tellEpoch(PendingRequest request, EpochProgress epoch, Map<String, Long> samples) {
        sink.accept(record(
                        request.runId(),
                        Optional.of(request.requestId()),
                        TrainingPhase.FITTING,
                        "Epoch %d of at most %d%s"
                                .formatted(epoch.epoch(), epoch.maxEpochs(), epoch.best() ? ", the best so far" : ""))
                .setEpoch(epoch.epoch())
                .setEpochs(epoch.maxEpochs())
                .setTrainLoss(epoch.trainLoss())
                .setTrainError(epoch.trainError())
                .setTrainDevLoss(epoch.trainDevLoss())
                .setTrainDevError(epoch.trainDevError())
                .setImagesPerSecond(epoch.imagesPerSecond())
                .setSamples(samples)
                .build());
    }
}
