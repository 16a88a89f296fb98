package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.drivetrain.pipeline.store.ExpiryPolicy.Fate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryPolicyTest {
    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");

    private static SnapshotFacts snapshot(long id, int daysAgo, boolean fromWriter) {
        return new SnapshotFacts(
                id,
                id == 1 ? OptionalLong.empty() : OptionalLong.of(id - 1),
                NOW.minus(Duration.ofDays(daysAgo)),
                fromWriter ? "append" : "replace",
                fromWriter ? Map.of("flink.job-id", "a") : Map.of());
    }

    /** Ids 1..n, one a day, the last one today. */
    private static List<SnapshotFacts> days(int n) {
        List<SnapshotFacts> snapshots = new ArrayList<>();
        for (int id = 1; id <= n; id++) {
            snapshots.add(snapshot(id, n - id, true));
        }
        return snapshots;
    }

    private static Map<Long, Fate> fates(
            ExpiryPolicy policy, List<SnapshotFacts> snapshots, Map<String, Long> refs, Map<String, Long> pins) {
        Map<Long, Fate> fates = new HashMap<>();
        policy.decide(snapshots, OptionalLong.of(snapshots.size()), refs, pins, NOW)
                .forEach(decision -> fates.put(decision.snapshot().id(), decision.fate()));
        return fates;
    }

    @Test
    void theOldGoAndTheYoungTheNewestAndTheCurrentStay() {
        Map<Long, Fate> fates = fates(new ExpiryPolicy(Duration.ofDays(2), 4), days(6), Map.of("main", 6L), Map.of());
        assertThat(fates)
                .containsEntry(1L, Fate.EXPIRES)
                .containsEntry(2L, Fate.EXPIRES)
                .containsEntry(3L, Fate.NEWEST)
                .containsEntry(4L, Fate.NEWEST)
                .containsEntry(5L, Fate.YOUNG)
                .containsEntry(6L, Fate.CURRENT);
    }

    @Test
    void whatIsTaggedOrPinnedStaysHoweverOld() {
        Map<Long, Fate> fates = fates(
                new ExpiryPolicy(Duration.ZERO, 1),
                days(6),
                Map.of("main", 6L, "release-1", 1L, "model-lenet-1", 2L),
                Map.of("lenet-2", 3L));
        assertThat(fates)
                .containsEntry(1L, Fate.TAGGED)
                .containsEntry(2L, Fate.PINNED)
                .containsEntry(3L, Fate.PINNED)
                .containsEntry(4L, Fate.EXPIRES)
                .containsEntry(5L, Fate.EXPIRES);
    }

    @Test
    void theWayBackToTheNewestCommitOfTheJobStaysWhole() {
        List<SnapshotFacts> snapshots =
                List.of(snapshot(1, 90, true), snapshot(2, 80, true), snapshot(3, 70, false), snapshot(4, 60, false));
        Map<Long, Fate> fates = fates(new ExpiryPolicy(Duration.ZERO, 1), snapshots, Map.of("main", 4L), Map.of());
        assertThat(fates)
                .containsEntry(1L, Fate.EXPIRES)
                .containsEntry(2L, Fate.WRITER)
                .containsEntry(3L, Fate.WRITER)
                .containsEntry(4L, Fate.CURRENT);
    }

    @Test
    void aTableWithoutSnapshotsHasNothingToExpire() {
        assertThat(new ExpiryPolicy(Duration.ZERO, 1).decide(List.of(), OptionalLong.empty(), Map.of(), Map.of(), NOW))
                .isEmpty();
    }

    @Test
    void nothingToKeepIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ExpiryPolicy(Duration.ZERO, 0));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void neverAReferredSnapshotAndAlwaysAsManyAsAskedFor(long seed) {
        Random random = new Random(seed);
        List<SnapshotFacts> snapshots = new ArrayList<>();
        int count = 1 + random.nextInt(40);
        for (int id = 1; id <= count; id++) {
            snapshots.add(snapshot(id, count - id, random.nextInt(3) > 0));
        }
        Map<String, Long> refs = new HashMap<>(Map.of("main", (long) count));
        Map<String, Long> pins = new HashMap<>();
        for (int i = 0; i < 5; i++) {
            refs.put("release-" + i, 1L + random.nextInt(count));
            refs.put("model-m" + i, 1L + random.nextInt(count));
            pins.put("p" + i, 1L + random.nextInt(count));
        }
        int keep = 1 + random.nextInt(5);
        Map<Long, Fate> fates =
                fates(new ExpiryPolicy(Duration.ofDays(random.nextInt(10)), keep), snapshots, refs, pins);
        refs.values().forEach(id -> assertThat(fates.get(id)).isNotEqualTo(Fate.EXPIRES));
        pins.values().forEach(id -> assertThat(fates.get(id)).isNotEqualTo(Fate.EXPIRES));
        assertThat(fates.values().stream().filter(fate -> fate != Fate.EXPIRES).count())
                .isGreaterThanOrEqualTo(Math.min(keep, count));
    }
}
