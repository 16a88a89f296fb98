package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.WindowKind;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BalanceWindowTest {

    @Test
    void beyondTheLimitDrivesAreGroupedAndTheDesignEffectStays() {
        BalanceWindow window = new BalanceWindow(WindowKind.COUNT, 0, null);
        ClusteredCounts each = new ClusteredCounts();
        int drives = 50_000;
        for (int drive = 0; drive < drives; drive++) {
            Map<String, Long> frames = Map.of(drive % 10 < 3 ? "tram" : "car", 4L);
            window.add("", "drive-" + drive, frames);
            each.grow(Map.of(), frames);
        }
        ClusteredCounts grouped = window.counts().get("");
        assertThat(window.samples()).isEqualTo(4L * drives);
        assertThat(grouped.byClass()).isEqualTo(each.byClass());
        assertThat(window.drives())
                .isGreaterThan(BalanceWindow.MOST_CLUSTERS)
                .isLessThanOrEqualTo(2 * BalanceWindow.MOST_CLUSTERS);
        assertThat(each.designEffect()).isCloseTo(4, within(1e-3));
        assertThat(grouped.designEffect()).isCloseTo(4, within(0.4));
    }

    @Test
    void asManyDrivesAsTheConfigurationMayAskForAreToldApart() {
        BalanceWindow window = new BalanceWindow(WindowKind.COUNT, 0, null);
        for (int drive = 0; drive < BalanceWindow.MOST_CLUSTERS; drive++) {
            window.add("", "drive-" + drive, Map.of("car", 1L));
        }
        assertThat(window.drives()).isEqualTo(BalanceWindow.MOST_CLUSTERS);
    }
}
