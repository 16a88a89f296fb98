package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.split.Assignment;
import io.drivetrain.pipeline.split.DriveFacts;
import io.drivetrain.pipeline.split.PlanRecord;
import io.drivetrain.pipeline.split.SplitPolicy;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of drives through the drive stage, restarted from checkpoints with other shares, counted by brute force. */
class DriveStreamTest {
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PHASE = Duration.ofHours(12);
    private static final Duration EMBARGO = Duration.ofMinutes(30);
    private static final int DRIVES_A_PHASE = 700;

    /** Up, down and back. */
    private static final List<String> SHARES = List.of("0.2 0.5 0", "0.4 0.3 0.3", "0.1 0.6 0.1", "0.2 0.5 0");

    private record Drive(String id, Domain domain, Instant start, String place) {}

    private record Bound(Split split, Integer generation) {}

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void aDriveHasOneSplitInAnyOrderAndOverChangesOfTheSharesAndNoNeighboursStraddle(long seed) throws Exception {
        boolean embargo = seed % 2 == 0;
        Random random = new Random(seed);
        Map<Drive, Bound> bound = new HashMap<>();
        Map<String, Drive> drives = new HashMap<>();
        List<Claim> late = new ArrayList<>();
        List<String> history = new ArrayList<>();
        OperatorSubtaskState snapshot = null;
        PlanRecord before = null;
        for (int phase = 0; phase < SHARES.size(); phase++) {
            Instant begin = EPOCH.plus(PHASE.multipliedBy(phase));
            DrivetrainConfig config = config(history, SHARES.get(phase), embargo);
            if (before != null) {
                assertThat(before.objectionTo(config.split(), begin.minusMillis(1), begin))
                        .isEmpty();
            }
            List<Claim> claims = new ArrayList<>(late);
            late.clear();
            for (int i = 0; i < DRIVES_A_PHASE; i++) {
                Drive drive = new Drive(
                        "Fahrt-ß\u00e9-" + phase + "-" + i,
                        random.nextBoolean() ? Domain.SOURCE : Domain.TARGET,
                        begin.plusSeconds(random.nextInt((int) PHASE.toSeconds())),
                        "p" + random.nextInt(4));
                drives.put(drive.id, drive);
                for (int frame = 0; frame < 4; frame++) {
                    (random.nextInt(5) == 0 ? late : claims).add(claim(drive, frame));
                }
            }
            Collections.shuffle(claims, random);
            SplitPolicy policy = SplitPolicy.of(config);
            try (var stage = new KeyedOneInputStreamOperatorTestHarness<>(
                    new KeyedProcessOperator<>(new DriveOperator(config)), Claim::driveId, Types.STRING)) {
                if (snapshot != null) {
                    stage.initializeState(snapshot);
                }
                stage.open();
                for (Claim claim : claims) {
                    stage.processElement(claim, 0);
                }
                for (Claim dealt : stage.extractOutputValues()) {
                    Drive drive = drives.get(dealt.driveId());
                    Bound is = new Bound(dealt.split(), dealt.testDevGeneration());
                    Bound was = bound.putIfAbsent(drive, is);
                    assertThat(is)
                            .as("%s, in phase %d", drive, phase)
                            .isEqualTo(was == null ? told(policy, drive) : was);
                }
                snapshot = stage.snapshot(phase, phase);
            }
            history.add(config.split().plans().get(phase).asHistory(begin.plus(PHASE)));
            before = PlanRecord.of(config.split());
        }
        assertThat(bound).hasSizeGreaterThan(2_500);
        assertThat(bound.values()).extracting(Bound::split).contains(Split.values());
        if (embargo) {
            assertThat(neighboursThatStraddle(bound)).isEmpty();
        }
    }

    /** What the rules say that the stage will do. */
    private static Bound told(SplitPolicy policy, Drive drive) {
        Assignment assignment =
                policy.assign(new DriveFacts(drive.id, drive.domain, drive.start, "place=" + drive.place));
        return assignment instanceof Assignment.Assigned assigned
                ? new Bound(assigned.split(), assigned.testDevGeneration())
                : new Bound(null, null);
    }

    private static List<String> neighboursThatStraddle(Map<Drive, Bound> bound) {
        List<String> straddling = new ArrayList<>();
        int neighbours = 0;
        for (Drive a : bound.keySet()) {
            for (Drive b : bound.keySet()) {
                boolean near = a.domain == b.domain
                        && a.place.equals(b.place)
                        && !a.start.isAfter(b.start)
                        && !b.start.isAfter(a.start.plus(EMBARGO));
                Split one = bound.get(a).split();
                Split other = bound.get(b).split();
                if (near && one != null && other != null) {
                    neighbours += a.equals(b) ? 0 : 1;
                    if ((one == Split.TRAIN) != (other == Split.TRAIN)) {
                        straddling.add(a + " in " + one + ", " + b + " in " + other);
                    }
                }
            }
        }
        assertThat(neighbours).as("there are neighbours").isGreaterThan(1_000);
        return straddling;
    }

    private static Claim claim(Drive drive, int frame) {
        return new TestClaim(drive.id + "/" + frame, frame)
                .drive(drive.id)
                .domain(drive.domain)
                .capturedAt(drive.start.plusSeconds(frame).toEpochMilli())
                .attributes(Map.of("drive-started-at", drive.start.toString(), "drive-place", drive.place))
                .build();
    }

    private static DrivetrainConfig config(List<String> history, String shares, boolean embargo) {
        String[] share = shares.split(" ");
        Map<String, String> settings = new HashMap<>(Map.of(
                "split.history",
                String.join(",", history),
                "split.train-dev-fraction",
                share[0],
                "split.test-fraction",
                share[1],
                "split.adopt-fraction",
                share[2],
                "split.adopt-from",
                EPOCH.plus(PHASE).toString(),
                "split.rotate-test-dev-at",
                EPOCH.plus(PHASE) + "," + EPOCH.plus(PHASE.multipliedBy(2)) + "," + EPOCH.plus(PHASE.multipliedBy(3))));
        if (embargo) {
            settings.put("split.embargo", EMBARGO.toString());
            settings.put("split.embargo-block", "PT5H");
        }
        return TestSamples.config(settings);
    }
}
