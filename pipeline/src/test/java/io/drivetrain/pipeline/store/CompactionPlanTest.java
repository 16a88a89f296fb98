package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.store.CompactionPlan.Candidate;
import io.drivetrain.pipeline.store.CompactionPlan.Group;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactionPlanTest {
    private static Candidate file(String name, String split, long bytes, long sequence) {
        return new Candidate(name, "split=" + split, bytes, bytes / 10, sequence, 0);
    }

    private static List<String> names(Group group) {
        return group.files().stream().map(Candidate::path).toList();
    }

    @Test
    void smallFilesOfAPartitionArePackedInTheOrderInWhichTheyCame() {
        List<Group> groups = CompactionPlan.of(
                List.of(
                        file("d", "train", 40, 4),
                        file("a", "train", 40, 1),
                        file("t", "test", 40, 1),
                        file("b", "train", 40, 2),
                        file("c", "train", 40, 3),
                        file("big", "train", 90, 5)),
                100,
                2);
        assertThat(groups).hasSize(2);
        assertThat(names(groups.get(0))).containsExactly("a", "b");
        assertThat(names(groups.get(1))).containsExactly("c", "d");
    }

    @Test
    void fewSmallFilesWaitUntilTheyFillOneOrAreMany() {
        List<Candidate> few = List.of(file("a", "train", 10, 1), file("b", "train", 10, 2));
        assertThat(CompactionPlan.of(few, 100, 3)).isEmpty();
        assertThat(CompactionPlan.of(few, 100, 2)).hasSize(1);
        assertThat(CompactionPlan.of(few, 25, 5)).hasSize(1);
    }

    @Test
    void aFileWithDeletedRowsIsWrittenAnewEvenAlone() {
        Candidate deleted = new Candidate("a", "split=train", 200, 20, 1, 1);
        assertThat(CompactionPlan.of(List.of(deleted), 100, 5))
                .containsExactly(new Group("split=train", List.of(deleted)));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyFileIsPackedOnceNoGroupIsTooLargeAndASecondRunFindsNothingFull(long seed) {
        Random random = new Random(seed);
        List<Candidate> files = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            files.add(file("f%03d".formatted(i), random.nextBoolean() ? "train" : "test", 1 + random.nextInt(120), i));
        }
        List<Group> groups = CompactionPlan.of(files, 100, 5);
        Set<String> seen = new HashSet<>();
        List<Candidate> after = new ArrayList<>(files);
        for (Group group : groups) {
            assertThat(group.bytes()).isLessThanOrEqualTo(100);
            group.files().forEach(file -> assertThat(seen.add(file.path())).isTrue());
            group.files().forEach(file -> assertThat(file.partition()).isEqualTo(group.partition()));
            after.removeAll(group.files());
            after.add(new Candidate("n" + group.files().get(0).path(), group.partition(), group.bytes(), 1, 1000, 0));
        }
        long again = CompactionPlan.of(after, 100, 5).stream()
                .mapToLong(Group::bytes)
                .sum();
        assertThat(again).isLessThan(groups.stream().mapToLong(Group::bytes).sum() / 2);
    }
}
