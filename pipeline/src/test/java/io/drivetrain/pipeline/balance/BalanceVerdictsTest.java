package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.BalanceComparison;
import io.drivetrain.schemas.BalanceMethod;
import io.drivetrain.schemas.BalanceReference;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.ConfigReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The level and the power of the verdicts on drives whose frames resemble each other. */
class BalanceVerdictsTest {
    private static final int RUNS = 500;
    private static final double LEVEL = 0.05;

    /** A low concentration makes the drives differ: at 1, half of the variance of a frame is that of its drive. */
    @ParameterizedTest(name = "{0} in {1} drives against {2}, concentration {3}, expected shares: {4}")
    @CsvSource({
        "0.5 0.5,                15,  15,  1,  false",
        "0.5 0.5,                15,  200, 4,  true",
        "0.9 0.1,                15,  15,  1,  false",
        "0.9 0.1,                15,  200, 1,  false",
        "0.9 0.1,                15,  200, 10, true",
        "0.9 0.1,                15,  0,   1,  true",
        "0.9 0.1,                60,  200, 1,  false",
        "0.97 0.03,              15,  200, 3,  false",
        "0.97 0.03,              15,  0,   3,  true",
        "0.6 0.25 0.1 0.04 0.01, 15,  200, 1,  false",
        "0.6 0.25 0.1 0.04 0.01, 15,  200, 10, true",
        "0.6 0.25 0.1 0.04 0.01, 60,  200, 3,  false",
        "0.2 0.2 0.2 0.2 0.2,    200, 15,  1,  false"
    })
    void drivesOfTheSamePopulationAreCalledDifferentLessOftenThanTheSignificance(
            String text, int drives, int training, double concentration, boolean expected) {
        double[] shares = shares(text);
        BalanceVerdicts verdicts = verdicts(shares, expected);
        SplittableRandom random = new SplittableRandom(7);
        int different = 0;
        for (int run = 0; run < RUNS; run++) {
            BalanceComparison comparison = verdicts.of(
                            Map.of("", population(random, shares, drives, concentration)),
                            Map.of("", population(random, shares, training, concentration)))
                    .get("");
            assertThat(comparison.getMethod()).isNotEqualTo(BalanceMethod.NONE);
            different += comparison.getVerdict() == BalanceVerdict.DIFFERENT ? 1 : 0;
        }
        assertThat(different / (double) RUNS).isLessThanOrEqualTo(LEVEL);
    }

    @ParameterizedTest
    @CsvSource({
        "0.9 0.1,     0.3 0.7,     15,  0.9",
        "0.5 0.5,     0.9 0.1,     15,  0.75",
        "0.5 0.5,     0.7 0.3,     100, 0.8",
        "0.6 0.3 0.1, 0.1 0.3 0.6, 15,  0.75"
    })
    void anotherMixIsFoundMoreOftenThanNot(String before, String after, int drives, double power) {
        BalanceVerdicts verdicts = verdicts(shares(before), false);
        SplittableRandom random = new SplittableRandom(11);
        int different = 0;
        for (int run = 0; run < RUNS; run++) {
            different += verdicts.of(
                                            Map.of("", population(random, shares(after), drives, 3)),
                                            Map.of("", population(random, shares(before), 200, 3)))
                                    .get("")
                                    .getVerdict()
                            == BalanceVerdict.DIFFERENT
                    ? 1
                    : 0;
        }
        assertThat(different / (double) RUNS).isGreaterThan(power);
    }

    @Test
    void expectedSharesAreTheReferenceWhereTheyAreConfigured() {
        BalanceVerdicts verdicts = verdicts(new double[] {0.3, 0.7}, true);
        ClusteredCounts asExpected = new ClusteredCounts();
        ClusteredCounts twice = new ClusteredCounts();
        for (int drive = 0; drive < 100; drive++) {
            asExpected.grow(Map.of(), Map.of(drive < 30 ? "c0" : "c1", 1L));
            twice.grow(Map.of(), Map.of(drive < 60 ? "c0" : "c1", 1L));
        }
        BalanceComparison same = verdicts.of(Map.of("", asExpected), Map.of()).get("");
        assertThat(same.getReference()).isEqualTo(BalanceReference.EXPECTED);
        assertThat(same.getVerdict()).isEqualTo(BalanceVerdict.AS_EXPECTED);
        assertThat(same.getChiSquared()).isCloseTo(0, within(1e-9));
        BalanceComparison different = verdicts.of(Map.of("", twice), Map.of()).get("");
        assertThat(different.getVerdict()).isEqualTo(BalanceVerdict.DIFFERENT);
        assertThat(different.getChiSquared()).isCloseTo(30.0 * 30 / 30 + 30.0 * 30 / 70, within(1e-9));
        assertThat(different.getCohensW()).isCloseTo(Math.sqrt(0.09 / 0.3 + 0.09 / 0.7), within(1e-9));
        assertThat(different.getReferenceDrives()).isZero();
    }

    private static double[] shares(String text) {
        return Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    private static BalanceVerdicts verdicts(double[] shares, boolean expected) {
        Map<String, String> settings = new HashMap<>();
        settings.put("balance.min-effect", "0");
        settings.put("balance.significance", Double.toString(LEVEL));
        if (expected) {
            settings.put(
                    "balance.expected",
                    IntStream.range(0, shares.length)
                            .mapToObj(i -> "c" + i + "=" + shares[i])
                            .collect(Collectors.joining(",")));
        }
        String classes =
                IntStream.range(0, shares.length).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        return new BalanceVerdicts(ConfigReader.read(Optional.empty(), Map.of("DRIVETRAIN_CLASSES", classes), settings)
                .balance());
    }

    /** Drives of 5 to 40 frames, each with shares of its own (Dirichlet-multinomial). */
    static ClusteredCounts population(SplittableRandom random, double[] shares, int drives, double concentration) {
        ClusteredCounts counts = new ClusteredCounts();
        for (int drive = 0; drive < drives; drive++) {
            double[] own = Arrays.stream(shares)
                    .map(share -> gamma(random, share * concentration))
                    .toArray();
            double sum = Arrays.stream(own).sum();
            SortedMap<String, Long> frames = new TreeMap<>();
            for (int left = 5 + random.nextInt(36); left > 0; left--) {
                double at = random.nextDouble() * sum;
                int label = 0;
                while (label < own.length - 1 && at >= own[label]) {
                    at -= own[label++];
                }
                frames.merge("c" + label, 1L, Long::sum);
            }
            counts.grow(Map.of(), frames);
        }
        return counts;
    }

    /** Marsaglia and Tsang 2000. */
    private static double gamma(SplittableRandom random, double shape) {
        if (shape < 1) {
            return gamma(random, shape + 1) * Math.pow(random.nextDouble(), 1 / shape);
        }
        double d = shape - 1 / 3.0;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double normal = random.nextGaussian();
            double v = Math.pow(1 + c * normal, 3);
            if (v > 0 && Math.log(random.nextDouble()) < normal * normal / 2 + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
