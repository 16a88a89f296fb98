package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.fit.BatchProgress;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.fit.ProgressListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/** What one run tells while it works. Used by the thread that trains alone. */
final class RunProgress {
    /** Whatever is counted fast is told at most so often. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final double MILLIS_PER_SECOND = 1000;

    private final Progress progress;
    private final PendingRequest request;
    private final Map<String, Long> samples;
    private final InstantSource clock;
    private Instant told = Instant.MIN;

    /** @param samples that the run has, by split */
    RunProgress(Progress progress, PendingRequest request, Map<String, Long> samples, InstantSource clock) {
        this.progress = progress;
        this.request = request;
        this.samples = samples;
        this.clock = clock;
    }

    /** Tells what is being done after the fit, as a sentence. */
    void tell(TrainingStage stage, String message) {
        told = clock.instant();
        progress.tell(request, TrainingPhase.GRADING, stage, message, samples);
    }

    /** Tells every epoch of the fit, and in between as often as the fit does. */
    ProgressListener fit() {
        return new ProgressListener() {
            @Override
            public void onEpoch(EpochProgress epoch) {
                progress.tell(record(
                                TrainingPhase.FITTING,
                                TrainingStage.FITTING,
                                "Epoch %d of at most %d%s"
                                        .formatted(
                                                epoch.epoch(),
                                                epoch.maxEpochs(),
                                                epoch.best() ? ", the best so far" : ""))
                        .setEpoch(epoch.epoch())
                        .setEpochs(epoch.maxEpochs())
                        .setTrainLoss(epoch.trainLoss())
                        .setTrainError(epoch.trainError())
                        .setTrainDevLoss(epoch.trainDevLoss())
                        .setTrainDevError(epoch.trainDevError())
                        .setImagesPerSecond(epoch.imagesPerSecond())
                        .setSecondsLeft(epoch.secondsRemainingAtMost())
                        .build());
            }

            @Override
            public void onBatch(BatchProgress batch) {
                progress.tell(within(
                                record(
                                        TrainingPhase.FITTING,
                                        stage(batch.stage()),
                                        "Epoch %d of at most %d, %s"
                                                .formatted(batch.epoch(), batch.maxEpochs(), of(batch))),
                                batch)
                        .build());
            }

            @Override
            public void onResume(int epochs, int batches) {
                progress.tell(record(
                                TrainingPhase.FITTING,
                                TrainingStage.FITTING,
                                "Goes on from the checkpoint after epoch %d, batch %d of the next"
                                        .formatted(epochs, batches))
                        .setEpoch(epochs)
                        .build());
            }
        };
    }

    /**
     * Tells the fits of an analysis, each with its place among them.
     *
     * @param message what the fit is for, as the beginning of a sentence
     * @param step from 1 to {@code steps}
     */
    ProgressListener analysis(String message, int step, int steps) {
        return new ProgressListener() {
            @Override
            public void onEpoch(EpochProgress epoch) {
                tellIfDue(() -> step("%s, epoch %d of at most %d".formatted(message, epoch.epoch(), epoch.maxEpochs()))
                        .setEpoch(epoch.epoch())
                        .setEpochs(epoch.maxEpochs())
                        .setTrainLoss(epoch.trainLoss())
                        .setImagesPerSecond(epoch.imagesPerSecond())
                        .setSecondsLeft(epoch.secondsRemainingAtMost()));
            }

            @Override
            public void onBatch(BatchProgress batch) {
                tellIfDue(() -> {
                    TrainingProgress.Builder record = within(
                            step("%s, epoch %d of at most %d, %s"
                                    .formatted(message, batch.epoch(), batch.maxEpochs(), of(batch))),
                            batch);
                    // An epoch that is being evaluated has been trained, which its evaluation's batches do not say.
                    return batch.stage() == BatchProgress.Stage.FITTING
                            ? record
                            : record.setBatch(0).setBatches(0);
                });
            }

            private TrainingProgress.Builder step(String sentence) {
                return record(TrainingPhase.GRADING, TrainingStage.ANALYSING, sentence)
                        .setStep(step)
                        .setSteps(steps);
            }
        };
    }

    /**
     * Tells how many of some samples a model has judged.
     *
     * @param message what it judges them for, as the beginning of a sentence
     * @param all samples that it judges
     */
    IntConsumer judging(TrainingStage stage, String message, int all) {
        Instant began = clock.instant();
        return done -> tellIfDue(() -> {
            double seconds = Duration.between(began, clock.instant()).toMillis() / MILLIS_PER_SECOND;
            TrainingProgress.Builder record = record(
                            TrainingPhase.GRADING, stage, "%s: %d of %d samples".formatted(message, done, all))
                    .setBatch(done)
                    .setBatches(all);
            return seconds <= 0
                    ? record
                    : record.setImagesPerSecond(done / seconds).setSecondsLeft(seconds / done * (all - done));
        });
    }

    /** A record that is made only if it is told. */
    private interface Making {
        TrainingProgress.Builder record();
    }

    private void tellIfDue(Making making) {
        Instant now = clock.instant();
        if (!now.isBefore(told.plus(INTERVAL))) {
            told = now;
            progress.tell(making.record().build());
        }
    }

    private TrainingProgress.Builder record(TrainingPhase phase, TrainingStage stage, String message) {
        return progress.record(request.runId(), Optional.of(request.requestId()), phase, message)
                .setStage(stage)
                .setSamples(samples);
    }

    private static TrainingProgress.Builder within(TrainingProgress.Builder record, BatchProgress batch) {
        return record.setEpoch(batch.epoch())
                .setEpochs(batch.maxEpochs())
                .setBatch(batch.batch())
                .setBatches(batch.batches())
                .setTrainLoss(batch.trainLoss())
                .setImagesPerSecond(batch.imagesPerSecond())
                .setSecondsLeft(batch.secondsRemainingAtMost());
    }

    private static TrainingStage stage(BatchProgress.Stage stage) {
        return switch (stage) {
            case FITTING -> TrainingStage.FITTING;
            case EVALUATING -> TrainingStage.EVALUATING;
        };
    }

    private static String of(BatchProgress batch) {
        return switch (batch.stage()) {
            case FITTING -> "batch %d of %d".formatted(batch.batch(), batch.batches());
            case EVALUATING -> "evaluating, batch %d of %d".formatted(batch.batch(), batch.batches());
        };
    }
}
