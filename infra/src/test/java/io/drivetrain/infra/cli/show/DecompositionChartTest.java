package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecompositionChartTest {
    private static final Decomposition GUIDE = new Decomposition(
            new Estimate(0.34, 0.30, 0.38),
            new Estimate(0.25, null, null),
            new Estimate(0.02, 0.01, 0.03),
            new Estimate(0.02, -0.01, 0.05),
            new Estimate(0.03, 0.02, 0.04),
            new Estimate(0.02, 0.00, 0.04));

    @Test
    void everyTermIsOneLineAndTheTestErrorIsBelowALine() {
        List<String> lines = DecompositionChart.lines(TestTerminals.plain(80), GUIDE, "shift");
        assertThat(lines).hasSize(7);
        assertThat(lines.get(0))
                .contains("irreducible error")
                .contains("25.0 %")
                .contains("█");
        assertThat(lines.get(3))
                .contains("distribution shift")
                .contains("+3.0 %")
                .contains("[2.0 … 4.0]");
        assertThat(lines.get(5)).contains("───");
        assertThat(lines.get(6)).contains("test error").contains("34.0 %");
    }

    @Test
    void aNegativeTermIsDrawnLeftOfTheAxis() {
        Decomposition negative = new Decomposition(
                new Estimate(0.20, null, null),
                new Estimate(0.0, null, null),
                new Estimate(0.10, null, null),
                new Estimate(0.0, null, null),
                new Estimate(0.20, null, null),
                new Estimate(-0.10, null, null));
        List<String> lines = DecompositionChart.lines(TestTerminals.plain(80), negative, null);
        String overfitting = lines.get(4);
        String bias = lines.get(1);
        assertThat(overfitting).contains("-10.0 %");
        assertThat(overfitting.indexOf('█')).isLessThan(bias.indexOf('█'));
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 120})
    void noLineIsWiderThanTheTerminal(int width) {
        Terminal terminal = TestTerminals.plain(width);
        assertThat(DecompositionChart.lines(terminal, GUIDE, "bias"))
                .allSatisfy(
                        line -> assertThat(line.stripTrailing().length()).isLessThanOrEqualTo(terminal.width() + 9));
    }

    @Test
    void withoutUnicodeTheBarsAreAscii() {
        String all = String.join("\n", DecompositionChart.lines(TestTerminals.ascii(80), GUIDE, null))
                .replace("…", "...");
        assertThat(all).contains("###").matches(text -> text.chars().allMatch(c -> c < 128), "only ASCII");
    }

    @Test
    void aZeroIsNeverNegative() {
        assertThat(DecompositionChart.percent(-0.0, false)).isEqualTo("0.0 %");
        assertThat(DecompositionChart.percent(-0.0001, true)).isEqualTo("+0.0 %");
        assertThat(DecompositionChart.percent(0.1234, true)).isEqualTo("+12.3 %");
    }
}
