package io.drivetrain.trainer.grade.curve;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.trainer.grade.Interval;
import io.drivetrain.trainer.grade.SplitErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.hipparchus.distribution.continuous.GammaDistribution;
import org.hipparchus.random.Well19937c;
import org.junit.jupiter.api.Test;

/**
 * Forecasts from points up to n the error at 2n, which they have not seen, in many simulated worlds: each with a law of
 * its own, trainings that differ by chance, and train-dev drives of which some are harder than others.
 */
class CurveForecastTest {
    private static final int WORLDS = 400;
    private static final int POINTS = 5;
    private static final double SMALLEST = 200;

    /**
     * Share of worlds whose intervals hold the error at twice the data and the gain, and the mean width over the error.
     */
    private record Coverage(double held, double gainHeld, double width) {}

    private static List<CurvePoint> points(
            DoubleUnaryOperator law, double chance, int drives, int frames, SplittableRandom random, long seed) {
        GammaDistribution hardness = new GammaDistribution(4, 0.25);
        Well19937c generator = new Well19937c(seed);
        double[] factors = new double[drives];
        for (int drive = 0; drive < drives; drive++) {
            factors[drive] = hardness.inverseCumulativeProbability(generator.nextDouble());
        }
        List<CurvePoint> points = new ArrayList<>();
        for (int point = 0; point < POINTS; point++) {
            double samples = SMALLEST * Math.pow(2, point);
            double error = law.applyAsDouble(samples) * (1 + chance * random.nextGaussian());
            long[] counts = new long[drives];
            long[] errors = new long[drives];
            for (int drive = 0; drive < drives; drive++) {
                counts[drive] = frames;
                double rate = Math.min(1, Math.max(0, error * factors[drive]));
                for (int frame = 0; frame < frames; frame++) {
                    errors[drive] += random.nextDouble() < rate ? 1 : 0;
                }
            }
            points.add(new CurvePoint((long) samples, (int) samples / 20, 0, new SplitErrors(counts, errors)));
        }
        return points;
    }

    private interface Worlds {
        DoubleUnaryOperator law(SplittableRandom random);
    }

    private static Coverage coverage(String name, Worlds worlds, int drives, int frames) {
        int held = 0;
        int gainHeld = 0;
        double width = 0;
        for (int world = 0; world < WORLDS; world++) {
            SplittableRandom random = new SplittableRandom(world);
            DoubleUnaryOperator law = worlds.law(random);
            double chance = random.nextDouble(0, 0.05);
            CurveForecast forecast = CurveForecast.of(points(law, chance, drives, frames, random, world), world);
            double realised = law.applyAsDouble(SMALLEST * Math.pow(2, POINTS)) * (1 + chance * random.nextGaussian());
            held += forecast.interval().contains(realised) ? 1 : 0;
            double gain = law.applyAsDouble(SMALLEST * Math.pow(2, POINTS - 1)) - realised;
            gainHeld += forecast.gainInterval().contains(gain) ? 1 : 0;
            width += (forecast.interval().high() - forecast.interval().low()) / realised / WORLDS;
        }
        Coverage coverage = new Coverage(held / (double) WORLDS, gainHeld / (double) WORLDS, width);
        System.out.printf(
                "%s, %d drives of %d: the interval holds the error at twice the data in %.1f %% and the gain in %.1f %% of %d worlds; its width is %.0f %% of the error%n",
                name, drives, frames, 100 * coverage.held, 100 * coverage.gainHeld, WORLDS, 100 * coverage.width);
        return coverage;
    }

    private static DoubleUnaryOperator powerLaw(SplittableRandom random) {
        double exponent = random.nextDouble(0.1, 1);
        double excess = random.nextDouble(0.02, 0.15);
        double floor = random.nextDouble(0, 0.1);
        double largest = SMALLEST * Math.pow(2, POINTS - 1);
        return samples -> floor + excess * Math.pow(samples / largest, -exponent);
    }

    @Test
    void theIntervalHoldsOnDataThatItDidNotSee() {
        for (int[] size : new int[][] {{20, 40}, {50, 40}, {200, 50}}) {
            Coverage coverage = coverage("Power laws", CurveForecastTest::powerLaw, size[0], size[1]);
            assertThat(coverage.held()).isBetween(0.90, 0.98);
            assertThat(coverage.gainHeld()).isBetween(0.90, 0.99);
            // Narrow enough to say something, the more so with more drives.
            assertThat(coverage.width()).isLessThan(size[0] < 200 ? 0.8 : 0.5);
        }
    }

    /** The error falls with the logarithm, or steepens: no power law, and the interval is told to be less sure than it says. */
    @Test
    void anotherLawIsHeldLessOften() {
        Coverage logarithmic = coverage(
                "Logarithmic laws",
                random -> {
                    double last = random.nextDouble(0.1, 0.3);
                    double slope = random.nextDouble(0.005, 0.03);
                    return samples -> last - slope * Math.log(samples / (SMALLEST * Math.pow(2, POINTS - 1)));
                },
                50,
                40);
        assertThat(logarithmic.held()).isGreaterThan(0.85);
        Coverage steepening = coverage(
                "Laws that steepen",
                random -> {
                    double start = random.nextDouble(0.3, 0.6);
                    double knee = random.nextDouble(400, 3000);
                    double exponent = random.nextDouble(0.4, 1);
                    return samples -> 0.03 + start / (1 + Math.pow(samples / knee, exponent));
                },
                50,
                40);
        assertThat(steepening.held()).isBetween(0.65, 0.90);
    }

    @Test
    void theGainIsTheErrorAtTheLastPointMinusThatAtTwiceTheData() {
        SplittableRandom random = new SplittableRandom(5);
        CurveForecast forecast =
                CurveForecast.of(points(n -> 0.05 + 0.1 * Math.sqrt(3200 / n), 0, 200, 100, random, 5), 5);
        assertThat(forecast.gainInterval().contains(0.1 - 0.1 / Math.sqrt(2))).isTrue();
        assertThat(forecast.gain())
                .isBetween(
                        forecast.gainInterval().low(), forecast.gainInterval().high());
        assertThat(forecast.error())
                .isBetween(forecast.interval().low(), forecast.interval().high());
    }

    @Test
    void theSameSeedGivesTheSameForecast() {
        List<CurvePoint> points = points(n -> 0.1 + 10 / n, 0.01, 30, 20, new SplittableRandom(2), 2);
        assertThat(CurveForecast.of(points, 1)).isEqualTo(CurveForecast.of(points, 1));
    }

    @Test
    void noErrorAtAllIsNoCertainty() {
        Interval interval = CurveForecast.of(points(n -> 0, 0, 20, 20, new SplittableRandom(3), 3), 3)
                .interval();
        assertThat(interval.low()).isGreaterThanOrEqualTo(0);
        assertThat(interval.high()).isBetween(1e-4, 0.02);
    }
}
