package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.infra.cli.show.SideBySide.Change;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import org.junit.jupiter.api.Test;

class SideBySideTest {
    @Test
    void aTermFellOnlyWhereTheIntervalOfTheDifferenceIsBelowZero() {
        assertThat(SideBySide.change(new Estimate(0.3, 0.25, 0.35), new Estimate(0.1, 0.05, 0.15)))
                .isEqualTo(Change.FELL);
        assertThat(SideBySide.change(new Estimate(0.3, 0.1, 0.5), new Estimate(0.1, 0.0, 0.2)))
                .isEqualTo(Change.LOWER_BUT_NOT_PROVEN);
        assertThat(SideBySide.change(new Estimate(0.1, 0.05, 0.15), new Estimate(0.3, 0.25, 0.35)))
                .isEqualTo(Change.ROSE);
    }

    @Test
    void withoutIntervalsNothingIsProven() {
        assertThat(SideBySide.change(new Estimate(0.3, null, null), new Estimate(0.1, null, null)))
                .isEqualTo(Change.LOWER_BUT_NOT_PROVEN);
    }

    @Test
    void theDifferenceTakesItsIntervalFromBothRounds() {
        Estimate difference = SideBySide.difference(new Estimate(0.30, 0.26, 0.33), new Estimate(0.10, 0.07, 0.13));
        assertThat(difference.getValue()).isEqualTo(-0.20, within(1e-12));
        assertThat(difference.getLow()).isEqualTo(-0.20 - Math.hypot(0.03, 0.03), within(1e-12));
        assertThat(difference.getHigh()).isEqualTo(-0.20 + 0.05, within(1e-12));
    }

    @Test
    void aShiftThatDidNotFallIsSaidNotToHaveFallen() {
        assertThat(SideBySide.sentence("shift", new Estimate(0.1, 0.0, 0.2), new Estimate(0.12, 0.0, 0.2)))
                .startsWith("Distribution shift did not fall: it is 2.0 percentage points higher");
        assertThat(SideBySide.sentence("shift", new Estimate(0.3, 0.25, 0.35), new Estimate(0.1, 0.05, 0.15)))
                .isEqualTo("Distribution shift fell by 20.0 percentage points"
                        + " (95 % interval of the change: -27.1 to -12.9 points).");
    }

    @Test
    void bothDecompositionsStandInOneTableOfSevenLines() {
        Estimate any = new Estimate(0.1, 0.05, 0.15);
        Decomposition decomposition = new Decomposition(any, any, any, any, any, any);
        assertThat(SideBySide.lines(TestTerminals.plain(80), decomposition, decomposition))
                .hasSize(7)
                .allSatisfy(line -> assertThat(line.stripTrailing().length()).isLessThanOrEqualTo(80));
        assertThat(SideBySide.lines(TestTerminals.plain(50), decomposition, decomposition))
                .allSatisfy(line -> assertThat(line.stripTrailing().length()).isLessThanOrEqualTo(50));
    }
}
