package io.drivetrain.trainer.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.grade.PromotionDecision.KeepChallenger;
import io.drivetrain.trainer.grade.PromotionDecision.Promote;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PromotionRuleTest {
    private static final ClusterBootstrap.Settings SETTINGS = new ClusterBootstrap.Settings(500, 5, 42);
    private static final int FRAMES = 20;

    /** Error rates of both models by day (even drives) and by night (odd drives). */
    private record World(double candidateDay, double championDay, double candidateNight, double championNight) {}

    private static PromotionRule.Contest contest(int drives, World world, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int samples = drives * FRAMES;
        int[] labels = new int[samples];
        int[] candidate = new int[samples];
        int[] champion = new int[samples];
        int[] driveOf = new int[samples];
        List<Map<String, String>> attributes = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            driveOf[i] = i / FRAMES;
            boolean night = driveOf[i] % 2 == 1;
            candidate[i] = random.nextDouble() < (night ? world.candidateNight : world.candidateDay) ? 1 : 0;
            champion[i] = random.nextDouble() < (night ? world.championNight : world.championDay) ? 1 : 0;
            attributes.add(Map.of("timeofday", night ? "night" : "daytime", "camera", "front"));
        }
        return new PromotionRule.Contest(labels, candidate, champion, driveOf, drives, attributes);
    }

    /** As many errors of each model in every drive, at other frames. */
    private static PromotionRule.Contest exact(int[] candidateErrors, int[] championErrors) {
        int drives = candidateErrors.length;
        int[] labels = new int[drives * FRAMES];
        int[] candidate = new int[labels.length];
        int[] champion = new int[labels.length];
        int[] driveOf = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            driveOf[i] = i / FRAMES;
            candidate[i] = i % FRAMES < candidateErrors[driveOf[i]] ? 1 : 0;
            champion[i] = i % FRAMES >= FRAMES - championErrors[driveOf[i]] ? 1 : 0;
        }
        List<Map<String, String>> attributes = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            attributes.add(Map.of());
        }
        return new PromotionRule.Contest(labels, candidate, champion, driveOf, drives, attributes);
    }

    @Test
    void aBetterModelIsPromoted() {
        PromotionDecision decision = PromotionRule.decide(contest(80, new World(0.05, 0.15, 0.1, 0.2), 1), SETTINGS);
        assertThat(decision).isInstanceOf(Promote.class);
        assertThat(decision.reason())
                .startsWith("Not worse than the champion: the error on test-dev differs by -")
                .contains("on 1600 samples of 80 drives")
                .endsWith("none of 2 slices is significantly worse.");
        assertThat(decision.comparison().interval().orElseThrow().high()).isNegative();
        assertThat(decision.comparison().mcnemarPValue().orElseThrow()).isLessThan(1e-6);
    }

    @Test
    void aModelThatErrsAsOftenIsPromoted() {
        PromotionDecision decision = PromotionRule.decide(contest(80, new World(0.1, 0.1, 0.1, 0.1), 2), SETTINGS);
        assertThat(decision).isInstanceOf(Promote.class);
    }

    @Test
    void aWorseModelStaysAChallenger() {
        PromotionDecision decision = PromotionRule.decide(contest(80, new World(0.2, 0.1, 0.2, 0.1), 3), SETTINGS);
        assertThat(decision).isInstanceOf(KeepChallenger.class);
        assertThat(decision.reason()).startsWith("Worse than the champion: the error on test-dev differs by +");
        assertThat(decision.comparison().interval().orElseThrow().low()).isPositive();
    }

    @Test
    void aModelThatIsBetterAsAWholeAndWorseAtNightStaysAChallenger() {
        PromotionDecision decision = PromotionRule.decide(contest(80, new World(0.05, 0.3, 0.2, 0.1), 4), SETTINGS);
        assertThat(decision).isInstanceOf(KeepChallenger.class);
        assertThat(decision.comparison().difference()).isNegative();
        assertThat(decision.reason())
                .startsWith("Worse than the champion where timeofday=night: +")
                .contains("after Holm's correction for 2 slices");
        assertThat(decision.comparison().slices())
                .extracting(SliceDifference::slice, SliceDifference::significantlyWorse)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("timeofday=daytime", false),
                        org.assertj.core.api.Assertions.tuple("timeofday=night", true));
    }

    @Test
    void oneBadDriveIsNoProofAlthoughMcNemarTakesItForOne() {
        int[] candidate = new int[40];
        candidate[7] = FRAMES;
        PromotionDecision decision = PromotionRule.decide(exact(candidate, new int[40]), SETTINGS);
        assertThat(decision.comparison().mcnemarPValue().orElseThrow()).isLessThan(1e-5);
        assertThat(decision.comparison().interval().orElseThrow().excludesZero())
                .isFalse();
    }

    @Test
    void fewDrivesWithMoreErrorsAreNotEnoughToBePromoted() {
        PromotionDecision decision = PromotionRule.decide(exact(new int[] {3, 2, 1}, new int[3]), SETTINGS);
        assertThat(decision).isInstanceOf(KeepChallenger.class);
        assertThat(decision.reason())
                .isEqualTo("Not enough data: the error on test-dev differs by +10.0 points on 60 samples of 3 drives;"
                        + " 5 or more drives would give an interval.");
    }

    @Test
    void aWideIntervalIsNoProofOfBeingAsGood() {
        PromotionDecision decision =
                PromotionRule.decide(exact(new int[] {9, 0, 8, 0, 1, 0}, new int[] {0, 4, 0, 3, 0, 4}), SETTINGS);
        assertThat(decision).isInstanceOf(KeepChallenger.class);
        assertThat(decision.reason()).startsWith("Not enough data to say that it is as good: ");
        assertThat(decision.comparison().interval().orElseThrow().excludesZero())
                .isFalse();
    }

    @Test
    void theSameDoubtIsTooMuchForAChampionWithFewErrorsAndNotForOneWithMany() {
        int[] rare = new int[40];
        int[] common = new int[40];
        Arrays.fill(rare, 1);
        Arrays.fill(common, 3);
        int[] oneBadDrive = rare.clone();
        oneBadDrive[7] += 8;
        int[] oneBadDriveOfMany = common.clone();
        oneBadDriveOfMany[7] += 8;

        PromotionDecision few = PromotionRule.decide(exact(oneBadDrive, rare), SETTINGS);
        PromotionDecision many = PromotionRule.decide(exact(oneBadDriveOfMany, common), SETTINGS);

        assertThat(few.comparison().interval()).isEqualTo(many.comparison().interval());
        assertThat(few).isInstanceOf(KeepChallenger.class);
        assertThat(few.reason())
                .startsWith("Not enough data to say that it is as good: the error on test-dev differs by +1.0 points")
                .endsWith("and a loss of more than 2.5 points is not excluded.");
        assertThat(many).isInstanceOf(Promote.class);
    }

    @Test
    void fewDrivesWithFewerErrorsAreNoEvidenceEither() {
        PromotionDecision decision = PromotionRule.decide(exact(new int[3], new int[] {1, 0, 2}), SETTINGS);
        assertThat(decision).isInstanceOf(KeepChallenger.class);
        assertThat(decision.reason()).startsWith("Not enough data: ");
        assertThat(decision.comparison().interval()).isEmpty();
    }

    @Test
    void withoutSamplesTheCandidateStaysAChallenger() {
        PromotionDecision decision = PromotionRule.decide(exact(new int[0], new int[0]), SETTINGS);
        assertThat(decision).isInstanceOf(KeepChallenger.class);
        assertThat(decision.reason()).startsWith("Not enough data: test-dev has no sample");
    }

    @Test
    void sameSeedSameDecision() {
        PromotionRule.Contest contest = contest(30, new World(0.1, 0.1, 0.3, 0.2), 6);
        assertThat(PromotionRule.decide(contest, SETTINGS)).isEqualTo(PromotionRule.decide(contest, SETTINGS));
    }

    @Test
    void equalModelsAreRarelyCalledWorse() {
        int kept = 0;
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int[] candidate = new int[30];
            int[] champion = new int[30];
            for (int drive = 0; drive < 30; drive++) {
                // Half of the drives are hard for one of the two, by chance, which McNemar's test does not know.
                candidate[drive] = random.nextInt(2) * random.nextInt(8);
                champion[drive] = random.nextInt(2) * random.nextInt(8);
            }
            PromotionDecision decision = PromotionRule.decide(exact(candidate, champion), SETTINGS);
            kept += decision.reason().startsWith("Worse") ? 1 : 0;
        }
        // One-sided 2.5 %: 7.5 expected, and more than 16 has a chance below 1 in 500.
        assertThat(kept).isLessThanOrEqualTo(16);
    }

    @Test
    void tooFewPredictionsAreRefused() {
        assertThatThrownBy(() -> new PromotionRule.Contest(
                        new int[2], new int[1], new int[2], new int[2], 1, List.of(Map.of(), Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 labels, 1 and 2 predictions, 2 drives of samples, 2 attributes; they must be as many");
    }

    @Test
    void holmCorrectsStepByStep() {
        assertThat(ErrorRateTests.holm(new double[] {0.01, 0.04, 0.03, 0.005}))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(0.03, 0.06, 0.06, 0.02);
        assertThat(ErrorRateTests.holm(new double[0])).isEmpty();
    }

    @Test
    void theIntervalIsThatOfTheDifferenceAndNotOfBothRates() {
        // Both err in the same hard drives; the candidate once more in every drive.
        int[] candidate = new int[20];
        int[] champion = new int[20];
        for (int drive = 0; drive < 20; drive++) {
            champion[drive] = drive % 2 == 0 ? 0 : 9;
            candidate[drive] = champion[drive] + 1;
        }
        Interval interval = PromotionRule.decide(exact(candidate, champion), SETTINGS)
                .comparison()
                .interval()
                .orElseThrow();
        assertThat(interval.low()).isCloseTo(0.05, within(1e-12));
        assertThat(interval.high()).isCloseTo(0.05, within(1e-12));
    }
}
