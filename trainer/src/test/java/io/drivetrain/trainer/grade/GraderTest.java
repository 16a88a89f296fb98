package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Split;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GraderTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(200, 5, 42);

    /** Drives of 200 frames, each with the same share of errors. */
    private static SplitPredictions even(int drives, double rate) {
        int frames = 200;
        int[] labels = new int[drives * frames];
        int[] predicted = new int[labels.length];
        int[] driveOf = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            driveOf[i] = i / frames;
            labels[i] = i % 2;
            predicted[i] = i % frames < Math.round(rate * frames) ? 1 - labels[i] : labels[i];
        }
        return new SplitPredictions(labels, predicted, driveOf, drives);
    }

    private static Map<Split, SplitPredictions> percent(double train, double trainDev, double testDev, double test) {
        Map<Split, SplitPredictions> predictions = new EnumMap<>(Split.class);
        predictions.put(Split.TRAIN, even(150, train / 100));
        predictions.put(Split.TRAIN_DEV, even(150, trainDev / 100));
        predictions.put(Split.TEST_DEV, even(150, testDev / 100));
        predictions.put(Split.TEST, even(150, test / 100));
        return predictions;
    }

    @ParameterizedTest(name = "{0} + {1}/{2}/{3}/{4}: {5}")
    @CsvSource({
        "25, 27, 29, 32, 34, shift",
        "1, 20, 27, 27, 28, bias",
        "0, 1, 5, 5, 5, variance",
        "0, 10, 11, 12, 12, bias",
        "0, 10, 11, 20, 20, bias",
        "0, 1, 1.5, 10, 10, shift",
        "0, 1, 1, 1, 10, validationOverfitting",
    })
    void theGuidesCasesAreNamed(
            double irreducible, double train, double trainDev, double testDev, double test, String dominant) {
        Grade grade = Grader.grade(percent(train, trainDev, testDev, test), 2, irreducible / 100, SETTINGS);
        assertThat(grade.dominant().map(Term::label)).contains(dominant);
        assertThat(grade.verdict()).contains("dominates").contains("Next:");
    }

    @Test
    void aSecondLargeTermIsNamedToo() {
        Grade grade = Grader.grade(percent(10, 11, 20, 20), 2, 0, SETTINGS);
        assertThat(grade.verdict())
                .startsWith("Avoidable bias dominates: 10.0 points of the 20.0 % test error")
                .contains("distribution shift follows with 9.0 points");
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 30);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void thePublishedTermsSumToThePublishedTestError(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Split, SplitPredictions> predictions = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            int samples = 1 + random.nextInt(400);
            int[] labels = new int[samples];
            int[] predicted = new int[samples];
            int[] driveOf = new int[samples];
            for (int i = 0; i < samples; i++) {
                labels[i] = random.nextInt(5);
                predicted[i] = random.nextInt(5);
                driveOf[i] = i / 10;
            }
            predictions.put(split, new SplitPredictions(labels, predicted, driveOf, (samples + 9) / 10));
        }
        Decomposition d = Grader.grade(predictions, 5, random.nextDouble() / 10, SETTINGS)
                .decomposition()
                .orElseThrow();
        double sum = d.getIrreducible().getValue()
                + d.getBias().getValue()
                + d.getVariance().getValue()
                + d.getShift().getValue()
                + d.getValidationOverfitting().getValue();
        assertThat(sum).isCloseTo(d.getTestError().getValue(), within(1e-12));
    }

    @Test
    void irreducibleHasNoInterval() {
        Decomposition decomposition = Grader.grade(percent(2, 4, 6, 8), 2, 0.01, SETTINGS)
                .decomposition()
                .orElseThrow();
        assertThat(decomposition.getIrreducible().getLow()).isNull();
        assertThat(decomposition.getTestError().getLow()).isNotNull();
    }

    @Test
    void confusionCountsGivenByPredicted() {
        Map<Split, SplitPredictions> predictions = percent(1, 1, 1, 1);
        predictions.put(
                Split.TEST,
                new SplitPredictions(new int[] {0, 0, 1, 2, 2, 2}, new int[] {0, 1, 1, 0, 2, 2}, new int[6], 1));
        var test = Grader.grade(predictions, 3, 0, SETTINGS).splits().get(3);
        assertThat(test.getConfusion())
                .isEqualTo(List.of(List.of(1L, 1L, 0L), List.of(0L, 1L, 0L), List.of(1L, 0L, 2L)));
        assertThat(test.getErrors()).isEqualTo(2);
        assertThat(test.getSamples()).isEqualTo(6);
        assertThat(test.getDrives()).isEqualTo(1);
    }

    @Test
    void anEmptySplitGivesNoDecompositionButASentence() {
        Map<Split, SplitPredictions> predictions = percent(1, 2, 3, 4);
        predictions.remove(Split.TEST);
        Grade grade = Grader.grade(predictions, 2, 0, SETTINGS);
        assertThat(grade.decomposition()).isEmpty();
        assertThat(grade.dominant()).isEmpty();
        assertThat(grade.splits()).hasSize(4);
        assertThat(grade.splits().get(3).getError()).isNull();
        assertThat(grade.notEnoughData())
                .containsExactly("Not enough data: test is empty; send TARGET drives until it has 5 or more");
        assertThat(grade.verdict()).startsWith("The error cannot be decomposed, because test is empty");
    }

    @Test
    void fewDrivesGiveTermsWithoutIntervalsAndASentence() {
        Map<Split, SplitPredictions> predictions = percent(1, 2, 30, 4);
        predictions.put(Split.TEST_DEV, even(3, 0.3));
        Grade grade = Grader.grade(predictions, 2, 0, SETTINGS);
        assertThat(grade.decomposition().orElseThrow().getShift().getLow()).isNull();
        assertThat(grade.distinguishable()).doesNotContain(Term.SHIFT);
        assertThat(grade.notEnoughData())
                .containsExactly(
                        "Not enough data: test-dev has 3 of the 5 drives that an interval needs; send more TARGET"
                                + " drives");
    }

    @Test
    void nothingDistinguishableSaysHowManyMoreDrivesWouldSettleIt() {
        Map<Split, SplitPredictions> predictions = new EnumMap<>(Split.class);
        SplittableRandom random = new SplittableRandom(3);
        for (Split split : Split.values()) {
            int[] labels = new int[120];
            int[] predicted = new int[120];
            int[] driveOf = new int[120];
            for (int i = 0; i < 120; i++) {
                driveOf[i] = i / 20;
                predicted[i] = random.nextDouble() < (split == Split.TEST ? 0.06 : 0.04) ? 1 : 0;
            }
            predictions.put(split, new SplitPredictions(labels, predicted, driveOf, 6));
        }
        Grade grade = Grader.grade(predictions, 2, 0.04, SETTINGS);
        assertThat(grade.dominant()).isEmpty();
        assertThat(grade.verdict())
                .contains("No positive term is distinguishable from zero")
                .contains("Next:");
    }

    @Test
    void aModelAtTheIrreducibleErrorIsToldToStop() {
        Grade grade = Grader.grade(percent(1, 1, 1, 1), 2, 0.01, SETTINGS);
        assertThat(grade.verdict()).contains("at or below the irreducible error");
    }

    @Test
    void aTestSplitThatIsEasierThanTestDevIsToldOf() {
        Grade grade = Grader.grade(percent(1, 2, 30, 5), 2, 0, SETTINGS);
        assertThat(grade.dominant()).contains(Term.SHIFT);
        assertThat(grade.distinguishable()).contains(Term.VALIDATION_OVERFITTING);
        assertThat(grade.verdict()).contains("Test is 25.0 points easier than test-dev");
    }
}
