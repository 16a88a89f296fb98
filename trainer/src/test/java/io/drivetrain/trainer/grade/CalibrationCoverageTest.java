package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * 1,000 worlds of one split whose true calibration error, in the bins of {@link Calibration}, and Brier's score are known:
 * how many of their intervals hold the truth. Fixed seeds, so no chance in it.
 *
 * <p>A third of the models are perfectly calibrated, the others are too sure or not sure enough, up to a confidence that
 * tells nothing of being right. 4 to 500 drives, 1 to 200 frames, errors from 0.0005 to 0.4 that go together within drives.
 */
class CalibrationCoverageTest {
    private static final int WORLDS = 1_000;
    private static final int CLASSES = 10;
    private static final int STEPS = 3_000;
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(200, 2, 42);

    private final Coverage coverage = new Coverage();

    /**
     * A model: its confidence c is right in a share of c of the cases, and what it says is {@code 1 − boldness (1 − c)}, or
     * it says anything from the least confidence to 1.
     *
     * @param error rate, 0..0.4
     * @param telling whether confidence tells something
     * @param boldness below 1 for a model that is too sure, 1 for one that is calibrated
     */
    private record Model(double error, boolean telling, double boldness) {
        private double least() {
            return telling ? 1 - 2 * error : 0.5;
        }

        double said(boolean wrong, double at) {
            double least = least();
            if (!telling) {
                return least + at * (1 - least);
            }
            double confidence =
                    wrong ? 1 - (1 - least) * Math.sqrt(at) : Math.sqrt(least * least + at * (1 - least * least));
            return 1 - boldness * (1 - confidence);
        }

        double calibrationError() {
            double[] gaps = new double[Calibration.BINS];
            for (int step = 0; step < STEPS; step++) {
                for (boolean wrong : new boolean[] {false, true}) {
                    double said = said(wrong, (step + 0.5) / STEPS);
                    double weight = (wrong ? error : 1 - error) / STEPS;
                    gaps[Calibration.bin(said, Calibration.BINS)] += weight * (said - (wrong ? 0 : 1));
                }
            }
            return Arrays.stream(gaps).map(Math::abs).sum();
        }

        double brier() {
            double sum = 0;
            for (int step = 0; step < STEPS; step++) {
                for (boolean wrong : new boolean[] {false, true}) {
                    double[] row = row(said(wrong, (step + 0.5) / STEPS));
                    sum += (wrong ? error : 1 - error) / STEPS * Calibration.brier(row, wrong ? 1 : 0);
                }
            }
            return sum;
        }

        /** Of a model that names class 0. */
        static double[] row(double said) {
            double[] row = new double[CLASSES];
            Arrays.fill(row, (1 - said) / (CLASSES - 1));
            row[0] = said;
            return row;
        }
    }

    private static SplitPredictions draw(
            SplittableRandom random, Model model, int drives, double frames, boolean unequal, double correlation) {
        IntStream.Builder labels = IntStream.builder();
        IntStream.Builder driveOf = IntStream.builder();
        List<float[]> probabilities = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            double size = frames * (unequal ? -Math.log(1 - random.nextDouble()) : 0.3 + 1.4 * random.nextDouble());
            double own = correlation == 0 ? model.error : IntervalCoverageTest.beta(random, model.error, correlation);
            for (int frame = 0; frame < Math.max(1, size); frame++) {
                boolean wrong = random.nextDouble() < own;
                double[] row = Model.row(model.said(wrong, random.nextDouble()));
                float[] narrow = new float[CLASSES];
                for (int k = 0; k < CLASSES; k++) {
                    narrow[k] = (float) row[k];
                }
                labels.add(wrong ? 1 : 0);
                driveOf.add(drive);
                probabilities.add(narrow);
            }
        }
        int[] given = labels.build().toArray();
        return new SplitPredictions(
                given, new int[given.length], driveOf.build().toArray(), drives, probabilities.toArray(float[][]::new));
    }

    Coverage simulate(long firstSeed, int worlds) {
        for (int world = 0; world < worlds; world++) {
            SplittableRandom random = new SplittableRandom(firstSeed + world);
            double error = 0.0005 * Math.pow(800, random.nextDouble());
            boolean telling = random.nextDouble() < 0.75;
            double kind = random.nextDouble();
            Model model = new Model(
                    error,
                    telling,
                    kind < 0.45 ? 1 : kind < 0.8 ? 0.1 + 0.9 * random.nextDouble() : 1 + 0.06 * random.nextDouble());
            int drives = (int) Math.round(4 * Math.pow(125, random.nextDouble()));
            double frames = 2 * Math.pow(70, random.nextDouble());
            boolean unequal = random.nextDouble() < 0.4;
            double correlation = random.nextDouble() < 0.25 ? 0 : 0.7 * random.nextDouble();
            SplitPredictions drawn = draw(random, model, drives, frames, unequal, correlation);
            SplitResamples resamples = SplitResamples.of(
                    Split.TEST,
                    SplitStatistics.of(drawn, CLASSES),
                    Optional.of(ClusterBootstrap.posteriors(Map.of(Split.TEST, drawn.errors()), SETTINGS)
                            .get(Split.TEST)),
                    SETTINGS);
            String size = drives < 8 ? ", 4 to 7 drives" : drives < 20 ? ", 8 to 19" : ", from 20";
            String what = !telling
                    ? ", confidence that tells nothing"
                    : model.boldness == 1 ? ", calibrated" : model.boldness < 1 ? ", too sure" : ", not sure enough";
            String errors = error < 0.01 ? ", errors below 0.01" : ", errors from 0.01";
            for (String suffix : List.of("", size, what, errors)) {
                coverage.count(
                        "calibration error" + suffix,
                        resamples.calibrationInterval().orElseThrow().contains(model.calibrationError()));
                coverage.count(
                        "Brier" + suffix,
                        resamples.brierInterval().orElseThrow().contains(model.brier()));
            }
        }
        return coverage;
    }

    /**
     * The classes of this world are known too well: one is always wrong, the other always right. What is not known is how
     * many errors there are.
     */
    @Test
    void aClassThatIsAlwaysWrongLeavesTheErrorRateItsChance() {
        SplittableRandom random = new SplittableRandom(1);
        int drives = 150;
        int frames = 20;
        int[] labels = new int[drives * frames];
        int[] driveOf = new int[labels.length];
        float[][] probabilities = new float[labels.length][CLASSES];
        for (int i = 0; i < labels.length; i++) {
            driveOf[i] = i / frames;
            // One error, where a calibrated model awaits three.
            labels[i] = i == 0 ? 1 : 0;
            double said = 1 - 0.002 * random.nextDouble();
            double[] row = Model.row(said);
            for (int k = 0; k < CLASSES; k++) {
                probabilities[i][k] = (float) row[k];
            }
        }
        SplitPredictions drawn = new SplitPredictions(labels, new int[labels.length], driveOf, drives, probabilities);
        SplitResamples resamples = SplitResamples.of(
                Split.TEST,
                SplitStatistics.of(drawn, CLASSES),
                Optional.of(ClusterBootstrap.posteriors(Map.of(Split.TEST, drawn.errors()), SETTINGS)
                        .get(Split.TEST)),
                SETTINGS);

        assertThat(resamples.calibrationError()).isGreaterThan(0.0005);
        assertThat(resamples.calibrationInterval().orElseThrow().low()).isZero();
    }

    @Test
    void calibrationErrorAndBrierHoldTheTruthAsOftenAsTheySay() {
        simulate(Coverage.JUDGED, WORLDS).print();

        coverage.holdsAsItSays("calibration error", WORLDS);
        coverage.holdsAsItSays("Brier", WORLDS);
        coverage.table()
                .forEach((name, held) -> assertThat(held.share()).as(name).isGreaterThanOrEqualTo(0.88));
    }
}
