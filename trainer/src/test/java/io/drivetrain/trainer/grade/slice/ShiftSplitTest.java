package io.drivetrain.trainer.grade.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.ShiftSlice;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShiftSplitTest {
    private static final SliceSettings SETTINGS = new SliceSettings(300, 5, 42);

    private static double rate(GradedSplit split) {
        int errors = 0;
        for (boolean wrong : split.wrong()) {
            errors += wrong ? 1 : 0;
        }
        return errors / (double) split.size();
    }

    private static ShiftSlice slice(ShiftParts parts, String name) {
        return parts.getSlices().stream()
                .filter(s -> s.getSlice().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ShiftParts parts(Map<String, int[]> trainDev, Map<String, int[]> testDev) {
        return ShiftSplit.by(
                        Worlds.counted("timeofday", new TreeMap<>(trainDev)),
                        Worlds.counted("timeofday", new TreeMap<>(testDev)),
                        "timeofday",
                        SETTINGS)
                .orElseThrow();
    }

    @Test
    void moreNightIsCompositionAndHarderNightIsWithinTheSlice() {
        ShiftParts parts = parts(
                Map.of("daytime", new int[] {180, 9}, "night", new int[] {20, 4}),
                Map.of("daytime", new int[] {60, 3}, "night", new int[] {40, 16}));
        // Shares of night 0.1 and 0.4; error rates of night 0.2 and 0.4, of daytime 0.05 and 0.05.
        assertThat(slice(parts, "timeofday=night").getComposition().getValue()).isCloseTo(0.3 * 0.3, within(1e-12));
        assertThat(slice(parts, "timeofday=night").getWithinSlice().getValue()).isCloseTo(0.2 * 0.25, within(1e-12));
        assertThat(slice(parts, "timeofday=daytime").getComposition().getValue())
                .isCloseTo(-0.3 * 0.05, within(1e-12));
        assertThat(slice(parts, "timeofday=daytime").getWithinSlice().getValue())
                .isCloseTo(0, within(1e-12));
        assertThat(parts.getComposition().getValue() + parts.getWithinSlice().getValue())
                .isCloseTo(0.19 - 0.065, within(1e-12));
        assertThat(parts.getComposition().getLow()).isPositive();
    }

    @Test
    void aSliceThatTrainDevDoesNotHaveIsAllComposition() {
        ShiftParts parts = parts(
                Map.of("daytime", new int[] {100, 5}, "dawn/dusk", new int[] {20, 2}),
                Map.of("daytime", new int[] {80, 4}, "night", new int[] {20, 10}));
        assertThat(slice(parts, "timeofday=night").getWithinSlice().getValue()).isZero();
        assertThat(slice(parts, "timeofday=night").getComposition().getValue()).isCloseTo(0.2 * 0.5, within(1e-12));
        assertThat(slice(parts, "timeofday=dawn/dusk").getWithinSlice().getValue())
                .isZero();
        assertThat(slice(parts, "timeofday=dawn/dusk").getComposition().getValue())
                .isCloseTo(-20 / 120.0 * 0.1, within(1e-12));
        assertThat(parts.getComposition().getValue() + parts.getWithinSlice().getValue())
                .isCloseTo(14 / 100.0 - 7 / 120.0, within(1e-12));
    }

    @Test
    void samplesWithoutTheAttributeAreASliceOfTheirOwn() {
        ShiftParts parts = parts(
                Map.of("daytime", new int[] {50, 5}, "", new int[] {10, 1}),
                Map.of("daytime", new int[] {50, 5}, "", new int[] {30, 9}));
        assertThat(slice(parts, "timeofday=(not given)").getTestDevShare()).isCloseTo(30 / 80.0, within(1e-12));
        assertThat(parts.getComposition().getValue() + parts.getWithinSlice().getValue())
                .isCloseTo(14 / 80.0 - 6 / 60.0, within(1e-12));
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void partsSumExactlyToTheShift(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        GradedSplit trainDev = Worlds.split(
                random, new Worlds.Recipe(1 + random.nextInt(30), 4, random.nextDouble() * 0.3, 0.5), f -> 0.2);
        GradedSplit testDev =
                Worlds.split(random, new Worlds.Recipe(1 + random.nextInt(30), 4, random.nextDouble(), 0.5), f -> 0.4);
        for (String attribute : List.of("timeofday", "weather", "vehicle", "never seen")) {
            ShiftParts parts =
                    ShiftSplit.by(trainDev, testDev, attribute, SETTINGS).orElseThrow();
            double shift = rate(testDev) - rate(trainDev);
            assertThat(parts.getComposition().getValue()
                            + parts.getWithinSlice().getValue())
                    .isCloseTo(shift, within(1e-12));
            assertThat(parts.getSlices().stream()
                            .mapToDouble(s -> s.getComposition().getValue()
                                    + s.getWithinSlice().getValue())
                            .sum())
                    .isCloseTo(shift, within(1e-12));
            assertThat(parts.getSlices().stream()
                            .mapToDouble(ShiftSlice::getTestDevShare)
                            .sum())
                    .isCloseTo(1, within(1e-12));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theAttributeThatExplainsMostIsChosen(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Worlds.Difficulty night = f -> Worlds.isNight(f) ? 0.5 : 0.05;
        GradedSplit trainDev = Worlds.split(random, new Worlds.Recipe(80, 6, 0.1, 0.3), night);
        GradedSplit testDev = Worlds.split(random, new Worlds.Recipe(80, 6, 0.6, 0.3), night);
        assertThat(ShiftSplit.byWhatExplainsMost(
                                trainDev, testDev, List.of("weather", "vehicle", "timeofday"), SETTINGS)
                        .orElseThrow()
                        .getAttribute())
                .isEqualTo("timeofday");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theFirstAttributeIsKeptWhereNoneExplainsAnything(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        GradedSplit trainDev = Worlds.split(random, new Worlds.Recipe(40, 6, 0.3, 0.3), f -> 0.2);
        GradedSplit testDev = Worlds.split(random, new Worlds.Recipe(40, 6, 0.3, 0.3), f -> 0.2);
        ShiftParts parts = ShiftSplit.byWhatExplainsMost(trainDev, testDev, List.of("weather", "timeofday"), SETTINGS)
                .orElseThrow();
        assertThat(parts.getAttribute()).isEqualTo("weather");
        assertThat(Figures.excludesZero(parts.getComposition())).isFalse();
    }

    @Test
    void intervalsHoldTheTruePartsAsOftenAsTheySay() {
        int worlds = 400;
        int compositionHeld = 0;
        int withinHeld = 0;
        Worlds.Difficulty source = f -> Worlds.isNight(f) ? 0.3 : 0.05;
        Worlds.Difficulty target = f -> Worlds.isNight(f) ? 0.5 : 0.1;
        // Shares of night 0.2 and 0.5.
        double composition = 0.3 * (0.3 + 0.5) / 2 - 0.3 * (0.05 + 0.1) / 2;
        double withinSlice = (0.5 - 0.3) * (0.2 + 0.5) / 2 + (0.1 - 0.05) * (0.8 + 0.5) / 2;
        SplittableRandom random = new SplittableRandom(7);
        for (int world = 0; world < worlds; world++) {
            int drives = 30 + random.nextInt(60);
            ShiftParts parts = ShiftSplit.by(
                            Worlds.split(random, new Worlds.Recipe(drives, 5, 0.2, 0.4), source),
                            Worlds.split(random, new Worlds.Recipe(drives, 5, 0.5, 0.4), target),
                            "timeofday",
                            SETTINGS)
                    .orElseThrow();
            compositionHeld += holds(parts.getComposition(), composition) ? 1 : 0;
            withinHeld += holds(parts.getWithinSlice(), withinSlice) ? 1 : 0;
        }
        System.out.printf("composition held %d, within slice %d of %d%n", compositionHeld, withinHeld, worlds);
        assertThat(compositionHeld / (double) worlds).isBetween(0.925, 0.985);
        assertThat(withinHeld / (double) worlds).isBetween(0.925, 0.985);
    }

    private static boolean holds(Estimate estimate, double truth) {
        return estimate.getLow() <= truth && truth <= estimate.getHigh();
    }

    @Test
    void tooFewDrivesHaveNoInterval() {
        ShiftParts parts = parts(
                Map.of("daytime", new int[] {50, 5}, "night", new int[] {3, 1}),
                Map.of("daytime", new int[] {50, 5}, "night", new int[] {50, 9}));
        assertThat(slice(parts, "timeofday=night").getComposition().getLow()).isNull();
        assertThat(slice(parts, "timeofday=daytime").getComposition().getLow()).isNotNull();
    }

    @Test
    void anEmptySplitIsNotSplit() {
        GradedSplit some = Worlds.counted("timeofday", Map.of("night", new int[] {5, 1}));
        GradedSplit none = GradedSplit.empty(Worlds.MEASUREMENTS);
        assertThat(ShiftSplit.by(none, some, "timeofday", SETTINGS)).isEmpty();
        assertThat(ShiftSplit.byWhatExplainsMost(some, none, List.of("timeofday"), SETTINGS))
                .isEmpty();
        assertThat(ShiftSplit.byWhatExplainsMost(some, some, List.of(), SETTINGS))
                .isEmpty();
    }
}
