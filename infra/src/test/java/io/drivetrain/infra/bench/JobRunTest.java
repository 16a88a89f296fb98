package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.infra.bench.JobRun.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobRunTest {
    private static final long SECOND = 1_000_000_000L;

    /** A commit of 500 images every second but the first, which takes five, and the last, which takes three. */
    private static JobRun even() {
        List<Mark> marks = new ArrayList<>(List.of(new Mark(0, 0, 100)));
        for (int i = 1; i <= 20; i++) {
            marks.add(new Mark(i * 500L, (i + 4L + (i == 20 ? 2 : 0)) * SECOND, 1000));
        }
        return new JobRun(marks, 5000, Map.of(), 0);
    }

    @Test
    void aWarmRateLeavesOutTheStartAndTheWaitForTheLastCheckpoint() {
        assertThat(even().warm()).isEqualTo(500);
        assertThat(even().whole()).isCloseTo(10_000 / 26.0, within(1e-9));
    }

    @Test
    void theFirstTenthBeginsBehindTheWarmUpAndTheLastEndsWithABusyJob() {
        JobRun run = even();

        assertThat(run.firstTenth()).isEqualTo(new JobRun.Stretch(1000, 2000, 500, 1000));
        assertThat(run.lastTenth()).isEqualTo(new JobRun.Stretch(8500, 9500, 500, 1000));
        assertThat(run.ratioLastToFirst()).isEqualTo(1);
        assertThat(run.flat()).isTrue();
        assertThat(run.longEnough()).isTrue();
    }

    @Test
    void aLastTenthThatTakesLongerIsNotFlat() {
        List<Mark> marks = new ArrayList<>(even().marks());
        marks.set(18, new Mark(9000, 22 * SECOND + SECOND / 5, 1000));
        marks.set(19, new Mark(9500, 23 * SECOND + 2 * SECOND / 5, 1000));

        JobRun run = new JobRun(marks, 1000, Map.of(), 0);

        assertThat(run.ratioLastToFirst()).isCloseTo(1 / 1.2, within(1e-9));
        assertThat(run.flat()).isFalse();
    }

    @Test
    void memoryThatGrowsIsNotFlat() {
        List<Mark> marks = new ArrayList<>();
        even().marks().forEach(mark -> marks.add(new Mark(mark.images(), mark.nanos(), 800 + mark.images() / 20.0)));

        JobRun run = new JobRun(marks, 1000, Map.of(), 0);

        assertThat(run.memoryGrows()).isTrue();
        assertThat(run.flat()).isFalse();
    }

    @Test
    void aRunOfTwoCheckpointsHasNoTenthsToCompare() {
        JobRun run = new JobRun(
                List.of(new Mark(0, 0, 1), new Mark(1000, 5 * SECOND, 1), new Mark(10_000, 6 * SECOND, 1)),
                1000,
                Map.of(),
                0);

        assertThat(run.longEnough()).isFalse();
    }

    @Test
    void aRunWithoutTwoCommitsBehindTheWarmUpSaysThatItsRateHasTheStartInIt() {
        JobRun run = new JobRun(
                List.of(new Mark(0, 0, 1), new Mark(6000, 5 * SECOND, 1), new Mark(10_000, 10 * SECOND, 1)),
                5000,
                Map.of(),
                0);

        assertThat(run.hasWarmStretch()).isFalse();
        assertThat(run.warm()).isEqualTo(run.whole());
        assertThat(even().hasWarmStretch()).isTrue();
    }

    @Test
    void theTenthsEndWithABusyJob() {
        assertThat(even().tenths()).hasSize(10);
        assertThat(even().tenths().get(9)).isEqualTo(new JobRun.Stretch(9000, 9500, 500, 1000));
    }
}
