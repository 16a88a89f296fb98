package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.cli.show.Curve;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingStage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingWatchTest {
    private static final Terminal TERMINAL = new Terminal(
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false, false, false, 100);

    private static TrainingProgress.Builder step(TrainingPhase phase, TrainingStage stage, String message) {
        return TrainingProgress.newBuilder()
                .setRunId("run-1")
                .setPhase(phase)
                .setStage(stage)
                .setMessage(message)
                .setAt(Instant.EPOCH);
    }

    private static TrainingProgress epoch(int epoch, double trainError, double trainDevError) {
        return step(TrainingPhase.FITTING, TrainingStage.FITTING, "Epoch")
                .setEpoch(epoch)
                .setEpochs(4)
                .setTrainLoss(0.5)
                .setTrainError(trainError)
                .setTrainDevError(trainDevError)
                .setImagesPerSecond(1234.0)
                .setSecondsLeft(125.0)
                .build();
    }

    private static TrainingProgress.Builder batch(TrainingStage stage, int epoch, int batch) {
        return step(TrainingPhase.FITTING, stage, "Batch")
                .setEpoch(epoch)
                .setEpochs(4)
                .setBatch(batch)
                .setBatches(10)
                .setTrainLoss(0.25)
                .setImagesPerSecond(1000.0)
                .setSecondsLeft(61.0);
    }

    private static String line(TrainingProgress... soFar) {
        return TrainingWatch.progressLine(TERMINAL, List.of(soFar));
    }

    @Test
    void aBatchMovesTheBarAndShowsLossErrorsTimeLeftAndThroughput() {
        assertThat(line(epoch(1, 0.2, 0.3), batch(TrainingStage.FITTING, 2, 10).build()))
                .isEqualTo("  epoch  2/4 " + TERMINAL.bar(0.5, 6)
                        + " loss 0.250, train 20.0 %, train-dev 30.0 %, 1 min 01 s left, 1,000 images/s")
                .hasSizeLessThan(100);
        assertThat(line(batch(TrainingStage.FITTING, 1, 5).build()))
                .isEqualTo("  epoch  1/4 " + TERMINAL.bar(0.125, 6) + " loss 0.250, 1 min 01 s left, 1,000 images/s");
    }

    @Test
    void anEpochThatIsEvaluatedHasBeenTrained() {
        assertThat(line(batch(TrainingStage.EVALUATING, 2, 1).build()))
                .startsWith("  epoch  2/4 " + TERMINAL.bar(0.5, 6) + " evaluating, loss 0.250");
    }

    @Test
    void aFoldMovesTheBarOfItsAnalysis() {
        TrainingProgress fold = batch(TrainingStage.ANALYSING, 3, 10)
                .setPhase(TrainingPhase.GRADING)
                .setMessage("Label noise: fold 2 of 3, epoch 3 of at most 4, batch 10 of 10")
                .setStep(2)
                .setSteps(3)
                .build();
        assertThat(line(epoch(1, 0.2, 0.3), fold))
                .isEqualTo(
                        "  " + TERMINAL.bar(1.75 / 3, 6)
                                + " Label noise: fold 2 of 3, epoch 3 of at most 4, batch 10 of 10, 1 min 01 s left, 1,000 images/s");
    }

    @Test
    void whatIsNotCountedIsASentence() {
        assertThat(line(step(TrainingPhase.GRADING, TrainingStage.ANALYSING, "Looking for slices")
                        .build()))
                .isEqualTo("  Looking for slices");
        assertThat(line(step(TrainingPhase.WAITING_FOR_DATA, TrainingStage.WAITING, "Waiting for run-2 to end")
                        .build()))
                .isEqualTo("  Waiting for run-2 to end");
        assertThat(line(step(TrainingPhase.FITTING, TrainingStage.FITTING, "Goes on from the checkpoint")
                        .build()))
                .isEqualTo("  Goes on from the checkpoint");
    }

    @Test
    void aFailureIsLeftToTheSentenceThatTheCommandEndsWith() {
        assertThat(line(step(TrainingPhase.FAILED, TrainingStage.WAITING, "There is no model 'nope'")
                        .build()))
                .isEmpty();
    }

    @Test
    void theCurveHasEachEpochOnceAndNoBatches() {
        assertThat(TrainingWatch.points(List.of(
                        epoch(1, 0.2, 0.3),
                        batch(TrainingStage.FITTING, 2, 3).build(),
                        epoch(2, 0.1, 0.2),
                        epoch(2, 0.1, 0.2))))
                .extracting(Curve.Point::epoch)
                .containsExactly(1, 2);
    }
}
