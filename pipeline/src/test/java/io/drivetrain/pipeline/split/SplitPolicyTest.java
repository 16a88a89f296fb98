package io.drivetrain.pipeline.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.split.Assignment.Assigned;
import io.drivetrain.pipeline.split.Assignment.Embargoed;
import io.drivetrain.pipeline.split.Assignment.Rule;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
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

    @Test
    void theSharesThatAreToldHoldThePositionWhereTheEmbargoKeepsAllApart() {
        for (String test : List.of("0", "0.3", "0.5", "1")) {
            SplitPolicy all = policy(Map.of(
                    "split.embargo", "PT30M",
                    "split.embargo-scope", "all",
                    "split.train-dev-fraction", "0.5",
                    "split.test-fraction", test,
                    "split.adopt-fraction", test.equals("1") ? "0" : "0.5",
                    "split.adopt-from", "2026-01-01T00:00:00Z"));
            IntStream.range(0, 400)
                    .mapToObj(i -> all.assign(new DriveFacts("d" + i, Domain.TARGET, START, "place=" + i)))
                    .filter(Assigned.class::isInstance)
                    .map(Assigned.class::cast)
                    .forEach(deal -> assertThat(deal.facts().shares())
                            .as(deal.reason())
                            .anyMatch(share -> share.split() == deal.split()
                                    && share.low() <= deal.facts().position()
                                    && deal.facts().position() < share.high()));
        }
    }

    @Test
    void aRaisedShareOfTrainDevTakesNoDriveOfABlockThatTrainsAlready() {
        Instant block = Instant.parse("2026-12-01T00:00:00Z");
        SplitPolicy before = policy(Map.of("split.embargo", "PT30M"));
        SplitPolicy after = policy(
                Map.of(
                        "split.embargo",
                        "PT30M",
                        "split.train-dev-fraction",
                        "0.3",
                        "split.history",
                        "until=2026-12-01T12:00:00Z salt=2026-11 train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0 embargo=PT30M embargo-block=P1D embargo-scope=domain place-cell=0.05 place-margin=0.002 unknown-place=none"));
        Assigned first = (Assigned) before.assign(
                new DriveFacts("A", Domain.SOURCE, block.plus(Duration.ofMinutes(11 * 60 + 50)), "place=2"));
        assertThat(first.facts().position()).isCloseTo(0.2529, within(5e-5));
        assertThat(first.split()).isEqualTo(Split.TRAIN);
        Assigned neighbour = (Assigned) after.assign(
                new DriveFacts("B", Domain.SOURCE, block.plus(Duration.ofMinutes(12 * 60 + 10)), "place=2"));
        assertThat(neighbour.split()).isEqualTo(Split.TRAIN);
        assertThat(neighbour.facts().shares()).contains(new Assignment.Share(Split.TRAIN, 0.2, 1));
    }

    @Test
    void neighboursAcrossTheDateLineAreFoundThoughTheLastColumnIsNarrow() {
        // 360 / 0.13 leaves a last column of 0.03 degrees.
        SplitPolicy narrow = policy(Map.of(
                "split.embargo", "PT30M",
                "split.embargo-block", "PT12H",
                "split.place-cell", "0.13",
                "split.place-margin", "0.05",
                "split.train-dev-fraction", "0.5"));
        for (int day = 0; day < 200; day++) {
            Instant start = Instant.parse("2026-01-01T06:00:00Z").plus(Duration.ofDays(day));
            Assignment west = narrow.assign(new DriveFacts("west", Domain.SOURCE, start, "geo:0.06,179.965"));
            Assignment middle = narrow.assign(new DriveFacts("middle", Domain.SOURCE, start, "geo:0.06,179.985"));
            Assignment east = narrow.assign(new DriveFacts("east", Domain.SOURCE, start, "geo:0.06,-179.99"));
            assertThat(straddle(west, east)).as("0.045 apart on day %d", day).isFalse();
            assertThat(straddle(west, middle)).isFalse();
            assertThat(straddle(middle, east)).isFalse();
        }
    }

    static boolean straddle(Assignment a, Assignment b) {
        return a instanceof Assigned first
                && b instanceof Assigned second
                && (first.split() == Split.TRAIN) != (second.split() == Split.TRAIN);
    }

    @Test
    void drivesWithoutAPlaceCountAsAtOnePlaceIfAskedTo() {
        SplitPolicy one = policy(Map.of("split.embargo", "PT30M", "split.unknown-place", "one-place"));
        SplitPolicy none = policy(Map.of("split.embargo", "PT30M"));
        List<Assignment> together = IntStream.range(0, 50)
                .mapToObj(i -> one.assign(new DriveFacts("drive-" + i, Domain.SOURCE, START, "")))
                .toList();
        assertThat(together)
                .extracting(Assignment::rule)
                .containsOnly(together.get(0).rule());
        assertThat(together)
                .extracting(deal -> deal.facts().unit())
                .containsOnly("an unknown place from 2026-11-10T00:00:00Z");
        assertThat(none.assign(new DriveFacts("drive-1", Domain.SOURCE, START, ""))
                        .facts()
                        .unit())
                .isEqualTo("drive-1");
    }

    @Test
    void framesThatSayWhenAndWhereTheirDriveBeganDealItAlikeInAnyOrder() {
        SplitPolicy adopting = policy(Map.of(
                "split.adopt-fraction", "0.5", "split.adopt-from", "2026-12-01T00:00:00Z", "split.test-fraction", "0"));
        Places places = Places.of(TestSamples.config(Map.of()));
        Map<String, String> ofDrive =
                Map.of("drive-started-at", "2026-11-30T23:59:50Z", "drive-latitude", "48.1", "drive-longitude", "11.5");
        for (int drive = 0; drive < 100; drive++) {
            String id = "drive-" + drive;
            List<Assignment> deals = IntStream.range(0, 20)
                    .mapToObj(frame -> {
                        Map<String, String> attributes = new HashMap<>(ofDrive);
                        attributes.put("latitude", Double.toString(48.1 + frame * 0.01));
                        attributes.put("longitude", "11.5");
                        return adopting.assign(DriveFacts.of(
                                id,
                                Domain.TARGET,
                                Instant.parse("2026-11-30T23:59:50Z").plusSeconds(frame),
                                attributes,
                                places));
                    })
                    .toList();
            assertThat(deals).containsOnly(deals.get(0));
            assertThat(((Assigned) deals.get(0)).split()).isEqualTo(Split.TEST_DEV);
        }
    }

    @Test
    void aStartThatCannotBeIsNone() {
        Places places = Places.of(TestSamples.config(Map.of()));
        for (String startedAt : List.of(
                "soon", "+1000000000-12-31T23:59:59.999999999Z", "2026-11-10T08:00:01Z", "1970-01-01T00:00:00Z")) {
            assertThat(DriveFacts.of("d", Domain.SOURCE, START, Map.of("drive-started-at", startedAt), places)
                            .start())
                    .as(startedAt)
                    .isEqualTo(START);
        }
    }

    private static double share(SplitPolicy policy, Domain domain, Split split) {
        int drives = 20_000;
        return IntStream.range(0, drives)
                        .filter(i -> split(policy, "drive-" + i, domain, START) == split)
                        .count()
                / (double) drives;
    }
}
