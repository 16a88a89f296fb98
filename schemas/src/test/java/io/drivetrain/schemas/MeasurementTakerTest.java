package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasurementTakerTest {
    private static final Offset<Double> EXACT = within(1e-12);

    @Test
    void aBlackImageIsDarkFlatAndNeutral() {
        Measurements black = MeasurementTaker.measure(new byte[3 * 16], 4, 4);
        assertThat(black).isEqualTo(new Measurements(0.0, 0.0, 1.0, 0.0, 0.0, 0.5, 0.0, 0.0));
    }

    @Test
    void aWhiteImageIsAllGlare() {
        byte[] white = new byte[3 * 16];
        Arrays.fill(white, (byte) 255);
        assertThat(MeasurementTaker.measure(white, 4, 4))
                .isEqualTo(new Measurements(1.0, 0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 0.0));
    }

    @Test
    void pureRedIsSaturatedAndWarm() {
        byte[] red = new byte[3 * 16];
        Arrays.fill(red, 0, 16, (byte) 255);
        Measurements measured = MeasurementTaker.measure(red, 4, 4);
        assertThat(measured.getSaturation()).isCloseTo(1, EXACT);
        assertThat(measured.getWarmth()).isCloseTo(1, EXACT);
        assertThat(measured.getBrightness()).isCloseTo(76 / 255.0, EXACT);
    }

    @Test
    void halfBlackHalfWhiteHasTheLargestContrastAndOneBitOfEntropy() {
        byte[] halves = new byte[3 * 16];
        for (int plane = 0; plane < 3; plane++) {
            Arrays.fill(halves, plane * 16, plane * 16 + 8, (byte) 255);
        }
        Measurements measured = MeasurementTaker.measure(halves, 4, 4);
        assertThat(measured.getContrast()).isCloseTo(0.5, EXACT);
        assertThat(measured.getEntropy()).isCloseTo(1, EXACT);
        // Rows 255 255 | 0 0: the inner rows' Laplacians are -255 and 255.
        assertThat(measured.getSharpness()).isCloseTo(255, EXACT);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void everyMeasurementOfNoiseLiesInItsRange(long seed) {
        byte[] noise = new byte[3 * 64 * 64];
        new Random(seed).nextBytes(noise);
        Measurements measured = MeasurementTaker.measure(noise, 64, 64);
        assertThat(measured.getBrightness()).isBetween(0.45, 0.55);
        assertThat(measured.getContrast()).isBetween(0.0, 0.5);
        assertThat(measured.getDarkShare()).isBetween(0.0, 1.0);
        assertThat(measured.getGlareShare()).isBetween(0.0, 1.0);
        assertThat(measured.getSaturation()).isBetween(0.0, 1.0);
        assertThat(measured.getWarmth()).isBetween(0.45, 0.55);
        assertThat(measured.getSharpness()).isGreaterThan(50);
        assertThat(measured.getEntropy()).isBetween(7.0, 8.0);
    }

    @Test
    void imagesTooSmallForALaplacianHaveNoSharpness() {
        assertThat(MeasurementTaker.measure(new byte[] {1, 100, 1, 100, 1, 100}, 2, 1)
                        .getSharpness())
                .isZero();
    }

    @Test
    void pixelsOfTheWrongNumberAreRefused() {
        assertThatThrownBy(() -> MeasurementTaker.measure(new byte[5], 2, 1))
                .hasMessage("Cannot measure 5 bytes as 3 planes of 2 x 1 pixels");
    }
}
