package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitterTest {
    private static final NetworkSpec NETWORK =
            new NetworkSpec("lenet", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3);
    private static final FitSettings SETTINGS = new FitSettings(6, 3, 32, 5, 2);
    private static final BrightSquares TRAIN = BrightSquares.of(500, 1);
    private static final BrightSquares TRAIN_DEV = BrightSquares.of(120, 2);
    private static final ProgressListener NOBODY = progress -> {};

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    @Test
    void learnsWhereTheSquareIsAndReportsEveryEpoch() throws InterruptedException {
        List<EpochProgress> epochs = new ArrayList<>();
        try (FittedModel model = fit(TRAIN, SETTINGS, epochs::add)) {
            assertThat(epochs).hasSize(model.epochs()).allSatisfy(epoch -> {
                assertThat(epoch.imagesPerSecond()).isPositive();
                assertThat(epoch.trainLoss()).isFinite();
            });
            assertThat(epochs.get(epochs.size() - 1).trainError()).isLessThan(0.05);
            assertThat(errorOf(model, BrightSquares.of(200, 9))).isLessThan(0.1);
        }
    }

    /** Hears everything, in order. */
    private static final class Heard implements ProgressListener {
        private final List<Object> all = new ArrayList<>();

        @Override
        public void onEpoch(EpochProgress progress) {
            all.add(progress);
        }

        @Override
        public void onBatch(BatchProgress progress) {
            all.add(progress);
        }

        @Override
        public void onResume(int epochs, int batches) {
            all.add("resumed");
        }

        List<BatchProgress> batches() {
            return all.stream()
                    .filter(BatchProgress.class::isInstance)
                    .map(BatchProgress.class::cast)
                    .toList();
        }
    }

    /** A clock that goes on by so much whenever it is asked. */
    private static LongSupplier clock(double seconds) {
        AtomicLong nanos = new AtomicLong();
        return () -> nanos.getAndAdd((long) (seconds * 1e9));
    }

    private static Heard heard(LongSupplier clock, int epochs) throws InterruptedException {
        Heard heard = new Heard();
        FitOutcome outcome = new Fitter(clock)
                .fit(new FitRequest(TRAIN, TRAIN_DEV, NETWORK, new FitSettings(epochs, epochs, 32, 5, 2)), heard);
        ((FitOutcome.Fitted) outcome).model().close();
        return heard;
    }

    @Test
    void slowBatchesAreReportedOneByOneWithLossThroughputAndTimeLeft() throws InterruptedException {
        // A second passes whenever the clock is asked.
        List<Object> all = heard(clock(1), 2).all;
        List<BatchProgress> first = all.stream()
                .takeWhile(BatchProgress.class::isInstance)
                .map(BatchProgress.class::cast)
                .toList();

        assertThat(all.get(first.size())).isInstanceOf(EpochProgress.class);
        assertThat(first)
                .filteredOn(p -> p.stage() == BatchProgress.Stage.FITTING)
                .extracting(BatchProgress::batch)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 16).boxed().toList());
        assertThat(first)
                .filteredOn(p -> p.stage() == BatchProgress.Stage.EVALUATING)
                // 500 samples of train and 120 of train-dev, 128 at a time.
                .extracting(BatchProgress::batch, BatchProgress::batches)
                .containsExactly(tuple(1, 5), tuple(2, 5), tuple(3, 5), tuple(4, 5), tuple(5, 5));
        BatchProgress fourth = first.get(3);
        assertThat(fourth.epoch()).isEqualTo(1);
        assertThat(fourth.maxEpochs()).isEqualTo(2);
        assertThat(fourth.batches()).isEqualTo(16);
        assertThat(fourth.imagesPerSecond()).isEqualTo(32);
        // 4 of 32 batches took 5 s, one of them before the epoch began.
        assertThat(fourth.secondsRemainingAtMost()).isCloseTo(5.0 / 4 * 28, within(1e-9));
        EpochProgress epoch = (EpochProgress) all.get(first.size());
        assertThat(first.get(15).trainLoss()).isEqualTo(epoch.trainLoss());
        assertThat(first.get(20).trainLoss()).isEqualTo(epoch.trainLoss());
    }

    @Test
    void fastBatchesAreReportedOnceASecondAndEpochsAlways() throws InterruptedException {
        // A tenth of a second whenever the clock is asked: 24 times an epoch.
        Heard heard = heard(clock(0.1), 3);

        assertThat(heard.all).filteredOn(EpochProgress.class::isInstance).hasSize(3);
        assertThat(heard.batches()).hasSize(6);
        assertThat(heard.batches().get(0).batch()).isBetween(8, 10);
        assertThat(heard(clock(0.01), 3).batches()).isEmpty();
    }

    @Test
    void listeningChangesNoBit() throws InterruptedException {
        FitSettings settings = new FitSettings(2, 2, 32, 5, 2);
        FitOutcome outcome = new Fitter(clock(1)).fit(new FitRequest(TRAIN, TRAIN_DEV, NETWORK, settings), new Heard());
        try (FittedModel loud = ((FitOutcome.Fitted) outcome).model();
                FittedModel quiet = fit(TRAIN, settings, NOBODY)) {
            assertThat(loud.weightsSha256()).isEqualTo(quiet.weightsSha256());
        }
    }

    @Test
    void keepsTheWeightsOfTheBestEpoch() throws InterruptedException {
        List<EpochProgress> epochs = new ArrayList<>();
        try (FittedModel model = fit(TRAIN, SETTINGS, epochs::add)) {
            EpochProgress best = epochs.get(model.bestEpoch() - 1);
            assertThat(best.best()).isTrue();
            assertThat(model.bestTrainDevError()).isEqualTo(best.trainDevError());
            assertThat(errorOf(model, TRAIN_DEV)).isEqualTo(best.trainDevError());
            assertThat(epochs)
                    .allSatisfy(
                            epoch -> assertThat(epoch.trainDevError()).isGreaterThanOrEqualTo(best.trainDevError()));
        }
    }

    @Test
    void stopsWhenPatienceIsOver() throws InterruptedException {
        FitSettings impatient = new FitSettings(50, 1, 32, 5, 2);
        // A third of wrong labels: confidence then costs loss, so that the best epoch cannot move on for ever.
        BrightSquares mislabelled = TRAIN_DEV;
        for (int i = 0; i < TRAIN_DEV.size(); i += 3) {
            mislabelled = mislabelled.withLabel(i, 1 - TRAIN_DEV.label(i));
        }
        try (FittedModel model = fit(TRAIN, mislabelled, impatient, NOBODY)) {
            assertThat(model.epochs()).isEqualTo(model.bestEpoch() + 1).isLessThan(50);
        }
    }

    @Test
    void sameRequestGivesTheSameBits() throws InterruptedException {
        try (FittedModel one = fit(TRAIN, SETTINGS, NOBODY);
                FittedModel two = fit(TRAIN, SETTINGS, NOBODY)) {
            assertThat(one.weightsSha256()).isEqualTo(two.weightsSha256());
            assertThat(one.probabilities(TRAIN_DEV)).isDeepEqualTo(two.probabilities(TRAIN_DEV));
        }
    }

    @Test
    void anotherSeedGivesOtherBits() throws InterruptedException {
        FitSettings other = new FitSettings(1, 1, 32, 6, 2);
        FitSettings base = new FitSettings(1, 1, 32, 5, 2);
        try (FittedModel one = fit(TRAIN, base, NOBODY);
                FittedModel two = fit(TRAIN, other, NOBODY)) {
            assertThat(one.weightsSha256()).isNotEqualTo(two.weightsSha256());
        }
    }

    @Test
    void savedModelIsTheSameAfterLoading(@TempDir Path directory) throws InterruptedException, IOException {
        try (FittedModel model = fit(TRAIN, new FitSettings(2, 2, 32, 5, 2), NOBODY)) {
            model.save(directory.resolve("model"));
            try (FittedModel loaded = FittedModel.load(directory.resolve("model"))) {
                assertThat(loaded.weightsSha256()).isEqualTo(model.weightsSha256());
                assertThat(loaded.network()).isEqualTo(model.network());
                assertThat(loaded.normalisation()).isEqualTo(model.normalisation());
                assertThat(loaded.bestEpoch()).isEqualTo(model.bestEpoch());
                assertThat(loaded.probabilities(TRAIN_DEV)).isDeepEqualTo(model.probabilities(TRAIN_DEV));
            }
        }
    }

    @Test
    void folderWithoutAModelIsNamed(@TempDir Path directory) {
        assertThatThrownBy(() -> FittedModel.load(directory))
                .isInstanceOf(IOException.class)
                .hasMessage("Cannot load a model from %s: there is no model.zip in it", directory);
    }

    @Test
    void divergingLossIsAnOutcome() throws InterruptedException {
        NetworkSpec tooFast = new NetworkSpec("lenet", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e30);
        FitOutcome outcome = new Fitter().fit(new FitRequest(TRAIN, TRAIN_DEV, tooFast, SETTINGS), NOBODY);
        assertThat(outcome).isInstanceOfSatisfying(FitOutcome.Diverged.class, diverged -> {
            assertThat(diverged.epoch()).isEqualTo(1);
            assertThat(diverged.reason()).contains("lower training.learning-rate (now 1.0E30)");
        });
    }

    @Test
    void emptyTrainingSetIsAnOutcome() throws InterruptedException {
        assertUnfit(BrightSquares.of(0, 1), TRAIN_DEV, "Split train has no samples yet");
    }

    @Test
    void emptyTrainDevSetIsAnOutcome() throws InterruptedException {
        assertUnfit(TRAIN, BrightSquares.of(0, 1), "Split train-dev has no samples yet");
    }

    @Test
    void labelBeyondTheClassesIsAnOutcome() throws InterruptedException {
        assertUnfit(TRAIN.withLabel(17, 2), TRAIN_DEV, "Sample 17 of split train has class index 2");
    }

    @Test
    void telemetryThatNoSampleHasIsAnOutcome() throws InterruptedException {
        Drives sent = Drives.ofSquareOrTelemetry(40, 1);
        float[] nothing = new float[40];
        Arrays.fill(nothing, Float.NaN);
        Drives silent = new Drives(sent.images(), nothing, sent.labels(), sent.framesOfDrive());

        assertUnfit(
                silent,
                sent,
                reading("speed"),
                "None of the 40 samples of split train has the telemetry speed, which multi-input reads; send it with the samples (in a manifest: a column telemetry.speed)");
        assertUnfit(
                sent, silent, reading("speed"), "None of the 40 samples of split train-dev has the telemetry speed");
    }

    @Test
    void anotherNumberOfTelemetryIsAnOutcome() throws InterruptedException {
        Drives one = Drives.ofSquareOrTelemetry(40, 1);

        assertUnfit(
                one,
                one,
                reading("speed", "yaw-rate"),
                "Samples of split train have 1 numbers of telemetry, multi-input reads the 2 of training.telemetry (speed, yaw-rate)");
    }

    private static NetworkSpec reading(String... telemetry) {
        return new NetworkSpec(
                "multi-input", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3, List.of(telemetry), 1, 0, 0);
    }

    @Test
    void interruptedFitStopsAndLeavesNoThread() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> new Fitter().fit(new FitRequest(TRAIN, TRAIN_DEV, NETWORK, SETTINGS), NOBODY))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private static void assertUnfit(SampleStore train, SampleStore trainDev, String reason)
            throws InterruptedException {
        assertUnfit(train, trainDev, NETWORK, reason);
    }

    private static void assertUnfit(SampleStore train, SampleStore trainDev, NetworkSpec network, String reason)
            throws InterruptedException {
        FitOutcome outcome = new Fitter().fit(new FitRequest(train, trainDev, network, SETTINGS), NOBODY);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        FitOutcome.Unfit.class,
                        unfit -> assertThat(unfit.reason()).startsWith(reason));
    }

    private static FittedModel fit(SampleStore train, FitSettings settings, ProgressListener listener)
            throws InterruptedException {
        return fit(train, TRAIN_DEV, settings, listener);
    }

    private static FittedModel fit(
            SampleStore train, SampleStore trainDev, FitSettings settings, ProgressListener listener)
            throws InterruptedException {
        FitOutcome outcome = new Fitter().fit(new FitRequest(train, trainDev, NETWORK, settings), listener);
        assertThat(outcome).isInstanceOf(FitOutcome.Fitted.class);
        return ((FitOutcome.Fitted) outcome).model();
    }

    private static double errorOf(FittedModel model, SampleStore store) throws InterruptedException {
        int[] predicted = model.predict(store);
        int wrong = 0;
        for (int i = 0; i < predicted.length; i++) {
            wrong += predicted[i] == store.label(i) ? 0 : 1;
        }
        return (double) wrong / predicted.length;
    }
}
