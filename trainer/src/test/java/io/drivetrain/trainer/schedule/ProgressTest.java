package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.fit.BatchProgress;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.fit.ProgressListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final PendingRequest REQUEST =
            PendingRequest.plain("r", RetrainingReason.MANUAL, Optional.empty(), Instant.EPOCH);
    private static final Map<String, Long> SAMPLES = Map.of("train", 500L);

    private final List<TrainingProgress> heard = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private final Progress progress = new Progress(heard::add, () -> now);
    private final RunProgress run = new RunProgress(progress, REQUEST, SAMPLES, () -> now);

    private TrainingProgress last() {
        return heard.get(heard.size() - 1);
    }

    private static BatchProgress batch(BatchProgress.Stage stage, int batch) {
        return new BatchProgress(stage, 3, 10, batch, 40, 0.25, 1200, 95);
    }

    @Test
    void whatIsWaitedForIsToldWhenItChangesAndNotMoreOftenThanAPersonCanRead() {
        progress.tellWaiting(REQUEST, "one of three", SAMPLES);
        progress.tellWaiting(REQUEST, "one of three", SAMPLES);
        now = Instant.ofEpochSecond(1);
        progress.tellWaiting(REQUEST, "two of three", SAMPLES);
        now = Instant.ofEpochSecond(2);
        progress.tellWaiting(REQUEST, "two of three", SAMPLES);

        assertThat(heard).extracting(TrainingProgress::getMessage).containsExactly("one of three", "two of three");
        assertThat(heard).extracting(TrainingProgress::getStage).containsOnly(TrainingStage.WAITING);
    }

    @Test
    void whoeverWaitsHoursInTheQueueHearsTheSameEveryHalfMinute() {
        for (int second = 0; second <= 3600; second++) {
            now = Instant.ofEpochSecond(second);
            progress.tellWaiting(REQUEST, "Waiting for run-other to end", SAMPLES);
        }
        assertThat(heard).hasSize(1 + 3600 / 30);
    }

    @Test
    void aRunThatIsSilentIsSaidToGoOnWithoutItsOldFigures() {
        run.fit().onEpoch(new EpochProgress(1, 5, 0.5, 0.1, 0.6, 0.2, 100, 1, 4, true));
        for (int second = 0; second < 90; second++) {
            now = Instant.ofEpochSecond(second);
            progress.tellStill(REQUEST);
        }
        assertThat(heard)
                .extracting(TrainingProgress::getMessage)
                .containsExactly(
                        "Epoch 1 of at most 5, the best so far",
                        "Epoch 1 of at most 5, the best so far (for 30 s so far)",
                        "Epoch 1 of at most 5, the best so far (for 60 s so far)");
        assertThat(heard.get(0).getTrainDevError()).isEqualTo(0.2);
        assertThat(last().getTrainDevError()).isNull();
        assertThat(last().getEpoch()).isEqualTo(1);
        progress.forget(REQUEST);
        now = Instant.ofEpochSecond(1000);
        progress.tellStill(REQUEST);
        assertThat(heard).hasSize(3);
    }

    @Test
    void aBatchIsToldWithAllThatABarShows() {
        run.fit().onBatch(batch(BatchProgress.Stage.FITTING, 20));

        assertThat(last().getPhase()).isEqualTo(TrainingPhase.FITTING);
        assertThat(last().getStage()).isEqualTo(TrainingStage.FITTING);
        assertThat(last().getMessage()).isEqualTo("Epoch 3 of at most 10, batch 20 of 40");
        assertThat(last().getBatch()).isEqualTo(20);
        assertThat(last().getBatches()).isEqualTo(40);
        assertThat(last().getTrainLoss()).isEqualTo(0.25);
        assertThat(last().getImagesPerSecond()).isEqualTo(1200);
        assertThat(last().getSecondsLeft()).isEqualTo(95);
        assertThat(last().getSamples()).isEqualTo(SAMPLES);
        run.fit().onBatch(batch(BatchProgress.Stage.EVALUATING, 2));
        assertThat(last().getStage()).isEqualTo(TrainingStage.EVALUATING);
    }

    @Test
    void theFitsOfAnAnalysisAreToldOnceASecondWithTheirPlaceAmongThem() {
        run.tell(TrainingStage.ANALYSING, "Label noise: fold 2 of 5");
        ProgressListener fold = run.analysis("Label noise: fold 2 of 5", 2, 5);
        for (int tenth = 0; tenth <= 30; tenth++) {
            now = Instant.ofEpochMilli(100L * tenth);
            fold.onBatch(batch(BatchProgress.Stage.FITTING, tenth));
            fold.onEpoch(new EpochProgress(3, 10, 0.5, 0.1, 0.6, 0.2, 100, 1, 4, true));
        }

        assertThat(heard).hasSize(4);
        assertThat(heard).extracting(TrainingProgress::getStage).containsOnly(TrainingStage.ANALYSING);
        assertThat(last().getStep()).isEqualTo(2);
        assertThat(last().getSteps()).isEqualTo(5);
        assertThat(last().getEpoch()).isEqualTo(3);
        assertThat(last().getTrainError())
                .as("an analysis has no place in the curve of the fit")
                .isNull();
    }

    @Test
    void anEpochOfAnAnalysisThatIsBeingEvaluatedHasBeenTrained() {
        run.analysis("Label noise: fold 2 of 5", 2, 5).onBatch(batch(BatchProgress.Stage.EVALUATING, 1));

        assertThat(last().getMessage())
                .isEqualTo("Label noise: fold 2 of 5, epoch 3 of at most 10, evaluating, batch 1 of 40");
        assertThat(last().getEpoch()).isEqualTo(3);
        assertThat(last().getBatches()).isZero();
    }

    @Test
    void judgingManySamplesIsCounted() {
        IntConsumer judged = run.judging(TrainingStage.GRADING, "Grading the model on train", 1000);
        for (int second = 1; second <= 4; second++) {
            now = Instant.ofEpochSecond(second);
            judged.accept(100 * second);
            judged.accept(100 * second + 1);
        }
        assertThat(heard).hasSize(4);
        assertThat(last().getMessage()).isEqualTo("Grading the model on train: 400 of 1000 samples");
        assertThat(last().getImagesPerSecond()).isCloseTo(100, within(1e-9));
        assertThat(last().getSecondsLeft()).isCloseTo(6, within(1e-9));
    }
}
