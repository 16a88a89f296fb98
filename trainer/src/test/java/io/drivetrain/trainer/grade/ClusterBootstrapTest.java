package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.Split;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClusterBootstrapTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(500, 5, 42);

    private static SplitErrors split(int drives, long samples, long... errors) {
        long[] sizes = new long[drives];
        Arrays.fill(sizes, samples);
        return new SplitErrors(sizes, Arrays.copyOf(errors, drives));
    }

    private static SplitErrors random(
            SplittableRandom random, int drives, int samples, double rate, double correlation) {
        long[] sizes = new long[drives];
        long[] errors = new long[drives];
        for (int drive = 0; drive < drives; drive++) {
            sizes[drive] = samples;
            // A frame takes its drive's own draw with the root of the correlation, so that two frames agree as asked.
            boolean shared = random.nextDouble() < rate;
            for (int frame = 0; frame < samples; frame++) {
                boolean copy = random.nextDouble() < Math.sqrt(correlation);
                errors[drive] += (copy ? shared : random.nextDouble() < rate) ? 1 : 0;
            }
        }
        return new SplitErrors(sizes, errors);
    }

    private static Map<Split, SplitErrors> all(
            SplitErrors train, SplitErrors trainDev, SplitErrors testDev, SplitErrors test) {
        Map<Split, SplitErrors> splits = new EnumMap<>(Split.class);
        splits.put(Split.TRAIN, train);
        splits.put(Split.TRAIN_DEV, trainDev);
        splits.put(Split.TEST_DEV, testDev);
        splits.put(Split.TEST, test);
        return splits;
    }

    private static Map<Split, SplitErrors> typical(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return all(
                random(random, 60, 20, 0.02, 0.3),
                random(random, 20, 20, 0.05, 0.3),
                random(random, 20, 20, 0.30, 0.3),
                random(random, 20, 20, 0.30, 0.3));
    }

    @Test
    void sameSeedAndCountsGiveTheSameIntervals() {
        assertThat(ClusterBootstrap.intervals(typical(1), 0, SETTINGS))
                .isEqualTo(ClusterBootstrap.intervals(typical(1), 0, SETTINGS));
    }

    @Test
    void anotherSeedGivesOtherResamples() {
        assertThat(ClusterBootstrap.intervals(typical(1), 0, SETTINGS).of(Term.SHIFT))
                .isNotEqualTo(ClusterBootstrap.intervals(typical(1), 0, new ClusterBootstrap.Settings(500, 5, 43))
                        .of(Term.SHIFT));
    }

    @Test
    void moreDrivesInOneSplitLeaveTheBootstrapOfTheOthers() {
        Map<Split, SplitErrors> more = typical(1);
        more.put(Split.TEST, split(40, 20, 10, 8, 9, 4));
        Interval before = ClusterBootstrap.intervals(typical(1), 0, SETTINGS)
                .of(Split.TEST_DEV)
                .orElseThrow();
        Interval after =
                ClusterBootstrap.intervals(more, 0, SETTINGS).of(Split.TEST_DEV).orElseThrow();
        // Only the shape may move, through the correlation that splits share.
        assertThat(after.low()).isCloseTo(before.low(), within(0.02));
        assertThat(after.high()).isCloseTo(before.high(), within(0.02));
    }

    @Test
    void theIntervalOfTheBiasIsThatOfTrainLessTheIrreducibleError() {
        ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(typical(1), 0.01, SETTINGS);
        Interval train = intervals.of(Split.TRAIN).orElseThrow();
        assertThat(intervals.of(Term.BIAS)).contains(new Interval(train.low() - 0.01, train.high() - 0.01));
    }

    @Test
    void intervalsContainTheirEstimate() {
        for (long seed = 0; seed < 20; seed++) {
            Map<Split, SplitErrors> splits = typical(seed);
            ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(splits, 0, SETTINGS);
            for (Split split : Split.values()) {
                assertThat(intervals
                                .of(split)
                                .orElseThrow()
                                .contains(splits.get(split).rate()))
                        .as("%s of seed %d", split, seed)
                        .isTrue();
            }
            for (Term term : Term.values()) {
                double value = splits.get(term.upper()).rate()
                        - term.lower().map(s -> splits.get(s).rate()).orElse(0.0);
                assertThat(intervals.of(term).orElseThrow().contains(value))
                        .as("%s of seed %d", term, seed)
                        .isTrue();
            }
        }
    }

    @Test
    void tooFewDrivesGiveNoIntervalForTheSplitAndItsTermsOnly() {
        Map<Split, SplitErrors> splits = typical(1);
        splits.put(Split.TEST, split(4, 20, 1, 2, 0, 3));
        ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(splits, 0, SETTINGS);
        assertThat(intervals.of(Split.TEST)).isEmpty();
        assertThat(intervals.of(Term.VALIDATION_OVERFITTING)).isEmpty();
        assertThat(intervals.of(Term.SHIFT)).isPresent();
        assertThat(intervals.of(Term.BIAS)).isPresent();
    }

    @Test
    void oneDriveNeverHasAnInterval() {
        Map<Split, SplitErrors> splits = typical(1);
        splits.put(Split.TEST, split(1, 200, 100));
        assertThat(ClusterBootstrap.intervals(splits, 0, new ClusterBootstrap.Settings(100, 1, 1))
                        .of(Split.TEST))
                .isEmpty();
    }

    @Test
    void noErrorAnywhereIsNoCertaintyAndNoWiderThanTheRuleOfThreeOverDrives() {
        SplitErrors faultless = split(30, 20);
        Interval interval = ClusterBootstrap.intervals(all(faultless, faultless, faultless, faultless), 0, SETTINGS)
                .of(Split.TEST)
                .orElseThrow();
        assertThat(interval.low()).isZero();
        assertThat(interval.high()).isBetween(3.0 / (30 * 20), 4.0 / 30);
    }

    @Test
    void noErrorInOneSplitIsNotCertaintyAndUsesTheCorrelationOfTheOthers() {
        Map<Split, SplitErrors> splits = typical(1);
        splits.put(Split.TRAIN, split(60, 20));
        Interval train =
                ClusterBootstrap.intervals(splits, 0, SETTINGS).of(Split.TRAIN).orElseThrow();
        assertThat(train.low()).isZero();
        assertThat(train.high()).isBetween(3.0 / (60 * 20), 3.0 / 60);
    }

    @Test
    void errorsInEverySampleAreNotCertaintyEither() {
        Map<Split, SplitErrors> splits = typical(1);
        long[] every = new long[10];
        Arrays.fill(every, 20);
        splits.put(Split.TEST, split(10, 20, every));
        Interval test =
                ClusterBootstrap.intervals(splits, 0, SETTINGS).of(Split.TEST).orElseThrow();
        assertThat(test.high()).isEqualTo(1);
        assertThat(test.low()).isLessThan(0.99);
    }

    @Test
    void moreDrivesNarrowTheInterval() {
        SplittableRandom random = new SplittableRandom(5);
        SplitErrors few = random(random, 10, 20, 0.2, 0.3);
        SplitErrors many = random(random, 200, 20, 0.2, 0.3);
        ClusterBootstrap.Intervals intervals = ClusterBootstrap.intervals(all(many, many, few, many), 0, SETTINGS);
        assertThat(width(intervals.of(Split.TEST))).isLessThan(0.4 * width(intervals.of(Split.TEST_DEV)));
    }

    @Test
    void correlatedFramesWidenTheInterval() {
        SplittableRandom random = new SplittableRandom(5);
        SplitErrors independent = random(random, 50, 40, 0.2, 0);
        SplitErrors copies = random(random, 50, 40, 0.2, 0.9);
        ClusterBootstrap.Intervals intervals =
                ClusterBootstrap.intervals(all(independent, independent, independent, copies), 0, SETTINGS);
        assertThat(width(intervals.of(Split.TEST))).isGreaterThan(2 * width(intervals.of(Split.TEST_DEV)));
    }

    private static double width(Optional<Interval> interval) {
        return interval.orElseThrow().high() - interval.orElseThrow().low();
    }
}
