package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Split;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
    /** Drives of 20 frames; every second one has twice so many errors, the others none. */
    private static SplitErrors split(int drives, int errors) {
        long[] samples = new long[drives];
        long[] wrong = new long[drives];
        Arrays.fill(samples, 20);
        for (int drive = 0; drive < drives; drive += 2) {
            wrong[drive] = 2L * errors;
        }
        return new SplitErrors(samples, wrong);
    }

    private static Map<Split, SplitErrors> splits(SplitErrors train, SplitErrors trainDev) {
        Map<Split, SplitErrors> errors = new EnumMap<>(Split.class);
        errors.put(Split.TRAIN, train);
        errors.put(Split.TRAIN_DEV, trainDev);
        return errors;
    }

    @Test
    void onlyTheSplitThatMakesATermUnsureIsAskedForMoreDrives() {
        // Half of the interval is 1.5 times the value, so its variance must fall to 1/2.25.
        Optional<String> sentence = Verdict.unsettled(
                Term.VARIANCE, 0.02, Optional.of(new Interval(-0.01, 0.05)), splits(split(900, 1), split(50, 2)));
        assertThat(sentence).get().asString().contains("more drives in train-dev would settle it");
        assertThat(sentence).get().asString().doesNotContain("in train ");
    }

    @Test
    void splitsThatAddAlikeAreBothAskedFor() {
        Optional<String> sentence = Verdict.unsettled(
                Term.VARIANCE, 0.02, Optional.of(new Interval(-0.01, 0.05)), splits(split(100, 2), split(100, 2)));
        assertThat(sentence)
                .get()
                .asString()
                .contains("about 125 more drives in train-dev and 125 more drives in train would settle it");
    }

    @Test
    void nothingIsAskedForWhereNoReasonableNumberOfDrivesHelps() {
        assertThat(Verdict.unsettled(
                        Term.VARIANCE,
                        0.001,
                        Optional.of(new Interval(-0.05, 0.052)),
                        splits(split(100, 2), split(100, 2))))
                .isEmpty();
    }
}
