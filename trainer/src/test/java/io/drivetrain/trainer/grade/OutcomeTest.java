package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.grade.Outcome.Both;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(500, 5, 42);

    /** Hard and easy drives of 50 frames, in which the newer model mends some of the errors of the older. */
    private static long[][] errors(int drives, int mended, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[][] errors = new long[2][drives];
        for (int drive = 0; drive < drives; drive++) {
            errors[1][drive] = 5 + random.nextInt(40);
            errors[0][drive] = errors[1][drive] - mended + random.nextInt(3) - 1;
        }
        return errors;
    }

    private static long[] frames(int drives) {
        long[] frames = new long[drives];
        Arrays.fill(frames, 50);
        return frames;
    }

    private static Both paired(long[][] errors) {
        long[] onlyNow = new long[errors[0].length];
        long[] onlyBefore = new long[onlyNow.length];
        for (int drive = 0; drive < onlyNow.length; drive++) {
            onlyNow[drive] = Math.max(0, errors[0][drive] - errors[1][drive]);
            onlyBefore[drive] = Math.max(0, errors[1][drive] - errors[0][drive]);
        }
        return new Both.Paired(new PairedErrors(frames(onlyNow.length), onlyNow, onlyBefore));
    }

    private static Both apart(long[][] errors) {
        long[] frames = frames(errors[0].length);
        return new Both.Apart(new SplitErrors(frames, errors[0]), new SplitErrors(frames, errors[1]));
    }

    @Test
    void changesOfTermsAreTheDifferencesOfChangesOfErrors() {
        Map<Split, Both> splits = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            splits.put(split, paired(errors(20, split.ordinal(), split.ordinal())));
        }
        Map<String, Estimate> outcome = Outcome.of(splits, SETTINGS);
        assertThat(outcome.keySet())
                .containsExactly(
                        "train", "train-dev", "test-dev", "test", "bias", "variance", "shift", "validationOverfitting");
        assertThat(outcome.get("bias").getValue())
                .isEqualTo(outcome.get("train").getValue());
        assertThat(outcome.get("shift").getValue())
                .isCloseTo(
                        outcome.get("test-dev").getValue()
                                - outcome.get("train-dev").getValue(),
                        within(1e-12));
    }

    @Test
    void pairingShowsAnImprovementThatHardDrivesHide() {
        long[][] errors = errors(20, 3, 8);
        Estimate paired =
                Outcome.of(Map.of(Split.TEST_DEV, paired(errors)), SETTINGS).get("test-dev");
        Estimate apart =
                Outcome.of(Map.of(Split.TEST_DEV, apart(errors)), SETTINGS).get("test-dev");
        assertThat(paired.getValue()).isCloseTo(apart.getValue(), within(1e-12));
        assertThat(paired.getHigh()).isNegative();
        assertThat(apart.getHigh()).isPositive();
    }

    @Test
    void termsOfMissingSplitsAreLeftOut() {
        Map<String, Estimate> outcome = Outcome.of(
                Map.of(Split.TRAIN, paired(errors(9, 1, 1)), Split.TEST_DEV, paired(errors(9, 1, 2))), SETTINGS);
        assertThat(outcome.keySet()).containsExactly("train", "test-dev", "bias");
    }

    @Test
    void fewDrivesGiveChangesWithoutIntervals() {
        Map<String, Estimate> outcome = Outcome.of(
                Map.of(Split.TRAIN, paired(errors(9, 1, 1)), Split.TRAIN_DEV, apart(errors(4, 1, 2))), SETTINGS);
        assertThat(outcome.get("train").getLow()).isNotNull();
        assertThat(outcome.get("train-dev").getLow()).isNull();
        assertThat(outcome.get("variance").getLow()).isNull();
    }
}
