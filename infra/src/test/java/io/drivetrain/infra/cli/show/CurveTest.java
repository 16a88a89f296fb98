package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {
    @Test
    void theFirstErrorIsAtTheTopAndZeroAtTheBottom() {
        List<String> lines = Curve.lines(
                TestTerminals.plain(80), List.of(new Curve.Point(1, 0.5, Double.NaN), new Curve.Point(2, 0.0, 0.25)));
        assertThat(lines.get(0)).contains("50.0 %").contains("o");
        assertThat(lines.get(7)).contains("0.0 %").contains("o");
        assertThat(lines.get(lines.size() - 1)).contains("epoch 1 to 2");
    }

    @Test
    void oneEpochIsAPlotToo() {
        assertThat(Curve.lines(TestTerminals.plain(80), List.of(new Curve.Point(1, 0.1, 0.1))))
                .anyMatch(line -> line.contains("*"));
    }

    @Test
    void noEpochIsNoPlot() {
        assertThat(Curve.lines(TestTerminals.plain(80), List.of())).isEmpty();
    }
}
