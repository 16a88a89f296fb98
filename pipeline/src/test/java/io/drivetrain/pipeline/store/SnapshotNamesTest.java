package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotNamesTest {
    private static final Set<Long> KNOWN = Set.of(11L, 12L, 13L);
    private static final SnapshotNames NAMES = new SnapshotNames(
            OptionalLong.of(13),
            Map.of("main", 13L, "release-1", 11L),
            List.of(
                    new SnapshotNames.Moment(Instant.parse("2026-11-01T00:00:00Z"), 11),
                    new SnapshotNames.Moment(Instant.parse("2026-11-02T00:00:00Z"), 12),
                    new SnapshotNames.Moment(Instant.parse("2026-11-03T12:00:00Z"), 13)));

    @ParameterizedTest
    @CsvSource({
        "latest, 13",
        "release-1, 11",
        "12, 12",
        "2026-11-01T00:00:00Z, 11",
        "2026-11-02T23:59:59Z, 12",
        "2026-11-03, 12",
        "2026-11-03T13:00:00+01:00, 13",
        "2026-11-03T11:59:59, 12",
        "2027-01-01, 13",
    })
    void tagsIdsLatestAndTimesAreUnderstood(String name, long id) throws KeeperException {
        assertThat(NAMES.resolve(name, KNOWN)).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"release-2", "99", "99999999999999999999", "yesterday", ""})
    void anUnknownNameSaysWhatIsKnown(String name) {
        assertThatExceptionOfType(KeeperException.class)
                .isThrownBy(() -> NAMES.resolve(name, KNOWN))
                .withMessageContaining("release-1")
                .matches(e -> e.exitCode() == 2);
    }

    @Test
    void aTimeBeforeTheFirstSnapshotSaysWhenThatWas() {
        assertThatExceptionOfType(KeeperException.class)
                .isThrownBy(() -> NAMES.resolve("2026-10-31", KNOWN))
                .withMessageContaining("2026-11-01T00:00:00Z");
    }

    @Test
    void anEmptyTableSaysSo() {
        assertThatExceptionOfType(KeeperException.class)
                .isThrownBy(
                        () -> new SnapshotNames(OptionalLong.empty(), Map.of(), List.of()).resolve("latest", Set.of()))
                .withMessageContaining("no snapshot yet");
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest", "main", "12", "2026-11-01", "model-x", "a b", "", "a/b", "-x"})
    void aTagThatCouldBeTakenForSomethingElseIsRefused(String name) {
        assertThatExceptionOfType(KeeperException.class).isThrownBy(() -> SnapshotNames.requireTagName(name));
    }
}
