package io.drivetrain.trainer.improve;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.noise.LabelNoiseReport;
import java.util.ArrayList;
import java.util.List;
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

    @Test
    void noiseOfOneClassShowsInTheClassThatItWasMistakenFor() {
        // 20 % of the cars are labelled bus, so that a sixth of what is labelled bus is wrong.
        GaussianDrives world = GaussianDrives.of(100, 20, 5, new double[] {0.2, 0, 0, 0}, true, 7);
        LabelNoise noise = estimated(world, 7).labelNoise();
        assertThat(noise.getByClass().get("bus")).isBetween(0.13, 0.21);
        assertThat(noise.getByClass().get("car")).isLessThan(0.01);
        assertThat(noise.getByClass().get("truck")).isLessThan(0.01);
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
    void aModelThatCannotTellClassesApartMakesTheEstimateTooHigh() {
        GaussianDrives world = GaussianDrives.of(60, 20, 1, uniform(0), false, 3);
        assertThat(estimated(world, 3).labelNoise().getEstimate().getValue()).isGreaterThan(0.05);
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
    }

    @Test
    void theSameSeedGivesTheSameReport() {
        GaussianDrives world = GaussianDrives.of(20, 20, 4, uniform(0.1), false, 9);
        assertThat(estimated(world, 9)).isEqualTo(estimated(world, 9));
    }
}
