package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelRuleTest {
    @Test
    void aRuleOfPresenceNamesCategoriesSizesAndBothClasses() {
        assertThat(LabelRule.parse("stop or go if traffic light | traffic sign min-height=12 min-area=0.001 else none"))
                .isEqualTo(new LabelRule.Present(
                        "stop or go", List.of("traffic light", "traffic sign"), new LabelRule.Size(12, 0.001), "none"));
    }

    @Test
    void theLargestBoxMayNeedASizeAndAClassForNone() {
        assertThat(LabelRule.parse("largest")).isEqualTo(new LabelRule.Largest(new LabelRule.Size(0, 0), ""));
        assertThat(LabelRule.parse("largest min-area=0.01 else empty road"))
                .isEqualTo(new LabelRule.Largest(new LabelRule.Size(0, 0.01), "empty road"));
    }

    @Test
    void anAttributeMayBeTheClassAndAnEmptyRuleGivesNone() {
        assertThat(LabelRule.parse("attribute timeofday")).isEqualTo(new LabelRule.Attribute("timeofday"));
        assertThat(LabelRule.parse(" ")).isEqualTo(new LabelRule.None());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "attribute timeofday",
                "largest",
                "largest min-area=0.01 else empty road",
                "a b if c|d min-height=12.0 min-area=0.5 else e"
            })
    void aRuleIsWrittenAsItIsRead(String text) {
        assertThat(LabelRule.parse(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pedestrian",
                "a if b",
                "a if b| else c",
                "largest min-area=2",
                "a if b min-height=tall else c",
                "a if b min-height=-1 else c"
            })
    void whatIsNoRuleIsRefusedWithWhatIsAccepted(String text) {
        assertThatThrownBy(() -> LabelRule.parse(text))
                .hasMessageStartingWith("'%s' is no label rule; accepted is 'CLASS if", text);
        assertThatThrownBy(() -> ConfigReader.read(Optional.empty(), Map.of(), Map.of("ingest.label-rule", text)))
                .hasMessageContaining("ingest.label-rule is '%s'", text);
    }
}
