package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorDecompositionTest {
    private static final double EXACT = 1e-12;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 50);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theFiveTermsSumToTheTestError(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1000; i++) {
            ErrorDecomposition decomposition =
                    new ErrorDecomposition(random.nextDouble(), rate(random), rate(random), rate(random), rate(random));
            assertThat(decomposition.sum()).isCloseTo(decomposition.test(), within(EXACT));
        }
    }

    private static double rate(SplittableRandom random) {
        long samples = 1 + random.nextLong(1_000_000);
        return random.nextLong(samples + 1) / (double) samples;
    }

    @Test
    void theGuidesWaterfallIsReproduced() {
        ErrorDecomposition waterfall = new ErrorDecomposition(0.25, 0.27, 0.29, 0.32, 0.34);
        assertThat(waterfall.bias()).isCloseTo(0.02, within(EXACT));
        assertThat(waterfall.variance()).isCloseTo(0.02, within(EXACT));
        assertThat(waterfall.shift()).isCloseTo(0.03, within(EXACT));
        assertThat(waterfall.validationOverfitting()).isCloseTo(0.02, within(EXACT));
        assertThat(waterfall.sum()).isCloseTo(0.34, within(EXACT));
    }

    @Test
    void thePedestriansUnderfitByNineteenPoints() {
        // The guide names no train-dev here: with one validation set, its gap is the variance and the shift is zero.
        ErrorDecomposition pedestrians = new ErrorDecomposition(0.01, 0.20, 0.27, 0.27, 0.28);
        assertThat(pedestrians.bias()).isCloseTo(0.19, within(EXACT));
        assertThat(pedestrians.variance()).isCloseTo(0.07, within(EXACT));
        assertThat(pedestrians.validationOverfitting()).isCloseTo(0.01, within(EXACT));
    }

    @ParameterizedTest(name = "{0}/{1}/{2} %: {3}")
    @CsvSource({
        "1, 5, 5, VARIANCE",
        "10, 11, 12, BIAS",
        "1, 1.5, 10, SHIFT",
        "1, 11, 11, VARIANCE",
    })
    void ngsCasesAreDiagnosedAsHeDoes(double train, double trainDev, double dev, Term largest) {
        ErrorDecomposition decomposition = new ErrorDecomposition(0, train / 100, trainDev / 100, dev / 100, dev / 100);
        assertThat(Grader.dominant(decomposition, List.of(Term.values()))).contains(largest);
    }

    @Test
    void ngsCaseOfBiasAndMismatchHasBothLarge() {
        ErrorDecomposition decomposition = new ErrorDecomposition(0, 0.10, 0.11, 0.20, 0.20);
        assertThat(decomposition.bias()).isCloseTo(0.10, within(EXACT));
        assertThat(decomposition.variance()).isCloseTo(0.01, within(EXACT));
        assertThat(decomposition.shift()).isCloseTo(0.09, within(EXACT));
    }
}
