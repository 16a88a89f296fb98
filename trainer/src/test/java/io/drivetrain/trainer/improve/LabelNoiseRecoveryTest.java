package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Bounds;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Coverage;
import io.drivetrain.trainer.grade.noise.LabelNoiseReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plants wrong labels and looks for them by the whole path: folds of drives, models, confident learning. */
class LabelNoiseRecoveryTest {
    private static final List<String> NAMES = List.of("car", "bus", "truck", "bicycle");
    private static final int SEEDS = 20;

    private static LabelNoiseReport.Outcome.Estimated estimated(GaussianDrives world, long seed) {
        OutOfFold.Outcome.Predicted predicted = world.outOfFold(5);
        return (LabelNoiseReport.Outcome.Estimated) LabelNoiseReport.of(
                predicted.labels(),
                predicted.driveOf(),
                NAMES,
                predicted.folds(),
                new ClusterBootstrap.Settings(200, 5, seed));
    }

    private static double[] uniform(double rate) {
        return new double[] {rate, rate, rate, rate};
    }

    @ParameterizedTest(name = "planted {0}, more in some classes: {1}")
    @CsvSource({
        "0, false",
        "0.02, false",
        "0.05, false",
        "0.10, false",
        "0.15, false",
        "0.02, true",
        "0.05, true",
        "0.10, true",
        "0.15, true"
    })
    void plantedNoiseLiesInItsIntervalInMostWorlds(double rate, boolean unevenly) {
        int held = 0;
        double sum = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            double[] noise = unevenly ? new double[] {2 * rate, rate, 0.7 * rate, 0.3 * rate} : uniform(rate);
            GaussianDrives world = GaussianDrives.of(60, 20, 5, noise, unevenly, 1000 + seed);
            Estimate estimate = estimated(world, seed).labelNoise().getEstimate();
            held += estimate.getLow() <= rate && rate <= estimate.getHigh() ? 1 : 0;
            sum += estimate.getValue();
        }
        System.out.printf(
                "Planted %.2f%s: mean estimate %.4f, in its interval in %d of %d worlds%n",
                rate, unevenly ? " unevenly" : "", sum / SEEDS, held, SEEDS);
        assertThat(held).isGreaterThanOrEqualTo(16);
        assertThat(sum / SEEDS).isBetween(0.85 * rate - 0.002, 1.15 * rate + 0.002);
    }

    /** Share of wrong labels among those of a class, where classes are as frequent and noise is of the true class. */
    private static double planted(double[] noise, boolean toNext, int given) {
        double taken = 0;
        for (int real = 0; real < noise.length; real++) {
            if (real != given && (!toNext || (real + 1) % noise.length == given)) {
                taken += toNext ? noise[real] : noise[real] / (noise.length - 1);
            }
        }
        return taken / (taken + 1 - noise[given]);
    }

    @Test
    void theNoiseOfEachClassLiesInItsInterval() {
        Coverage coverage = new Coverage();
        int worlds = 0;
        for (int drives : new int[] {12, 60}) {
            for (double radius : new double[] {5, 3, 1.5}) {
                for (double rate : new double[] {0, 0.02, 0.05, 0.15}) {
                    for (boolean unevenly : new boolean[] {false, true}) {
                        double[] noise =
                                unevenly ? new double[] {2 * rate, rate, 0.7 * rate, 0.3 * rate} : uniform(rate);
                        for (int seed = 0; seed < 10 && !(rate == 0 && unevenly); seed++) {
                            GaussianDrives world = GaussianDrives.of(
                                    drives, 20, radius, noise, unevenly, Coverage.JUDGED + 10_000 * drives + seed);
                            LabelNoise found = estimated(world, seed).labelNoise();
                            for (int k = 0; k < NAMES.size(); k++) {
                                Bounds bounds = found.getByClassIntervals().get(NAMES.get(k));
                                double truth = planted(noise, unevenly, k);
                                boolean held = bounds.getLow() <= truth && truth <= bounds.getHigh();
                                for (String of : List.of(
                                        "", ", radius " + radius, ", " + drives + " drives", ", planted " + rate)) {
                                    coverage.count("noise of a class" + of, held);
                                    coverage.count("more proven than is" + of, bounds.getLow() > truth);
                                }
                                assertThat(found.getByClass().get(NAMES.get(k)))
                                        .isBetween(bounds.getLow(), bounds.getHigh());
                            }
                            worlds++;
                        }
                    }
                }
            }
        }
        coverage.print();

        coverage.holdsAtLeastAsItSays("noise of a class", worlds);
        coverage.isRare("more proven than is", worlds);
    }

    @Test
    void noiseOfOneClassShowsInTheClassThatItWasMistakenFor() {
        // 20 % of the cars are labelled bus, so that a sixth of what is labelled bus is wrong.
        GaussianDrives world = GaussianDrives.of(100, 20, 5, new double[] {0.2, 0, 0, 0}, true, 7);
        LabelNoise noise = estimated(world, 7).labelNoise();
        assertThat(noise.getByClass().get("bus")).isBetween(0.13, 0.21);
        assertThat(noise.getByClass().get("car")).isLessThan(0.01);
        assertThat(noise.getByClass().get("truck")).isLessThan(0.01);
        assertThat(noise.getByClassIntervals().get("bus").getLow()).isGreaterThan(0.05);
        assertThat(noise.getByClassIntervals().get("car").getHigh()).isLessThan(0.05);
        assertThat(noise.getSamples()).isEqualTo(2000);
        assertThat(noise.getDrives()).isEqualTo(100);
        assertThat(noise.getFolds()).isEqualTo(5);
    }

    @Test
    void flippedLabelsAreSuspectedAndLittleElse() {
        GaussianDrives world = GaussianDrives.of(100, 20, 5, uniform(0.05), false, 11);
        LabelNoiseReport.Outcome.Estimated estimated = estimated(world, 11);
        List<LabelNoiseReport.Suspect> suspects = estimated.suspects();
        double found = suspects.stream().filter(s -> world.isWrong(s.sample())).count();
        assertThat(found / suspects.size()).as("precision").isGreaterThan(0.9);
        assertThat(found / world.wrong()).as("recall").isGreaterThan(0.9);
        assertThat(estimated.labelNoise().getSuspects()).isEqualTo(suspects.size());
        double right = suspects.stream()
                .filter(s -> world.isWrong(s.sample()) && s.suggested() == world.real(s.sample()))
                .count();
        assertThat(right / found).as("right suggestions").isGreaterThan(0.95);
        List<Double> scores = new ArrayList<>();
        suspects.forEach(s -> scores.add(s.score()));
        assertThat(scores).isSorted();
        assertThat(suspects).allMatch(s -> s.probability() > s.score());
    }

    @Test
    void modelsThatCannotTellClassesApartProveNoLabelWrong() {
        GaussianDrives world = GaussianDrives.of(60, 20, 1, uniform(0), false, 3);
        LabelNoiseReport.Outcome.Estimated estimated = estimated(world, 3);
        assertThat(estimated.labelNoise().getOutOfFoldError().getValue()).isGreaterThan(0.3);
        assertThat(estimated.labelNoise().getEstimate().getLow()).isZero();
        assertThat(estimated.labelNoise().getEstimate().getValue())
                .isLessThan(0.5 * estimated.labelNoise().getOutOfFoldError().getValue());
        assertThat(estimatedByTheOverconfident(world, 3)
                        .labelNoise()
                        .getEstimate()
                        .getLow())
                .isZero();
    }

    @Test
    void aClassThatIsMostlyMislabelledMakesTheEstimateTooLow() {
        GaussianDrives world = GaussianDrives.of(60, 20, 5, new double[] {0.6, 0, 0, 0}, true, 3);
        assertThat(estimated(world, 3).labelNoise().getEstimate().getValue()).isLessThan(0.13);
    }

    @Test
    void tooFewDrivesGiveNoInterval() {
        GaussianDrives world = GaussianDrives.of(5, 40, 5, uniform(0.1), false, 5);
        OutOfFold.Outcome.Predicted predicted = world.outOfFold(5);
        LabelNoiseReport.Outcome.Estimated estimated = (LabelNoiseReport.Outcome.Estimated) LabelNoiseReport.of(
                predicted.labels(), predicted.driveOf(), NAMES, 5, new ClusterBootstrap.Settings(100, 6, 1));
        assertThat(estimated.labelNoise().getEstimate().getLow()).isNull();
        assertThat(estimated.labelNoise().getEstimate().getValue()).isPositive();
        assertThat(estimated.labelNoise().getByClass()).hasSize(4);
        assertThat(estimated.labelNoise().getByClassIntervals()).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameReport() {
        GaussianDrives world = GaussianDrives.of(20, 20, 4, uniform(0.1), false, 9);
        assertThat(estimated(world, 9)).isEqualTo(estimated(world, 9));
    }

    /** The same world judged by models that are three times as sure, in log-odds, as they should be. */
    private static LabelNoiseReport.Outcome.Estimated estimatedByTheOverconfident(GaussianDrives world, long seed) {
        OutOfFold.Outcome.Predicted predicted = world.outOfFold(5);
        for (double[] row : predicted.labels().probabilities()) {
            double sum = Arrays.stream(row).map(p -> p * p * p).sum();
            Arrays.setAll(row, k -> row[k] * row[k] * row[k] / sum);
        }
        return (LabelNoiseReport.Outcome.Estimated) LabelNoiseReport.of(
                predicted.labels(),
                predicted.driveOf(),
                NAMES,
                predicted.folds(),
                new ClusterBootstrap.Settings(200, 5, seed));
    }

    @Test
    void whateverTheModelsAreTheirMistakesAreNotTakenForWrongLabels() {
        int worlds = 0;
        int held = 0;
        int tooMuch = 0;
        System.out.println("models        planted  unevenly  estimate [low high]  contradicted  held  wrongly proven");
        for (double radius : new double[] {5, 3, 2, 1.5}) {
            for (boolean overconfident : new boolean[] {false, true}) {
                for (double rate : new double[] {0, 0.02, 0.05, 0.2}) {
                    for (boolean unevenly : new boolean[] {false, true}) {
                        double[] sums = new double[6];
                        for (int seed = 0; seed < 10 && !(rate == 0 && unevenly); seed++) {
                            double[] noise =
                                    unevenly ? new double[] {2 * rate, rate, 0.7 * rate, 0.3 * rate} : uniform(rate);
                            GaussianDrives world = GaussianDrives.of(60, 20, radius, noise, unevenly, 2000 + seed);
                            LabelNoise found = (overconfident
                                            ? estimatedByTheOverconfident(world, seed)
                                            : estimated(world, seed))
                                    .labelNoise();
                            Estimate estimate = found.getEstimate();
                            sums[0] += estimate.getValue();
                            sums[1] += estimate.getLow();
                            sums[2] += estimate.getHigh();
                            sums[3] += found.getOutOfFoldError().getValue();
                            sums[4] += estimate.getLow() <= rate && rate <= estimate.getHigh() ? 1 : 0;
                            sums[5] += estimate.getLow() > rate ? 1 : 0;
                            worlds++;
                        }
                        if (sums[2] > 0) {
                            System.out.printf(
                                    Locale.ROOT,
                                    "%.1f %s %7.0f %% %9s %7.1f %% [%.1f %.1f] %9.1f %% %7.0f %7.0f%n",
                                    radius,
                                    overconfident ? "too sure" : "        ",
                                    100 * rate,
                                    unevenly,
                                    10 * sums[0],
                                    10 * sums[1],
                                    10 * sums[2],
                                    10 * sums[3],
                                    sums[4],
                                    sums[5]);
                            held += (int) sums[4];
                            tooMuch += (int) sums[5];
                            if (rate == 0.02 && radius >= 2) {
                                assertThat(sums[0] / 10)
                                        .as("two in a hundred, by models of %s", radius)
                                        .isBetween(0.008, 0.045);
                            }
                        }
                    }
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d worlds: %.1f %% hold the truth, %.1f %% prove more wrong than is%n",
                worlds,
                100.0 * held / worlds,
                100.0 * tooMuch / worlds);
        assertThat(held / (double) worlds).isGreaterThanOrEqualTo(0.93);
        assertThat(tooMuch / (double) worlds).isLessThanOrEqualTo(0.05);
    }
}
