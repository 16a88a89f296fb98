package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.build.NetworkSpec;
import org.junit.jupiter.api.Test;

class NormalisationTest {
    private static final int PLANE = BrightSquares.SIDE * BrightSquares.SIDE;

    /** First channel half 0 and half 255, second all 51, third 100 in one sample and 120 in the other. */
    private static BrightSquares twoSamples() {
        byte[][] samples = new byte[2][3 * PLANE];
        for (int i = 0; i < PLANE; i++) {
            samples[0][i] = (byte) (i % 2 == 0 ? 0 : 255);
            samples[1][i] = (byte) (i % 2 == 0 ? 0 : 255);
            samples[0][PLANE + i] = 51;
            samples[1][PLANE + i] = 51;
            samples[0][2 * PLANE + i] = 100;
            samples[1][2 * PLANE + i] = 120;
        }
        return new BrightSquares(samples, new int[] {0, 1});
    }

    @Test
    void meanAndDeviationAreThoseOfAllPixelsOfAChannel() {
        Normalisation normalisation = Normalisation.of(twoSamples());
        assertThat(normalisation.mean().get(0)).isCloseTo(0.5, within(1e-12));
        assertThat(normalisation.deviation().get(0)).isCloseTo(0.5, within(1e-12));
        assertThat(normalisation.mean().get(2)).isCloseTo(110 / 255.0, within(1e-12));
        assertThat(normalisation.deviation().get(2)).isCloseTo(10 / 255.0, within(1e-12));
    }

    @Test
    void channelThatNeverVariesIsOnlyCentred() {
        Normalisation normalisation = Normalisation.of(twoSamples());
        assertThat(normalisation.deviation().get(1)).isEqualTo(1.0);
        assertThat(normalisation.table()[1][51]).isZero();
    }

    @Test
    void batchHoldsNormalisedPixelsInTheGivenOrder() {
        BrightSquares store = twoSamples();
        NetworkSpec network = new NetworkSpec("lenet", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 1, 1e-3);
        Batch batch = new BatchReader(store, Normalisation.of(store), network).read(new int[] {0, 1, 0}, 1, 3);
        float[] pixels = batch.inputs().get(0).values();
        assertThat(batch.inputs()).hasSize(1);
        assertThat(batch.inputs().get(0).shape()).containsExactly(2, 3, BrightSquares.SIDE, BrightSquares.SIDE);
        assertThat(batch.labels()).containsExactly(1, 0);
        assertThat(pixels).hasSize(2 * 3 * PLANE);
        assertThat(pixels[0]).isCloseTo(-1f, within(1e-6f));
        assertThat(pixels[1]).isCloseTo(1f, within(1e-6f));
        assertThat(pixels[2 * PLANE]).isCloseTo(1f, within(1e-6f));
        assertThat(pixels[5 * PLANE]).isCloseTo(-1f, within(1e-6f));
    }
}
