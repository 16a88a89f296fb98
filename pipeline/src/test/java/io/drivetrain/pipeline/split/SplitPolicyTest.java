package io.drivetrain.pipeline.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.split.Assignment.Assigned;
import io.drivetrain.pipeline.split.Assignment.Embargoed;
import io.drivetrain.pipeline.split.Assignment.Rule;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitPolicyTest {
    private static final Instant START = Instant.parse("2026-11-10T08:00:00Z");
    private static final Instant LATER = Instant.parse("2026-12-10T08:00:00Z");

    private final SplitPolicy policy = policy(Map.of());

    static SplitPolicy policy(Map<String, String> overrides) {
        return SplitPolicy.of(TestSamples.config(overrides));
    }

    private static Split split(SplitPolicy policy, String drive, Domain domain, Instant start) {
        return ((Assigned) policy.assign(new DriveFacts(drive, domain, start, ""))).split();
    }

    private static Assigned deal(SplitPolicy policy, String drive, Domain domain, Instant start) {
        return (Assigned) policy.assign(new DriveFacts(drive, domain, start, ""));
    }

    @Test
    void sourceDrivesGoToTrainAndTrainDevAndTargetDrivesToTestDevAndTest() {
        IntStream.range(0, 1000).mapToObj(i -> "drive-" + i).forEach(drive -> {
            assertThat(split(policy, drive, Domain.SOURCE, START)).isIn(Split.TRAIN, Split.TRAIN_DEV);
            assertThat(split(policy, drive, Domain.TARGET, START)).isIn(Split.TEST_DEV, Split.TEST);
        });
    }

    @Test
    void sharesAreThoseOfTheConfiguration() {
        assertThat(share(policy, Domain.SOURCE, Split.TRAIN_DEV)).isCloseTo(0.2, within(0.01));
        assertThat(share(policy, Domain.TARGET, Split.TEST)).isCloseTo(0.5, within(0.01));
    }

    @Test
    void fractionsOfNoneAndAllAreKeptExactly() {
        SplitPolicy edges = policy(Map.of("split.train-dev-fraction", "0", "split.test-fraction", "1"));
        IntStream.range(0, 1000).mapToObj(Integer::toString).forEach(drive -> {
            assertThat(split(edges, drive, Domain.SOURCE, START)).isEqualTo(Split.TRAIN);
            assertThat(split(edges, drive, Domain.TARGET, START)).isEqualTo(Split.TEST);
        });
    }

    @Test
    void theDealIsTheSameOnEveryMachine() {
        // sha256sum of "2026-11\0drive-001", first 53 bits.
        assertThat(deal(policy, "drive-001", Domain.SOURCE, START).facts().position())
                .isEqualTo(0.2656574898772077);
    }

    @Test
    void anotherSaltDealsAnew() {
        SplitPolicy other = policy(Map.of("split.salt", "2026-12"));
        long same = IntStream.range(0, 10_000)
                .mapToObj(i -> "drive-" + i)
                .filter(drive ->
                        split(policy, drive, Domain.TARGET, START) == split(other, drive, Domain.TARGET, START))
                .count();
        assertThat(same / 10_000.0).isCloseTo(0.5, within(0.03));
    }

    @Test
    void theReasonNamesPositionAndShare() {
        assertThat(deal(policy, "drive-001", Domain.SOURCE, START).reason())
                .isEqualTo(
                        "Drive drive-001 (SOURCE) is dealt by its id to the position 0.2657, and train takes positions"
                                + " from 0.2 to 1.0");
    }

    @Test
    void adoptionTakesTargetDrivesThatBeginFromItsTimeOnAndNeverAnEarlierOne() {
        SplitPolicy adopting =
                policy(Map.of("split.adopt-fraction", "0.3", "split.adopt-from", "2026-12-01T00:00:00Z"));
        assertThat(share(adopting, Domain.TARGET, Split.TRAIN)).isZero();
        long adopted = IntStream.range(0, 20_000)
                .mapToObj(i -> deal(adopting, "drive-" + i, Domain.TARGET, LATER))
                .filter(assigned -> assigned.rule() == Rule.ADOPTED && assigned.split() == Split.TRAIN)
                .count();
        assertThat(adopted / 20_000.0).isCloseTo(0.3, within(0.01));
        IntStream.range(0, 1000).mapToObj(i -> "drive-" + i).forEach(drive -> {
            Split before = split(policy, drive, Domain.TARGET, LATER);
            Split after = split(adopting, drive, Domain.TARGET, LATER);
            assertThat(before == Split.TEST).as("test keeps its drives").isEqualTo(after == Split.TEST);
        });
    }

    @Test
    void rotationGivesNewDrivesOfTestDevAnotherGenerationAndMovesNone() {
        SplitPolicy rotating = policy(Map.of("split.rotate-test-dev-at", "2026-11-01T00:00:00Z,2026-12-01T00:00:00Z"));
        IntStream.range(0, 500).mapToObj(i -> "drive-" + i).forEach(drive -> {
            for (Instant start : new Instant[] {Instant.parse("2026-10-31T23:59:59Z"), START, LATER}) {
                Assigned assigned = deal(rotating, drive, Domain.TARGET, start);
                assertThat(assigned.split()).isEqualTo(split(policy, drive, Domain.TARGET, start));
                Integer expected = start.equals(LATER) ? 2 : start.equals(START) ? 1 : 0;
                assertThat(assigned.testDevGeneration())
                        .isEqualTo(assigned.split() == Split.TEST_DEV ? expected : null);
            }
        });
    }

    @Test
    void aPlaceThatIsNoPointOnEarthIsNoPlace() {
        Places places = Places.of(TestSamples.config(Map.of()));
        assertThat(places.of(Map.of("latitude", "48.1", "longitude", "11.5"))).isEqualTo("geo:48.1,11.5");
        assertThat(places.of(Map.of("latitude", "48.1", "longitude", "NaN", "car", "7")))
                .isEqualTo("car=7");
        assertThat(places.of(Map.of("latitude", "91", "longitude", "11.5"))).isEmpty();
        assertThat(places.of(Map.of("car", "7", "place", "Garching"))).isEqualTo("place=Garching");
    }

    @Test
    void targetDrivesAreHeldOutWhereSourceDrivesTrainIfTheEmbargoKeepsAllApart() {
        SplitPolicy all = policy(Map.of("split.embargo", "PT30M", "split.embargo-scope", "all"));
        long embargoed = IntStream.range(0, 2000)
                .mapToObj(i -> all.assign(
                        new DriveFacts("drive-" + i, Domain.TARGET, START.plusSeconds(3600L * 6), "place=" + i)))
                .filter(Embargoed.class::isInstance)
                .count();
        assertThat(embargoed / 2000.0).isCloseTo(0.8, within(0.03));
    }

    private static double share(SplitPolicy policy, Domain domain, Split split) {
        int drives = 20_000;
        return IntStream.range(0, drives)
                        .filter(i -> split(policy, "drive-" + i, domain, START) == split)
                        .count()
                / (double) drives;
    }
}
