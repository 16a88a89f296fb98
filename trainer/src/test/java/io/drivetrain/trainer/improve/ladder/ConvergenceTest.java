package io.drivetrain.trainer.improve.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.EpochResult;
import io.drivetrain.trainer.improve.ladder.Convergence.State;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConvergenceTest {
    private static List<EpochResult> epochs(int count, IntToDoubleFunction loss) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(epoch -> new EpochResult(epoch, loss.applyAsDouble(epoch), 0.2, null, null))
                .toList();
    }

    @Test
    void twoEpochsOfAFallingLossAreNotConverged() {
        Convergence convergence = Convergence.of(epochs(2, epoch -> epoch == 1 ? 1.2 : 0.9), 2);

        assertThat(convergence.state()).isEqualTo(State.CUT_SHORT);
        assertThat(convergence.evidence()).contains("from 1.20 to 0.900 in the last 2 of 2 epochs", "another 25 %");
    }

    @Test
    void oneEpochTellsNothing() {
        assertThat(Convergence.of(epochs(1, epoch -> 1.2), 1).state()).isEqualTo(State.CUT_SHORT);
    }

    @Test
    void whoEndsTheTrainingIsTold() {
        List<EpochResult> falling = epochs(10, epoch -> 2.0 / epoch);

        assertThat(Convergence.of(falling, 10).state()).isEqualTo(State.CUT_SHORT);
        assertThat(Convergence.of(falling, 30).state()).isEqualTo(State.STOPPED_FOR_TRAIN_DEV);
        assertThat(Convergence.of(falling, 0).state()).isEqualTo(State.STOPPED_FOR_TRAIN_DEV);
    }

    @Test
    void aLossThatLevelledOffIsConverged() {
        assertThat(Convergence.of(epochs(30, epoch -> 0.4 + Math.exp(-epoch)), 30)
                        .state())
                .isEqualTo(State.SETTLED);
        assertThat(Convergence.of(epochs(2, epoch -> 0.4), 2).state()).isEqualTo(State.SETTLED);
        assertThat(Convergence.of(epochs(2, epoch -> 0.4 * epoch), 2).state()).isEqualTo(State.SETTLED);
    }

    @Test
    void scatterAloneIsSeldomTakenForAFall() {
        int falls = 0;
        for (int seed = 0; seed < 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            falls += Convergence.of(epochs(12, epoch -> 0.4 * Math.exp(0.3 * random.nextGaussian())), 12)
                                    .state()
                            == State.SETTLED
                    ? 0
                    : 1;
        }

        assertThat(falls / 400.0).isBetween(0.02, 0.08);
    }

    @Test
    void aReportWithoutLossesTellsNothing() {
        assertThat(Convergence.of(List.of(), 10)).isEqualTo(new Convergence(State.UNKNOWN, ""));
        assertThat(Convergence.of(epochs(3, epoch -> Double.NaN), 3).state()).isEqualTo(State.UNKNOWN);
    }
}
