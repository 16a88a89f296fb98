package io.drivetrain.trainer.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Split;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyntheticDrivesTest {
    private static final PixelShape SHAPE = new PixelShape(3, 16, 16);
    private static final Selection SELECTION =
            new Selection(SyntheticDrives.CLASSES, 0, Optional.empty(), List.of("speed", "yaw-rate"));

    private static final Assembly DRAWN = SyntheticDrives.draw(7, SHAPE, SELECTION);

    @Test
    void everySplitHasDrivesOfItsOwnAndBothClasses() {
        Set<String> drives = new HashSet<>();
        int all = 0;
        for (Split split : Split.values()) {
            SplitView view = DRAWN.view(split);
            assertThat(view.labels()).as(split.toString()).contains(0, 1);
            assertThat(view.drives()).hasSizeGreaterThanOrEqualTo(20);
            drives.addAll(view.drives());
            all += view.drives().size();
        }
        assertThat(drives).hasSize(all);
    }

    @Test
    void testDevAndTestHaveTheNightThatTrainHasNot() {
        assertThat(shareOfNight(Split.TRAIN)).isZero();
        assertThat(shareOfNight(Split.TRAIN_DEV)).isZero();
        assertThat(shareOfNight(Split.TEST_DEV)).isBetween(0.2, 0.8);
        assertThat(shareOfNight(Split.TEST)).isBetween(0.2, 0.8);
    }

    private static double shareOfNight(Split split) {
        SplitView view = DRAWN.view(split);
        int night = 0;
        for (int i = 0; i < view.size(); i++) {
            night += view.attributes(i).get("timeofday").equals("night") ? 1 : 0;
        }
        return (double) night / view.size();
    }

    @Test
    void sameSeedGivesTheSameDataAndAnotherSeedOther() {
        assertThat(SyntheticDrives.draw(7, SHAPE, SELECTION).fingerprint()).isEqualTo(DRAWN.fingerprint());
        assertThat(SyntheticDrives.draw(8, SHAPE, SELECTION).fingerprint()).isNotEqualTo(DRAWN.fingerprint());
    }

    @Test
    void aLimitTakesFromTrainAlone() {
        Assembly limited =
                SyntheticDrives.draw(7, SHAPE, new Selection(SyntheticDrives.CLASSES, 50, Optional.empty(), List.of()));

        assertThat(limited.view(Split.TRAIN).size()).isEqualTo(50);
        assertThat(limited.view(Split.TEST).size())
                .isEqualTo(DRAWN.view(Split.TEST).size());
    }

    @Test
    void telemetryIsThatOfACarInTraffic() {
        SplitView train = DRAWN.view(Split.TRAIN);
        float[] values = new float[2];
        Set<Float> speeds = new HashSet<>();
        for (int i = 0; i < train.size(); i++) {
            train.readTelemetry(i, values, 0);
            assertThat(values[0]).isBetween(0f, 15f);
            assertThat(values[1]).isBetween(-0.5f, 0.5f);
            speeds.add(values[0]);
        }
        assertThat(speeds).hasSizeGreaterThan(50);
    }
}
