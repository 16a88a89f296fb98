package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.improve.Resampling;
import io.drivetrain.trainer.improve.augment.Augmentations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fit that was interrupted ends with the bits of one that was not. */
class CheckpointTest {
    private static final NetworkSpec NETWORK =
            new NetworkSpec("lenet", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3);
    private static final FitSettings PLAIN = new FitSettings(4, 4, 16, 5, 1);
    private static final BrightSquares TRAIN = BrightSquares.of(100, 1);
    private static final BrightSquares TRAIN_DEV = BrightSquares.of(40, 2);
    private static final long SECOND = 1_000_000_000L;

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(1);
    }

    @Test
    void fitInterruptedAfterAnEpochEndsWithTheSameBits(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> new Fitter().fit(request(PLAIN, folder), new InterruptAtEpoch(2)))
                .isInstanceOf(InterruptedException.class);
        assertThat(header(folder).orElseThrow().epochs()).isEqualTo(2);
        assertSameAsUninterrupted(NETWORK, PLAIN, folder, 2);
    }

    @Test
    void fitInterruptedWithinAnEpochGoesOnFromTheBatch(@TempDir Path folder) throws Exception {
        // The clock says that ten minutes pass whenever it is asked, so that every batch writes a checkpoint.
        SlowClock clock = new SlowClock(600 * SECOND, 24);
        assertThatThrownBy(() -> new Fitter(clock).fit(request(PLAIN, folder), progress -> {}))
                .isInstanceOf(InterruptedException.class);
        Checkpoint interrupted = header(folder).orElseThrow();
        assertThat(interrupted.epochs()).isEqualTo(1);
        assertThat(interrupted.batches()).isBetween(1, 6);
        assertSameAsUninterrupted(NETWORK, PLAIN, folder, interrupted.epochs());
    }

    @Test
    void everythingRandomGoesOnWhereItWas(@TempDir Path folder) throws Exception {
        FitSettings all = PLAIN.with(Augmentations.parse(List.of("flip=0.1", "crop", "noise", "night", "cut-out")))
                .with(Resampling.BALANCED)
                .with(LearningRateSchedule.parse("cosine", 1));
        SlowClock clock = new SlowClock(600 * SECOND, 30);
        NetworkSpec regularised = new NetworkSpec(
                "lenet", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3, List.of(), 1, 0.01, 0.5);
        assertThatThrownBy(() -> new Fitter(clock).fit(request(regularised, all, folder), progress -> {}))
                .isInstanceOf(InterruptedException.class);
        Checkpoint interrupted = header(folder).orElseThrow();
        assertThat(interrupted.batches()).isPositive();
        assertSameAsUninterrupted(regularised, all, folder, interrupted.epochs());
    }

    @Test
    void batchStatisticsGoOnWhereTheyWere(@TempDir Path folder) throws Exception {
        NetworkSpec residual = new NetworkSpec("resnet18", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3);
        FitSettings settings = new FitSettings(2, 2, 16, 5, 1);
        FitRequest request = new FitRequest(
                BrightSquares.of(32, 1),
                BrightSquares.of(16, 2),
                residual,
                settings,
                Optional.empty(),
                Optional.of(folder));
        assertThatThrownBy(() -> new Fitter().fit(request, new InterruptAtEpoch(1)))
                .isInstanceOf(InterruptedException.class);
        FitRequest whole = new FitRequest(request.train(), request.trainDev(), residual, settings);
        assertThat(bits(new Fitter().fit(request, progress -> {})))
                .isEqualTo(bits(new Fitter().fit(whole, progress -> {})));
    }

    @Test
    void finishedFitIsNotRepeated(@TempDir Path folder) throws Exception {
        FitOutcome first = new Fitter().fit(request(PLAIN, folder), progress -> {});
        FitOutcome again = new Fitter().fit(request(PLAIN, folder), progress -> {
            throw new AssertionError("Epoch %d was run again".formatted(progress.epoch()));
        });
        assertThat(bits(again)).isEqualTo(bits(first));
        assertThat(((FitOutcome.Fitted) again).history()).isEqualTo(((FitOutcome.Fitted) first).history());
    }

    @Test
    void checkpointOfAnotherRequestIsLeftAside(@TempDir Path folder) throws Exception {
        new Fitter().fit(request(PLAIN, folder), progress -> {});
        for (FitRequest other : List.of(
                request(new FitSettings(4, 4, 16, 6, 1), folder),
                new FitRequest(
                        TRAIN.withLabel(3, 1 - TRAIN.label(3)),
                        TRAIN_DEV,
                        NETWORK,
                        PLAIN,
                        Optional.empty(),
                        Optional.of(folder)),
                new FitRequest(
                        TRAIN, BrightSquares.of(40, 3), NETWORK, PLAIN, Optional.empty(), Optional.of(folder)))) {
            List<Integer> epochs = new ArrayList<>();
            new Fitter().fit(other, progress -> epochs.add(progress.epoch()));
            assertThat(epochs).startsWith(1);
        }
    }

    @Test
    void tornCheckpointIsLeftAside(@TempDir Path folder) throws Exception {
        String bits = bits(new Fitter().fit(request(PLAIN, folder), progress -> {}));
        Path file = folder.resolve("checkpoint.bin");
        byte[] whole = Files.readAllBytes(file);
        byte[] flipped = whole.clone();
        flipped[whole.length / 2] ^= 1;
        for (byte[] damaged : List.of(new byte[0], new byte[5], Arrays.copyOf(whole, 1000), flipped)) {
            Files.write(file, damaged);
            List<Integer> epochs = new ArrayList<>();
            assertThat(bits(new Fitter().fit(request(PLAIN, folder), progress -> epochs.add(progress.epoch()))))
                    .isEqualTo(bits);
            assertThat(epochs).startsWith(1);
        }
    }

    @Test
    void fitWithoutAFolderWritesNothing(@TempDir Path folder) throws Exception {
        new Fitter().fit(new FitRequest(TRAIN, TRAIN_DEV, NETWORK, PLAIN), progress -> {});
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    private static void assertSameAsUninterrupted(
            NetworkSpec network, FitSettings settings, Path folder, int epochsDone) throws InterruptedException {
        List<EpochProgress> expected = new ArrayList<>();
        FitOutcome whole = new Fitter().fit(new FitRequest(TRAIN, TRAIN_DEV, network, settings), expected::add);
        List<EpochProgress> seen = new ArrayList<>();
        List<Integer> resumedAfter = new ArrayList<>();
        FitOutcome resumed = new Fitter().fit(request(network, settings, folder), new ProgressListener() {
            @Override
            public void onEpoch(EpochProgress progress) {
                seen.add(progress);
            }

            @Override
            public void onResume(int epochs, int batches) {
                resumedAfter.add(epochs);
            }
        });
        assertThat(resumedAfter).containsExactly(epochsDone);
        assertThat(bits(resumed)).isEqualTo(bits(whole));
        assertThat(seen).extracting(EpochProgress::epoch).startsWith(epochsDone + 1);
        assertThat(((FitOutcome.Fitted) resumed).history())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields(
                        "imagesPerSecond", "secondsElapsed", "secondsRemainingAtMost")
                .isEqualTo(expected);
    }

    private static FitRequest request(FitSettings settings, Path folder) {
        return request(NETWORK, settings, folder);
    }

    private static FitRequest request(NetworkSpec network, FitSettings settings, Path folder) {
        return new FitRequest(TRAIN, TRAIN_DEV, network, settings, Optional.empty(), Optional.of(folder));
    }

    private static Optional<Checkpoint> header(Path folder) throws IOException {
        return new CheckpointFile(folder).header();
    }

    private static String bits(FitOutcome outcome) {
        assertThat(outcome).isInstanceOf(FitOutcome.Fitted.class);
        try (FittedModel model = ((FitOutcome.Fitted) outcome).model()) {
            return model.weightsSha256();
        }
    }

    /** Interrupts the fit when an epoch is over. */
    private record InterruptAtEpoch(int epoch) implements ProgressListener {
        @Override
        public void onEpoch(EpochProgress progress) {
            if (progress.epoch() == epoch) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A clock that moves on whenever it is asked, and interrupts who asks for the time once. */
    private static final class SlowClock implements LongSupplier {
        private final long step;
        private final int interruptAt;
        private int asked;

        SlowClock(long step, int interruptAt) {
            this.step = step;
            this.interruptAt = interruptAt;
        }

        @Override
        public long getAsLong() {
            asked++;
            if (asked == interruptAt) {
                Thread.currentThread().interrupt();
            }
            return asked * step;
        }
    }
}
