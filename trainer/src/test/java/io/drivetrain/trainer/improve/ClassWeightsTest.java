package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClassWeightsTest {
    private static final long[] COUNTS = {90, 9, 1};

    @Test
    void noneHasNoWeights() {
        assertThat(ClassWeights.parse("none", 0.9).of(COUNTS)).isEmpty();
    }

    @Test
    void balancedGivesEveryClassTheSameTotal() {
        float[] weights = ClassWeights.parse("balanced", 0.9).of(COUNTS).orElseThrow();
        for (int i = 0; i < COUNTS.length; i++) {
            assertThat(weights[i] * COUNTS[i]).isCloseTo(100 / 3f, within(1e-4f));
        }
    }

    @Test
    void effectiveNumberIsTheFormulaOfCuiAndOthersScaledToAMeanOfOne() {
        float[] weights = ClassWeights.parse("effective-number", 0.9).of(COUNTS).orElseThrow();
        double[] inverse = {0.1 / (1 - Math.pow(0.9, 90)), 0.1 / (1 - Math.pow(0.9, 9)), 1};
        assertThat(weights[1] / weights[0]).isCloseTo((float) (inverse[1] / inverse[0]), within(1e-5f));
        assertThat(weights[2] / weights[0]).isCloseTo((float) (inverse[2] / inverse[0]), within(1e-5f));
        assertThat((weights[0] * 90 + weights[1] * 9 + weights[2]) / 100).isCloseTo(1f, within(1e-5f));
    }

    @Test
    void classWithoutSamplesChangesNothing() {
        float[] weights = new ClassWeights.Balanced().of(new long[] {2, 0, 6}).orElseThrow();
        assertThat(weights).containsExactly(2f, 1f, 2 / 3f);
    }

    @Test
    void unknownWordAndBetaOfOneAreRefused() {
        assertThatThrownBy(() -> ClassWeights.parse("balance", 0.9))
                .hasMessage(
                        "Unknown improve.class-weights 'balance'; it must be one of [none, balanced, effective-number]");
        assertThatThrownBy(() -> ClassWeights.parse("effective-number", 1))
                .hasMessage("balance.beta is 1.0; it must be at least 0 and below 1");
    }
}
