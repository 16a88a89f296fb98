package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.cli.show.SideBySide.Change;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import org.junit.jupiter.api.Test;

class SideBySideTest {
    @Test
    void aTermFellOnlyWhereTheIntervalsDoNotOverlap() {
        assertThat(SideBySide.change(new Estimate(0.3, 0.25, 0.35), new Estimate(0.1, 0.05, 0.15)))
                .isEqualTo(Change.FELL);
        assertThat(SideBySide.change(new Estimate(0.3, 0.1, 0.5), new Estimate(0.1, 0.0, 0.2)))
                .isEqualTo(Change.LOWER_BUT_INTERVALS_OVERLAP);
        assertThat(SideBySide.change(new Estimate(0.1, 0.05, 0.15), new Estimate(0.3, 0.25, 0.35)))
                .isEqualTo(Change.ROSE);
    }

    @Test
    void withoutIntervalsNothingIsProven() {
        assertThat(SideBySide.change(new Estimate(0.3, null, null), new Estimate(0.1, null, null)))
                .isEqualTo(Change.LOWER_BUT_INTERVALS_OVERLAP);
    }

    @Test
    void aShiftThatDidNotFallIsSaidNotToHaveFallen() {
        assertThat(SideBySide.sentence("shift", new Estimate(0.1, 0.0, 0.2), new Estimate(0.12, 0.0, 0.2)))
                .isEqualTo(
                        "Distribution shift did not fall: it is 2.0 percentage points higher, within overlapping intervals.");
        assertThat(SideBySide.sentence("shift", new Estimate(0.3, 0.25, 0.35), new Estimate(0.1, 0.05, 0.15)))
                .isEqualTo("Distribution shift fell by 20.0 percentage points, and the two intervals do not overlap.");
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
