package io.drivetrain.trainer.improve.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.EpochResult;
import io.drivetrain.trainer.improve.ladder.Convergence.State;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvergenceTest {
    private static List<EpochResult> epochs(int count, IntToDoubleFunction loss) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(epoch -> new EpochResult(epoch, loss.applyAsDouble(epoch), 0.2, null, null))
                .toList();
    }

    /** Of a run whose last epoch was the best. */
    private static Convergence judged(List<EpochResult> epochs, double maxEpochs) {
        return Convergence.of(epochs, epochs.size(), new Convergence.Limits(maxEpochs, 5));
    }

    @Test
    void twoEpochsOfAFallingLossAreNotConverged() {
        Convergence convergence = judged(epochs(2, epoch -> epoch == 1 ? 1.2 : 0.9), 2);

        assertThat(convergence.state()).isEqualTo(State.CUT_SHORT);
        assertThat(convergence.evidence()).contains("from 1.20 to 0.900 in the last 2 of 2 epochs", "another 25 %");
    }

    @Test
    void oneEpochTellsNothing() {
        assertThat(judged(epochs(1, epoch -> 1.2), 1).state()).isEqualTo(State.CUT_SHORT);
    }

    @Test
    void whoEndsTheTrainingIsTold() {
        List<EpochResult> falling = epochs(10, epoch -> 2.0 / epoch);

        assertThat(judged(falling, 10).state()).isEqualTo(State.CUT_SHORT);
        assertThat(judged(falling, 30).state()).isEqualTo(State.STOPPED_FOR_TRAIN_DEV);
        assertThat(judged(falling, 0).state()).isEqualTo(State.STOPPED_FOR_TRAIN_DEV);
    }

    @ParameterizedTest(name = "{0} epochs, best {1}, at most {2}, patience {3}: {4}")
    @CsvSource({
        "10, 10, 10, 5, CUT_SHORT",
        "10, 8, 10, 5, CUT_SHORT",
        "10, 7, 10, 5, CUT_SHORT",
        // One epoch more without a better one would have ended it.
        "10, 6, 10, 5, AT_BOTH_LIMITS",
        "10, 5, 10, 5, AT_BOTH_LIMITS",
        "40, 26, 40, 20, CUT_SHORT",
        "40, 25, 40, 20, AT_BOTH_LIMITS",
        // Patience of one epoch is whole after a best one.
        "10, 10, 10, 1, CUT_SHORT",
        "10, 9, 10, 1, AT_BOTH_LIMITS",
        // Twice the patience of a run that has hardly an epoch left.
        "9, 4, 10, 5, AT_BOTH_LIMITS",
        "8, 3, 10, 5, STOPPED_FOR_TRAIN_DEV",
        "10, 5, 30, 5, STOPPED_FOR_TRAIN_DEV",
        "10, 5, 0, 5, STOPPED_FOR_TRAIN_DEV",
        // Reports that do not tell.
        "10, 0, 10, 5, CUT_SHORT",
        "10, 5, 10, 0, CUT_SHORT",
    })
    void aRunWhosePatienceWasAllButSpentWasNotCutShort(
            int count, int best, double maxEpochs, double patience, State state) {
        Convergence convergence =
                Convergence.of(epochs(count, epoch -> 2.0 / epoch), best, new Convergence.Limits(maxEpochs, patience));

        assertThat(convergence.state()).isEqualTo(state);
        if (state == State.AT_BOTH_LIMITS) {
            assertThat(convergence.evidence()).endsWith("but train-dev was best in epoch " + best);
        }
    }

    @Test
    void aLossThatLevelledOffIsConverged() {
        assertThat(judged(epochs(30, epoch -> 0.4 + Math.exp(-epoch)), 30).state())
                .isEqualTo(State.SETTLED);
        assertThat(judged(epochs(2, epoch -> 0.4), 2).state()).isEqualTo(State.SETTLED);
        assertThat(judged(epochs(2, epoch -> 0.4 * epoch), 2).state()).isEqualTo(State.SETTLED);
    }

    @Test
    void scatterAloneIsSeldomTakenForAFall() {
        int falls = 0;
        for (int seed = 0; seed < 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            falls += judged(epochs(12, epoch -> 0.4 * Math.exp(0.3 * random.nextGaussian())), 12)
                                    .state()
                            == State.SETTLED
                    ? 0
                    : 1;
        }

        assertThat(falls / 400.0).isBetween(0.02, 0.08);
    }

    @Test
    void aReportWithoutLossesTellsNothing() {
        assertThat(judged(List.of(), 10)).isEqualTo(new Convergence(State.UNKNOWN, ""));
        assertThat(judged(epochs(3, epoch -> Double.NaN), 3).state()).isEqualTo(State.UNKNOWN);
    }
}
