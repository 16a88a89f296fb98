package io.drivetrain.pipeline.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Split;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitPolicyTest {
    private final SplitPolicy policy = new SplitPolicy("2026-11", 0.2, 0.5);

    @Test
    void sourceDrivesGoToTrainAndTrainDevAndTargetDrivesToTestDevAndTest() {
        IntStream.range(0, 1000).mapToObj(i -> "drive-" + i).forEach(drive -> {
            assertThat(policy.split(drive, Domain.SOURCE)).isIn(Split.TRAIN, Split.TRAIN_DEV);
            assertThat(policy.split(drive, Domain.TARGET)).isIn(Split.TEST_DEV, Split.TEST);
        });
    }

    @Test
    void sharesAreThoseOfTheConfiguration() {
        assertThat(share(Domain.SOURCE, Split.TRAIN_DEV)).isCloseTo(0.2, within(0.01));
        assertThat(share(Domain.TARGET, Split.TEST)).isCloseTo(0.5, within(0.01));
    }

    @Test
    void fractionsOfNoneAndAllAreKeptExactly() {
        SplitPolicy edges = new SplitPolicy("salt", 0, 1);
        IntStream.range(0, 1000).mapToObj(Integer::toString).forEach(drive -> {
            assertThat(edges.split(drive, Domain.SOURCE)).isEqualTo(Split.TRAIN);
            assertThat(edges.split(drive, Domain.TARGET)).isEqualTo(Split.TEST);
        });
    }

    @Test
    void theDealIsTheSameOnEveryMachine() {
        // sha256sum of "2026-11\0drive-001", first 53 bits.
        assertThat(policy.position("drive-001")).isEqualTo(0.2656574898772077);
    }

    @Test
    void anotherSaltDealsAnew() {
        SplitPolicy other = new SplitPolicy("2026-12", 0.2, 0.5);
        long same = IntStream.range(0, 10_000)
                .mapToObj(i -> "drive-" + i)
                .filter(drive -> policy.split(drive, Domain.TARGET) == other.split(drive, Domain.TARGET))
                .count();
        assertThat(same / 10_000.0).isCloseTo(0.5, within(0.03));
    }

    private double share(Domain domain, Split split) {
        int drives = 20_000;
        return IntStream.range(0, drives)
                        .filter(i -> policy.split("drive-" + i, domain) == split)
                        .count()
                / (double) drives;
    }
}
