package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.local.JobHealth.Failure;
import io.drivetrain.infra.local.JobHealth.Notice;
import io.drivetrain.infra.local.JobHealth.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobHealthTest {
    private static final Instant START = Instant.parse("2026-12-01T06:00:00Z");
    private static final String FULL = "No space left on device";

    private final JobHealth health = new JobHealth("Curation", Duration.ofSeconds(10));
    private final List<Notice> told = new ArrayList<>();
    private Optional<Failure> newest = Optional.empty();
    private long checkpoints;

    private void look(int second) {
        health.judge(new Seen(START.plusSeconds(second), newest, checkpoints)).ifPresent(told::add);
    }

    private void fail(int second, String reason) {
        newest = Optional.of(new Failure(START.plusSeconds(second), reason));
        look(second);
    }

    /** As a job does that works. */
    private void work(int from, int to) {
        for (int second = from; second < to; second += 2) {
            checkpoints += second % 10 == 0 ? 1 : 0;
            look(second);
        }
    }

    @Test
    void aJobThatWorksIsNotSpokenOf() {
        work(0, 3600);
        assertThat(told).isEmpty();
    }

    @Test
    void aFailureIsToldOnceWithItsReasonAndThatItIsOver() {
        work(0, 20);
        fail(20, FULL + "\n\tat java.base/sun.nio.ch");
        work(22, 200);
        assertThat(told)
                .containsExactly(
                        new Notice(false, "Curation failed and goes on from its last checkpoint: " + FULL),
                        new Notice(true, "Curation works again, after 1 failure"));
    }

    @Test
    void failuresWithoutEndAreToldEverMoreRarely() {
        for (int second = 0; second < 1000; second += 10) {
            // A checkpoint between two failures is no recovery.
            checkpoints++;
            fail(second, FULL);
            look(second + 5);
        }
        assertThat(told).hasSize(7).noneMatch(Notice::good);
        assertThat(told.get(1).sentence())
                .isEqualTo("Curation has failed 2 times in 10 s and is started again each time: " + FULL);
        assertThat(told.get(6).sentence()).startsWith("Curation has failed 64 times in 10 min");
        work(1000, 1200);
        assertThat(told.get(7)).isEqualTo(new Notice(true, "Curation works again, after 100 failures"));
        fail(1200, FULL);
        assertThat(told.get(8).sentence()).startsWith("Curation failed and goes on");
    }

    @Test
    void aFailureIsNotOverWithoutACheckpoint() {
        work(0, 20);
        fail(20, FULL);
        for (int second = 22; second < 120; second += 2) {
            look(second);
        }
        assertThat(told).hasSize(1);
    }

    @Test
    void aJobThatHangsIsToldAfterTwoMinutesAndThenMoreRarely() {
        work(0, 20);
        for (int second = 20; second < 600; second += 2) {
            look(second);
        }
        assertThat(told).hasSize(3).noneMatch(Notice::good);
        assertThat(told.get(0).sentence())
                .startsWith("Curation has completed no checkpoint for 2 min, and one is due every 10 s")
                .contains("kept and not visible yet", "the disk or the broker hangs");
        assertThat(told.get(2).sentence()).contains("for 8 min");
        work(600, 700);
        assertThat(told.get(3)).isEqualTo(new Notice(true, "Curation completes checkpoints again, after 9 min"));
        assertThat(told).hasSize(4);
    }

    @Test
    void checkpointsThatAreDueRarelyMayTakeTheirTime() {
        JobHealth rare = new JobHealth("Curation", Duration.ofMinutes(5));
        for (int minute = 0; minute < 30; minute++) {
            assertThat(rare.judge(new Seen(START.plusSeconds(60L * minute), Optional.empty(), 0)))
                    .isEmpty();
        }
    }

    @Test
    void aLongReasonIsCut() {
        fail(0, "x".repeat(5000));
        assertThat(told.get(0).sentence()).hasSizeLessThan(300).endsWith("…");
    }
}
