package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TopicTest {
    @Test
    void topicNamesAreDistinct() {
        assertThat(Arrays.stream(Topic.values()).map(Topic::topicName)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Split.class)
    void everySplitHasATopicAndALabelThatReadsBack(Split split) {
        assertThat(Topic.of(split).topicName()).isEqualTo("samples." + Splits.label(split));
        assertThat(Topic.of(split).recordType()).isEqualTo(CuratedSample.class);
        assertThat(Splits.parse(Splits.label(split))).isEqualTo(split);
        assertThat(Topic.named(Topic.of(split).topicName())).contains(Topic.of(split));
    }

    @Test
    void whateverFitsIntoRawFitsIntoRejectedWithItsHeadersTwice() {
        assertThat(Topic.SAMPLES_REJECTED.maxRecordBytes()).isGreaterThan(2 * Topic.SAMPLES_RAW.maxRecordBytes());
    }

    @Test
    void anUnknownSplitIsNamedWithTheKnownOnes() {
        assertThatThrownBy(() -> Splits.parse("dev"))
                .hasMessage("Unknown split 'dev'; it is one of train, train-dev, test-dev, test");
    }

    @Test
    void trainingSplitsHoldSourceAndTestSplitsTarget() {
        assertThat(Splits.domain(Split.TRAIN_DEV)).isEqualTo(Domain.SOURCE);
        assertThat(Splits.domain(Split.TEST_DEV)).isEqualTo(Domain.TARGET);
    }
}
