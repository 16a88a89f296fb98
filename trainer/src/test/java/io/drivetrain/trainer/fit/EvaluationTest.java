package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EvaluationTest {
    private final BrightSquares store = new BrightSquares(new byte[3][], new int[] {0, 1, 1});

    @Test
    void errorIsTheShareOfWrongPredictionsAndLossTheMeanCrossEntropy() {
        float[][] probabilities = {{0.75f, 0.25f}, {0.5f, 0.5f}, {0.25f, 0.75f}};
        Evaluation evaluation = Evaluation.of(probabilities, store, new int[] {0, 1, 2});
        assertThat(evaluation.error()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(evaluation.loss()).isCloseTo(-(2 * Math.log(0.75) + Math.log(0.5)) / 3, within(1e-12));
    }

    @Test
    void confidentMistakeCostsAFiniteLoss() {
        float[][] probabilities = {{0f, 1f}};
        assertThat(Evaluation.of(probabilities, store, new int[] {0}).loss()).isFinite();
    }

    @Test
    void lowerErrorIsBetterAndLossBreaksTies() {
        assertThat(new Evaluation(0.9, 0.1).isBetterThan(new Evaluation(0.2, 0.2)))
                .isTrue();
        assertThat(new Evaluation(0.2, 0.1).isBetterThan(new Evaluation(0.9, 0.1)))
                .isTrue();
        assertThat(new Evaluation(0.9, 0.1).isBetterThan(new Evaluation(0.9, 0.1)))
                .isFalse();
    }
}
