package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.store.SnapshotDiff.Change;
import io.drivetrain.pipeline.store.SnapshotDiff.Difference;
import io.drivetrain.pipeline.store.SnapshotDiff.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SnapshotDiffTest {
    private static Row row(String id, String label, String weather) {
        return new Row(id, "train", label, "image of " + id, Map.of("weather", weather), 7);
    }

    private final List<Difference> differences = new ArrayList<>();
    private final SnapshotDiff diff = new SnapshotDiff();

    private void compare(List<Row> before, List<Row> after) {
        diff.bucket(before, after, differences::add);
    }

    @Test
    void equalRowsAreNoDifference() {
        compare(List.of(row("a", "car", "clear")), List.of(row("a", "car", "clear")));
        assertThat(differences).isEmpty();
        assertThat(diff.classes().get("car").after()).isEqualTo(1);
    }

    @Test
    void samplesClassesAndSlicesThatCameAndWentAreNamed() {
        compare(
                List.of(row("a", "car", "clear"), row("b", "tram", "foggy")),
                List.of(row("a", "car", "clear"), row("c", "cyclist", "rainy")));
        assertThat(differences)
                .extracting(Difference::id, Difference::change)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("c", Change.CAME),
                        org.assertj.core.groups.Tuple.tuple("b", Change.WENT));
        assertThat(diff.classes().get("cyclist").note()).isEqualTo("new");
        assertThat(diff.classes().get("tram").note()).isEqualTo("gone");
        assertThat(diff.classes().get("car").note()).isEmpty();
        assertThat(diff.slices().get("weather").get("rainy").note()).isEqualTo("new");
        assertThat(diff.slices().get("weather").get("foggy").note()).isEqualTo("gone");
    }

    @Test
    void aCorrectedLabelMovesTheSampleFromClassToClass() {
        compare(List.of(row("a", "car", "clear")), List.of(row("a", "truck", "clear")));
        assertThat(diff.count(Change.CHANGED)).isEqualTo(1);
        assertThat(diff.changedFields()).containsExactly(Map.entry("label", 1L));
        assertThat(diff.classes().get("car").went()).isEqualTo(1);
        assertThat(diff.classes().get("truck").came()).isEqualTo(1);
        assertThat(diff.splits().get("train").before()).isEqualTo(1);
        assertThat(diff.splits().get("train").came()).isZero();
        assertThat(diff.slices().get("weather").get("clear").after()).isEqualTo(1);
    }

    @Test
    void ofASampleThatIsThereTwiceTheOtherCopyIsTheDifference() {
        compare(List.of(row("a", "car", "clear"), row("a", "car", "rainy")), List.of(row("a", "car", "rainy")));
        assertThat(differences).hasSize(1);
        assertThat(differences.get(0).change()).isEqualTo(Change.WENT);
        assertThat(differences.get(0).before().slices()).containsEntry("weather", "clear");
    }

    @Test
    void countsAddUpForEveryKindOfDifference() {
        compare(
                List.of(row("a", "car", "clear"), row("b", "car", "clear"), row("c", "bus", "rainy")),
                List.of(row("b", "bus", "foggy"), row("c", "bus", "rainy"), row("d", "car", "clear")));
        assertThat(diff.classes().values().stream()
                        .mapToLong(SnapshotDiff.Counts::before)
                        .sum())
                .isEqualTo(3);
        assertThat(diff.classes().values().stream()
                        .mapToLong(SnapshotDiff.Counts::after)
                        .sum())
                .isEqualTo(3);
        assertThat(diff.classes().get("bus").after()).isEqualTo(2);
        assertThat(diff.slices().get("weather").get("foggy").after()).isEqualTo(1);
    }
}
