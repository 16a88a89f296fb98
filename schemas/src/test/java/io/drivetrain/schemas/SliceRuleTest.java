package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SliceRuleTest {
    private static final Measurements MEASURED = new Measurements(0.15, 0.2, 0.6, 0.2, 0.3, 0.5, 20.0, 6.0);

    @Test
    void anEntryIsAnAttributeAMeasurementOrAFlag() {
        assertThat(SliceRule.parse(" weather ")).isEqualTo(new SliceRule.OfAttribute("weather"));
        assertThat(SliceRule.parse("flag:dark")).isEqualTo(new SliceRule.OfFlag("dark"));
        assertThat(SliceRule.parse("brightness < 0.2"))
                .isEqualTo(new SliceRule.OfMeasurement("brightness", false, 0.2, "brightness<0.2"));
        assertThat(SliceRule.parse("sharpness>1e1"))
                .isEqualTo(new SliceRule.OfMeasurement("sharpness", true, 10, "sharpness>1e1"));
    }

    @Test
    void theThresholdItselfIsOnNeitherSide() {
        assertThat(holds("brightness<0.2")).isTrue();
        assertThat(holds("brightness>0.2")).isFalse();
        assertThat(holds("glareShare>0.2")).isFalse();
        assertThat(holds("glareShare<0.2")).isFalse();
        assertThat(holds("entropy>5.9")).isTrue();
    }

    private static boolean holds(String entry) {
        return ((SliceRule.OfMeasurement) SliceRule.parse(entry)).holds(MEASURED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "glare>0.2", "brightness>", "brightness<=0.2", "brightness<1e", "weather=rainy", "flag:"})
    void whatIsNoSliceIsRefusedWithWhatIsAccepted(String entry) {
        assertThatThrownBy(() -> SliceRule.parse(entry))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + entry + "' is no slice; accepted is an attribute (weather)")
                .hasMessageContaining("measurements are brightness, contrast, darkShare, glareShare");
    }

    @Test
    void everyWrongSliceOfTheConfigurationIsAProblem() {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> ConfigReader.read(
                        Optional.empty(),
                        Map.of(),
                        Map.of("balance.slices", "weather,glare>0.2,weather=rainy,flag:dark,brightness<0.2")));
        assertThat(e.problems())
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("balance.slices: 'glare>0.2' is no slice"))
                .anyMatch(problem -> problem.startsWith("balance.slices: 'weather=rainy' is no slice"));
    }

    @Test
    void aWindowByCountCannotWaitForMoreDrivesThanItTellsApart() {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> ConfigReader.read(Optional.empty(), Map.of(), Map.of("balance.window-drives", "4097")));
        assertThat(e.problems()).singleElement().asString().contains("a whole number from 2 to 4096");
    }
}
