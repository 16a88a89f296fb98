package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MetricDecompositionsTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(400, 5, 42);
    private static final List<String> CLASSES = List.of("car", "truck", "pedestrian");
    private static final List<Metric> ALL = List.of(Metric.values());

    /** Drives of ten frames that differ in how hard they are; a tenth of the frames are pedestrians. */
    private static SplitPredictions split(int drives, double easy, double hard, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] labels = new int[drives * 10];
        int[] predicted = new int[labels.length];
        int[] driveOf = new int[labels.length];
        float[][] probabilities = new float[labels.length][];
        for (int i = 0; i < labels.length; i++) {
            driveOf[i] = i / 10;
            labels[i] = i % 10 == 9 ? 2 : random.nextInt(2);
            boolean errs = random.nextDouble() < (driveOf[i] % 2 == 0 ? easy : hard);
            predicted[i] = errs ? (labels[i] + 1) % 3 : labels[i];
            float sure = (float) (0.5 + 0.5 * random.nextDouble());
            probabilities[i] = new float[3];
            for (int k = 0; k < 3; k++) {
                probabilities[i][k] = k == predicted[i] ? sure : (1 - sure) / 2;
            }
        }
        return new SplitPredictions(labels, predicted, driveOf, drives, probabilities);
    }

    private static Map<Split, SplitPredictions> world(long seed) {
        Map<Split, SplitPredictions> world = new EnumMap<>(Split.class);
        world.put(Split.TRAIN, split(60, 0.02, 0.05, seed));
        world.put(Split.TRAIN_DEV, split(30, 0.05, 0.15, seed + 1));
        world.put(Split.TEST_DEV, split(30, 0.2, 0.4, seed + 2));
        world.put(Split.TEST, split(30, 0.2, 0.4, seed + 3));
        return world;
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 10);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theTermsOfEveryMetricSumToItsValueOnTest(long seed) {
        Grade grade = Grader.grade(world(seed * 100), CLASSES, 0.01, ALL, SETTINGS);
        assertThat(grade.metrics())
                .extracting(MetricDecomposition::getMetric)
                .containsExactly("error-rate", "balanced-error", "macro-f1-error", "log-loss");
        for (MetricDecomposition metric : grade.metrics()) {
            Decomposition d = metric.getDecomposition();
            double sum = d.getIrreducible().getValue()
                    + d.getBias().getValue()
                    + d.getVariance().getValue()
                    + d.getShift().getValue()
                    + d.getValidationOverfitting().getValue();
            assertThat(sum).isCloseTo(metric.getSplits().get("test").getValue(), within(1e-12));
            for (Estimate term : List.of(d.getBias(), d.getVariance(), d.getShift(), d.getTestError())) {
                assertThat(term.getValue()).isBetween(term.getLow(), term.getHigh());
            }
        }
    }

    @Test
    void theErrorRateByMetricIsTheErrorRate() {
        Grade grade = Grader.grade(world(1), CLASSES, 0, ALL, SETTINGS);
        MetricDecomposition errorRate = grade.metrics().get(0);
        for (int split = 0; split < 4; split++) {
            Estimate ours = grade.splits().get(split).getError();
            String name = List.of("train", "train-dev", "test-dev", "test").get(split);
            assertThat(errorRate.getSplits().get(name).getValue()).isCloseTo(ours.getValue(), within(1e-12));
        }
    }

    @Test
    void aLargeShiftIsDistinguishableByEveryMetric() {
        for (MetricDecomposition metric :
                Grader.grade(world(5), CLASSES, 0, ALL, SETTINGS).metrics()) {
            assertThat(metric.getDecomposition().getShift().getLow())
                    .as(metric.getMetric())
                    .isPositive();
        }
    }

    /** The same split with all pedestrians left out. */
    private static SplitPredictions withoutPedestrians(SplitPredictions split) {
        int[] kept = IntStream.range(0, split.labels().length)
                .filter(i -> split.labels()[i] != 2)
                .toArray();
        return new SplitPredictions(
                IntStream.of(kept).map(i -> split.labels()[i]).toArray(),
                IntStream.of(kept).map(i -> split.predicted()[i]).toArray(),
                IntStream.of(kept).map(i -> split.driveOf()[i]).toArray(),
                split.drives(),
                IntStream.of(kept).mapToObj(i -> split.probabilities()[i]).toArray(float[][]::new));
    }

    @Test
    void aHardClassThatTestDevLacksIsNoShift() {
        Map<Split, SplitPredictions> world = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitPredictions alike = split(60, 0.05, 0.05, 40 + split.ordinal());
            // Every pedestrian is taken for a car.
            for (int i = 0; i < alike.labels().length; i++) {
                alike.predicted()[i] = alike.labels()[i] == 2 ? 0 : alike.predicted()[i];
            }
            world.put(split, alike);
        }
        world.put(Split.TEST_DEV, withoutPedestrians(world.get(Split.TEST_DEV)));
        List<Metric> averages = List.of(Metric.BALANCED_ERROR, Metric.MACRO_F1_ERROR);
        Grade grade = Grader.grade(world, CLASSES, 0, averages, SETTINGS);
        Map<Split, SplitPredictions> nowhere = new EnumMap<>(Split.class);
        world.forEach((split, predictions) -> nowhere.put(split, withoutPedestrians(predictions)));
        Iterator<MetricDecomposition> ofNowhere =
                Grader.grade(nowhere, CLASSES, 0, averages, SETTINGS).metrics().iterator();
        for (MetricDecomposition metric : grade.metrics()) {
            Estimate shift = metric.getDecomposition().getShift();
            assertThat(shift.getValue())
                    .as("%s, as if no split had the class", metric.getMetric())
                    .isCloseTo(ofNowhere.next().getDecomposition().getShift().getValue(), within(1e-12));
            // A class that is wholly wrong on one side alone would make about 0.3 of three classes.
            assertThat(shift.getValue()).as(metric.getMetric()).isCloseTo(0, within(0.05));
            assertThat(metric.getSplits().get("test").getValue())
                    .as("the terms still sum to what is said of test")
                    .isCloseTo(metric.getDecomposition().getTestError().getValue(), within(1e-12));
        }
        assertThat(grade.notEnoughData())
                .contains(
                        "Not enough data: test-dev has no sample of pedestrian; so balanced-error and macro-f1-error and"
                                + " their terms leave these classes out on every split; send TARGET drives with them");
    }

    @Test
    void splitsWithoutACommonClassHaveNoTermsOfAverages() {
        Map<Split, SplitPredictions> world = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            int[] labels = new int[20];
            Arrays.fill(labels, split == Split.TEST_DEV ? 0 : 1);
            int[] drives = IntStream.range(0, 20).toArray();
            world.put(split, new SplitPredictions(labels, labels, drives, 20));
        }
        Grade grade = Grader.grade(world, CLASSES, 0, List.of(Metric.BALANCED_ERROR), SETTINGS);
        assertThat(grade.metrics())
                .singleElement()
                .satisfies(metric -> assertThat(metric.getDecomposition()).isNull());
        assertThat(grade.notEnoughData())
                .singleElement()
                .asString()
                .startsWith(
                        "Not enough data: train and train-dev and test have no sample of car; test-dev has no sample"
                                + " of truck; so balanced-error and their terms");
    }

    @Test
    void metricsAreThoseOfTheConfusionMatrix() {
        SplitPredictions split = split(20, 0.1, 0.4, 3);
        ClassificationFigures figures = new ClassificationFigures(split.confusion(3));
        SplitStatistics.Sums sums = SplitStatistics.of(split, 3).total();
        assertThat(sums.errorRate()).isCloseTo(1 - figures.accuracy(), within(1e-12));
        assertThat(sums.balancedError()).isCloseTo(1 - figures.balancedAccuracy(), within(1e-12));
        assertThat(sums.macroF1Error()).isCloseTo(1 - figures.macroF1(), within(1e-12));
    }

    @Test
    void withoutProbabilitiesThereIsNeitherLogLossNorCalibration() {
        Map<Split, SplitPredictions> world = world(2);
        world.replaceAll((split, p) -> new SplitPredictions(p.labels(), p.predicted(), p.driveOf(), p.drives()));
        Grade grade = Grader.grade(world, CLASSES, 0, ALL, SETTINGS);
        assertThat(grade.metrics())
                .extracting(MetricDecomposition::getMetric)
                .containsExactly("error-rate", "balanced-error", "macro-f1-error");
        assertThat(grade.quality()).isEmpty();
    }

    @Test
    void aFaultlessSplitMayStillErrMostOfAllInItsRarestClass() {
        Map<Split, SplitPredictions> world = world(2);
        world.put(Split.TRAIN, split(60, 0, 0, 9));
        Grade grade = Grader.grade(world, CLASSES, 0, List.of(Metric.BALANCED_ERROR), SETTINGS);
        Estimate train = grade.metrics().get(0).getSplits().get("train");
        assertThat(train.getValue()).isZero();
        assertThat(train.getLow()).isZero();
        // Balanced error counts the pedestrians, a tenth of the samples, as a third, so that it is less sure.
        assertThat(train.getHigh())
                .isGreaterThan(grade.splits().get(0).getError().getHigh());
        Estimate variance = grade.metrics().get(0).getDecomposition().getVariance();
        assertThat(variance.getLow()).isLessThan(variance.getValue());
    }

    @Test
    void fewDrivesGiveValuesWithoutIntervals() {
        Map<Split, SplitPredictions> world = world(2);
        world.put(Split.TEST, split(3, 0.2, 0.2, 9));
        Grade grade = Grader.grade(world, CLASSES, 0, ALL, SETTINGS);
        for (MetricDecomposition metric : grade.metrics()) {
            assertThat(metric.getSplits().get("test").getLow()).isNull();
            assertThat(metric.getDecomposition().getValidationOverfitting().getLow())
                    .isNull();
            assertThat(metric.getDecomposition().getShift().getLow()).isNotNull();
        }
        assertThat(grade.quality().get(3).getBrier().getLow()).isNull();
    }

    @Test
    void anEmptySplitGivesValuesOfTheOthersOnly() {
        Map<Split, SplitPredictions> world = world(2);
        world.remove(Split.TEST);
        Grade grade = Grader.grade(world, CLASSES, 0, List.of(Metric.LOG_LOSS), SETTINGS);
        assertThat(grade.metrics().get(0).getDecomposition()).isNull();
        assertThat(grade.metrics().get(0).getSplits()).containsOnlyKeys("train", "train-dev", "test-dev");
        assertThat(grade.quality()).extracting(SplitQuality::getSplit).doesNotContain(Split.TEST);
    }

    @Test
    void qualityHoldsTheFiguresOfEachClassWithTheirNumbers() {
        SplitQuality quality = Grader.grade(world(4), CLASSES, 0, List.of(), SETTINGS)
                .quality()
                .get(2);
        assertThat(quality.getPerClass())
                .extracting(ClassQuality::getLabel)
                .containsExactly("car", "truck", "pedestrian");
        ClassQuality pedestrian = quality.getPerClass().get(2);
        assertThat(pedestrian.getSamples()).isEqualTo(30);
        assertThat(pedestrian.getDrives()).isEqualTo(30);
        assertThat(pedestrian.getRecall().getValue())
                .isBetween(
                        pedestrian.getRecall().getLow(), pedestrian.getRecall().getHigh());
        assertThat(pedestrian.getPrecision())
                .isBetween(
                        pedestrian.getPrecisionInterval().getLow(),
                        pedestrian.getPrecisionInterval().getHigh());
        assertThat(pedestrian.getF1())
                .isBetween(
                        pedestrian.getF1Interval().getLow(),
                        pedestrian.getF1Interval().getHigh());
        assertThat(pedestrian.getPredictedSamples()).isPositive();
        assertThat(quality.getExpectedCalibrationError().getValue())
                .isBetween(
                        quality.getExpectedCalibrationError().getLow(),
                        quality.getExpectedCalibrationError().getHigh());
    }

    @Test
    void aClassThatDoesNotOccurHasNoFigures() {
        Map<Split, SplitPredictions> world = world(4);
        List<String> four = List.of("car", "truck", "pedestrian", "tram");
        world.replaceAll((split, p) -> {
            float[][] wider = new float[p.labels().length][];
            for (int i = 0; i < wider.length; i++) {
                wider[i] = java.util.Arrays.copyOf(p.probabilities()[i], 4);
            }
            return new SplitPredictions(p.labels(), p.predicted(), p.driveOf(), p.drives(), wider);
        });
        ClassQuality tram = Grader.grade(world, four, 0, List.of(), SETTINGS)
                .quality()
                .get(0)
                .getPerClass()
                .get(3);
        assertThat(tram.getSamples()).isZero();
        assertThat(tram.getRecall()).isNull();
        assertThat(tram.getPrecision()).isNull();
        assertThat(tram.getF1()).isNull();
        assertThat(tram.getPrecisionInterval()).isNull();
        assertThat(tram.getPredictedSamples()).isZero();
    }

    @Test
    void sameSeedSameIntervals() {
        assertThat(Grader.grade(world(7), CLASSES, 0.01, ALL, SETTINGS))
                .isEqualTo(Grader.grade(world(7), CLASSES, 0.01, ALL, SETTINGS));
    }

    @Test
    void unknownMetricsAreRefused() {
        assertThatThrownBy(() -> Metric.named("accuracy"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Unknown metric 'accuracy'; accepted are error-rate, balanced-error, macro-f1-error, log-loss");
    }
}
