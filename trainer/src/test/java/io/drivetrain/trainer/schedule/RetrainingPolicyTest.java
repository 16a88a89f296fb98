package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.trainer.assemble.Offsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetrainingPolicyTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final RetrainingPolicy POLICY = new RetrainingPolicy(10, Duration.ofSeconds(30));

    private static Offsets at(long offset) {
        return Offsets.of(Map.of(new Offsets.Partition("samples.train", 0), offset));
    }

    private static PendingRequest manual(String id, long upTo) {
        return PendingRequest.plain(id, RetrainingReason.MANUAL, Optional.of(at(upTo)), NOON);
    }

    private static PendingRequest alert(String id) {
        return PendingRequest.plain(id, RetrainingReason.ALERT, Optional.empty(), NOON);
    }

    private static RetrainingPolicy.Situation situation(long position, int newDrives, Duration quiet) {
        return new RetrainingPolicy.Situation(NOON, at(position), newDrives, NOON.minus(quiet));
    }

    @Test
    void aRequestWithOffsetsRunsWhenTheyAreReached() {
        assertThat(POLICY.decide(List.of(manual("a", 100)), situation(100, 0, Duration.ZERO))
                        .run())
                .contains(manual("a", 100));
    }

    @Test
    void aRequestWithOffsetsAheadWaitsAndSaysForWhat() {
        RetrainingPolicy.Decision decision =
                POLICY.decide(List.of(manual("a", 100)), situation(80, 50, Duration.ofHours(1)));
        assertThat(decision.run()).isEmpty();
        assertThat(decision.waiting())
                .containsExactly(new RetrainingPolicy.Waiting(
                        manual("a", 100), "Waiting for samples.train/0 to reach offset 100, it is at 80"));
    }

    @Test
    void anAlertWaitsForNewDrives() {
        RetrainingPolicy.Decision decision = POLICY.decide(List.of(alert("a")), situation(80, 3, Duration.ofHours(1)));
        assertThat(decision.run()).isEmpty();
        assertThat(decision.waiting().get(0).message())
                .isEqualTo("Waiting for new SOURCE drives in train: 3 of 10 have arrived since the last model");
    }

    @Test
    void anAlertWaitsUntilNoSampleComesAnyMore() {
        RetrainingPolicy.Decision decision =
                POLICY.decide(List.of(alert("a")), situation(80, 12, Duration.ofSeconds(29)));
        assertThat(decision.run()).isEmpty();
        assertThat(decision.waiting().get(0).message())
                .isEqualTo("Waiting until no sample has arrived for 30.0 s; train has 12 new drives");
    }

    @Test
    void anAlertThatRunsIsBoundToTheDataOfThatMoment() {
        RetrainingPolicy.Decision decision =
                POLICY.decide(List.of(alert("a")), situation(80, 10, Duration.ofSeconds(30)));
        assertThat(decision.run()).contains(alert("a").withUpTo(at(80)));
        assertThat(decision.run().orElseThrow().runId()).isEqualTo("run-a");
    }

    @Test
    void aRequestThatWaitsDoesNotHoldUpTheOthers() {
        RetrainingPolicy.Decision decision = POLICY.decide(
                List.of(alert("a"), manual("b", 100), manual("c", 50), manual("d", 40)),
                situation(60, 0, Duration.ofHours(1)));
        assertThat(decision.run()).contains(manual("c", 50));
        assertThat(decision.waiting()).extracting(w -> w.request().requestId()).containsExactly("a", "b", "d");
        assertThat(decision.waiting().get(2).message()).isEqualTo("Waiting for run-c to end");
    }

    @Test
    void anEmptyQueueDecidesNothing() {
        RetrainingPolicy.Decision decision = POLICY.decide(List.of(), situation(0, 0, Duration.ZERO));
        assertThat(decision.run()).isEmpty();
        assertThat(decision.waiting()).isEmpty();
    }

    @Test
    void aScheduledRunWithoutNewDataIsSkipped() {
        assertThat(POLICY.onSchedule(NOON, 0, at(7)))
                .isEqualTo(new RetrainingPolicy.Scheduled.Skip(
                        "The scheduled training of 2026-11-23T12:00:00Z is skipped: train has no sample that the last model"
                                + " did not have"));
        assertThat(POLICY.onSchedule(NOON, 1, at(7))).isEqualTo(new RetrainingPolicy.Scheduled.Train(at(7)));
    }

    @Test
    void theScheduleIsDueOnceAtItsMinute() {
        CronSchedule nightly = CronSchedule.parse("0 3 * * *", ZoneOffset.UTC).orElseThrow();
        Instant three = Instant.parse("2026-11-24T03:00:00Z");
        assertThat(nightly.due(NOON, three.minusMillis(1))).isEmpty();
        assertThat(nightly.due(NOON, three)).contains(three);
        assertThat(nightly.due(NOON, three.plusSeconds(40))).contains(three);
        assertThat(nightly.due(three, three.plusSeconds(40))).isEmpty();
    }

    @Test
    void timesMissedWhileDownAreMadeUpForByOne() {
        CronSchedule nightly = CronSchedule.parse("0 3 * * *", ZoneOffset.UTC).orElseThrow();
        assertThat(nightly.due(NOON, NOON.plus(Duration.ofDays(5)))).contains(Instant.parse("2026-11-28T03:00:00Z"));
    }

    @Test
    void theScheduleIsInTheGivenZone() {
        CronSchedule nightly =
                CronSchedule.parse("0 3 * * *", ZoneId.of("Europe/Berlin")).orElseThrow();
        assertThat(nightly.due(NOON, Instant.parse("2026-11-24T02:00:00Z")))
                .contains(Instant.parse("2026-11-24T02:00:00Z"));
    }

    @Test
    void anEmptyScheduleIsNone() {
        assertThat(CronSchedule.parse("", ZoneOffset.UTC)).isEmpty();
    }

    @Test
    void aBadScheduleIsOneSentence() {
        assertThatThrownBy(() -> CronSchedule.parse("every night", ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("retraining.schedule is 'every night', which is no UNIX cron expression (")
                .hasMessageEndingWith("for example '0 3 * * *' trains every night at three");
    }
}
