package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPinsTest {
    private static final Instant START = Instant.parse("2026-11-25T08:00:00Z");

    private static SnapshotFacts snapshot(long id, long second, boolean fromWriter) {
        return new SnapshotFacts(
                id,
                id == 1 ? OptionalLong.empty() : OptionalLong.of(id - 1),
                START.plusSeconds(second),
                fromWriter ? "append" : "replace",
                fromWriter ? Map.of("flink.job-id", "job") : Map.of());
    }

    private static ModelPins.Origin published(long second) {
        return new ModelPins.Origin(Optional.empty(), START.plusSeconds(second));
    }

    @Test
    void aModelPinsTheFirstSnapshotThatTheJobCommittedFromItsPublicationOn() throws Exception {
        List<SnapshotFacts> snapshots =
                List.of(snapshot(1, 10, true), snapshot(2, 25, false), snapshot(3, 30, true), snapshot(4, 40, true));
        ModelPins pins = ModelPins.of(
                Map.of("a", published(5), "b", published(20), "c", published(30), "d", published(50)),
                snapshots,
                Map.of());
        assertThat(pins.on()).containsOnly(Map.entry("a", 1L), Map.entry("b", 3L), Map.entry("c", 3L));
        assertThat(pins.waiting()).containsExactly("d");
    }

    @Test
    void aSnapshotThatTheModelNamesAndATagThatItHasComeFirst() throws Exception {
        List<SnapshotFacts> snapshots = List.of(snapshot(1, 10, true), snapshot(2, 20, true), snapshot(3, 30, true));
        ModelPins pins = ModelPins.of(
                Map.of("named", new ModelPins.Origin(Optional.of(2L), Instant.MAX), "tagged", published(15)),
                snapshots,
                Map.of("model-tagged", 3L));
        assertThat(pins.on()).containsOnly(Map.entry("named", 2L), Map.entry("tagged", 3L));
    }

    /** The table may be behind the topics, the trainer publishes whenever it likes, and expiry is as greedy as it can be. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void expiryAlwaysKeepsASnapshotWithEverySampleThatAModelHasSeen(long seed) throws Exception {
        Random random = new Random(seed);
        List<SnapshotFacts> kept = new ArrayList<>();
        Map<Long, Integer> checkpointsIn = new HashMap<>();
        Map<String, ModelPins.Origin> models = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        Map<String, Long> tags = new HashMap<>();
        int inTopics = 0;
        int inTable = 0;
        for (int second = 1; second < 400; second++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    // A checkpoint: the table has what the one before left, then the topics show this one.
                    inTopics++;
                    if (random.nextBoolean()) {
                        inTable = inTopics;
                        add(kept, checkpointsIn, second, true, inTable);
                    }
                }
                case 1 -> {
                    // The commit that was late, or an empty one; never of fewer checkpoints than topics show.
                    inTable = inTopics;
                    add(kept, checkpointsIn, second, true, inTable);
                }
                case 2 -> {
                    if (!kept.isEmpty() && random.nextBoolean()) {
                        add(kept, checkpointsIn, second, false, inTable);
                    } else {
                        String model = "m" + second;
                        models.put(model, published(second));
                        seen.put(model, inTopics);
                    }
                }
                default -> {
                    ModelPins pins = ModelPins.of(models, kept, tags);
                    pins.on().forEach((model, id) -> tags.put("model-" + model, id));
                    OptionalLong current = kept.isEmpty()
                            ? OptionalLong.empty()
                            : OptionalLong.of(kept.get(kept.size() - 1).id());
                    Set<Long> gone = new HashSet<>();
                    new ExpiryPolicy(Duration.ZERO, 1)
                            .decide(kept, current, tags, pins.on(), START.plusSeconds(second)).stream()
                                    .filter(decision -> decision.fate() == ExpiryPolicy.Fate.EXPIRES)
                                    .forEach(decision ->
                                            gone.add(decision.snapshot().id()));
                    kept.removeIf(snapshot -> gone.contains(snapshot.id()));
                }
            }
            ModelPins now = ModelPins.of(models, kept, tags);
            assertThat(now.on()).allSatisfy((model, id) -> {
                assertThat(kept).extracting(SnapshotFacts::id).contains(id);
                assertThat(checkpointsIn.get(id)).isGreaterThanOrEqualTo(seen.get(model));
            });
        }
        assertThat(tags).hasSizeGreaterThan(10);
    }

    private static void add(
            List<SnapshotFacts> kept, Map<Long, Integer> checkpointsIn, int second, boolean writer, int checkpoints) {
        long id = checkpointsIn.size() + 1;
        checkpointsIn.put(id, checkpoints);
        kept.add(snapshot(id, second, writer));
    }
}
