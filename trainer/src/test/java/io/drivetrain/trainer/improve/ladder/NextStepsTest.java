package io.drivetrain.trainer.improve.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SliceKind;
import io.drivetrain.schemas.SlicePriority;
import io.drivetrain.schemas.TrainingReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NextStepsTest {
    private static final Map<String, String> PLAIN = Map.of(
            "training.network", "lenet",
            "training.learning-rate", "0.0003",
            "training.limit", "0",
            "improve.augment", "",
            "improve.weight-decay", "0",
            "improve.dropout", "0");

    private static Estimate sure(double value) {
        return new Estimate(value, value - 0.001, value + 0.001);
    }

    private static Estimate wide(double value) {
        return new Estimate(value, value - 0.5, value + 0.5);
    }

    private static Decomposition decomposition(
            double irreducible, double train, double trainDev, double testDev, double test) {
        return new Decomposition(
                sure(test),
                new Estimate(irreducible, null, null),
                sure(train - irreducible),
                sure(trainDev - train),
                sure(testDev - trainDev),
                sure(test - testDev));
    }

    private static List<String> distinguishable(Decomposition d) {
        List<String> terms = new ArrayList<>();
        for (Cause cause : Cause.values()) {
            Estimate estimate = cause.of(d);
            if (estimate.getLow() > 0 || estimate.getHigh() < 0) {
                terms.add(cause.term());
            }
        }
        return terms;
    }

    private static Situation situation(Decomposition decomposition, Map<String, String> keys) {
        Map<String, String> config = new HashMap<>(PLAIN);
        config.putAll(keys);
        return new Situation(
                Optional.of(decomposition),
                distinguishable(decomposition),
                config,
                10,
                7,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    private static List<String> ladders(List<NextStep> steps) {
        return steps.stream().map(NextStep::getLadder).distinct().toList();
    }

    private static List<String> names(List<NextStep> steps) {
        return steps.stream().map(NextStep::getStep).toList();
    }

    @ParameterizedTest(name = "{0} + {1}/{2}/{3}/{4}: {5}")
    @CsvSource({
        "25, 27, 29, 32, 34, shift",
        "1, 20, 27, 27, 28, underfitting",
        "0, 1, 5, 5, 5, overfitting",
        "0, 10, 11, 12, 12, underfitting",
        "0, 10, 11, 20, 20, underfitting",
        "0, 1, 1.5, 10, 10, shift",
        "0, 1, 1, 1, 10, validation-overfitting",
    })
    void theGuidesCasesClimbTheRightLadderFirst(
            double irreducible, double train, double trainDev, double testDev, double test, String ladder) {
        List<NextStep> steps = NextSteps.of(situation(
                decomposition(irreducible / 100, train / 100, trainDev / 100, testDev / 100, test / 100), Map.of()));

        assertThat(steps.get(0).getLadder()).isEqualTo(ladder);
    }

    @Test
    void biasAndMismatchGetBothLaddersTheLargerFirst() {
        assertThat(ladders(NextSteps.of(situation(decomposition(0, 0.10, 0.11, 0.20, 0.20), Map.of()))))
                .containsSubsequence("underfitting", "shift");
    }

    @Test
    void underfittingGrowsTheModelRungByRungAndChangesOneThingAtATime() {
        List<NextStep> steps =
                NextSteps.of(situation(decomposition(0, 0.2, 0.2, 0.2, 0.2), Map.of("improve.dropout", "0.5")));

        assertThat(names(steps))
                .containsExactly("bigger-model", "less-regularisation", "error-analysis", "tuning", "features");
        assertThat(steps.get(0).getOverrides()).isEqualTo(Map.of("training.network", "resnet18"));
        assertThat(steps.get(0).getCommand()).isEqualTo("./drivetrain train --set training.network=resnet18");
        assertThat(steps).allMatch(step -> step.getOverrides().size() <= 1);
    }

    @Test
    void theLargestModelIsNotAskedToGrow() {
        assertThat(names(NextSteps.of(
                        situation(decomposition(0, 0.2, 0.2, 0.2, 0.2), Map.of("training.network", "resnet101")))))
                .doesNotContain("bigger-model");
    }

    @Test
    void overfittingAsksForDataFirstAndForASmallerModelLast() {
        List<NextStep> steps = NextSteps.of(
                situation(decomposition(0.01, 0.01, 0.2, 0.2, 0.2), Map.of("training.network", "resnet18")));

        assertThat(names(steps))
                .containsExactly(
                        "more-data", "augmentation", "regularisation", "error-analysis", "tuning", "smaller-model");
    }

    @Test
    void moreDataIsPredictedByTheLearningCurveAlone() {
        Situation without = situation(decomposition(0, 0.01, 0.2, 0.2, 0.2), Map.of());
        Situation with = new Situation(
                without.decomposition(),
                without.distinguishable(),
                without.config(),
                10,
                7,
                List.of(),
                Optional.empty(),
                Optional.of(new LearningCurve(
                        List.of(),
                        null,
                        null,
                        new Estimate(0.013, 0.006, 0.019),
                        "twice the data would lower variance by 1.3 pp (0.6-1.9)")),
                List.of());

        assertThat(NextSteps.of(without).get(0).getPredicted()).isNull();
        assertThat(NextSteps.of(with).get(0).getPredicted()).isEqualTo(new Estimate(-0.013, -0.019, -0.006));
    }

    @Test
    void aCurveThatCannotForecastIsQuotedAndNotAskedForAgain() {
        Situation plain = situation(decomposition(0, 0.01, 0.2, 0.2, 0.2), Map.of());
        Situation vague = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                10,
                7,
                List.of(),
                Optional.empty(),
                Optional.of(new LearningCurve(List.of(), null, null, null, "Not enough data for a forecast.")),
                List.of());

        NextStep first = NextSteps.of(vague).get(0);
        assertThat(first.getStep()).isEqualTo("more-data");
        assertThat(first.getReason()).endsWith("cannot say yet: Not enough data for a forecast.");
        assertThat(first.getCommand()).isEqualTo("./drivetrain ingest PATH");
        assertThat(first.getPredicted()).isNull();
    }

    @Test
    void samplesThatALimitLeavesOutAreTheFirstDataToAdd() {
        NextStep first = NextSteps.of(
                        situation(decomposition(0, 0.01, 0.2, 0.2, 0.2), Map.of("training.limit", "10000")))
                .get(0);

        assertThat(first.getOverrides()).isEqualTo(Map.of("training.limit", "0"));
    }

    @Test
    void aNightSliceIsCollectedAndMeanwhileSynthesised() {
        Situation plain = situation(decomposition(0, 0.01, 0.02, 0.2, 0.2), Map.of("improve.augment", "flip"));
        Situation night = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                10,
                7,
                List.of(SliceAnalysis.newBuilder()
                        .setSlice("timeofday=night")
                        .setKind(SliceKind.ATTRIBUTE)
                        .setTrainDevSamples(10)
                        .setTrainDevDrives(2)
                        .setTrainDevErrors(1)
                        .setTestDevSamples(100)
                        .setTestDevDrives(20)
                        .setTestDevErrors(40)
                        .setShareOfErrors(new Estimate(0.8, 0.6, 0.9))
                        .setGain(new Estimate(0.15, 0.1, 0.2))
                        .setPriority(SlicePriority.HIGH)
                        .build()),
                Optional.empty(),
                Optional.empty(),
                List.of());
        List<NextStep> steps = NextSteps.of(night);

        assertThat(names(steps)).startsWith("collect", "synthesise", "domain-adaptation");
        assertThat(steps.get(0).getReason()).contains("timeofday=night holds 80.0 % of its errors");
        assertThat(steps.get(0).getPredicted()).isEqualTo(new Estimate(-0.15, -0.2, -0.1));
        assertThat(steps.get(1).getOverrides()).isEqualTo(Map.of("improve.augment", "flip,night"));
    }

    @Test
    void whatWasTriedWithoutEffectIsNotProposedAgain() {
        Situation plain = situation(decomposition(0, 0.2, 0.2, 0.2, 0.2), Map.of());
        TrainingReport tried = TrainingReport.newBuilder()
                .setRunId("run-1")
                .setModelId("resnet18-1")
                .setNetwork("resnet18")
                .setClasses(List.of("a", "b"))
                .setSplits(List.of())
                .setVerdict("")
                .setProvenance(new Provenance(List.of(), null, "", Map.of(), 1L, 1, Map.of()))
                .setPublishedAt(Instant.EPOCH)
                .setChanges(Changes.newBuilder()
                        .setComparedWith("lenet-1")
                        .setStep("bigger-model")
                        .setKeys(Map.of())
                        .setDataChanged(false)
                        .setOutcome(Map.of("bias", new Estimate(-0.01, -0.05, 0.03)))
                        .build())
                .build();
        Situation after = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                10,
                7,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(tried));

        assertThat(names(NextSteps.of(plain))).startsWith("bigger-model");
        assertThat(names(NextSteps.of(after))).doesNotContain("bigger-model");
        assertThat(NextSteps.of(after).get(0).getReason())
                .contains(
                        "bigger-model was tried by resnet18-1 and changed avoidable bias by -1.0 points (-5.0 to +3.0)")
                .contains("not proposed again");
    }

    @Test
    void wrongLabelsThatOutweighEveryTermAreCleanedFirst() {
        Situation plain = situation(decomposition(0, 0.01, 0.03, 0.03, 0.03), Map.of());
        Situation noisy = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                10,
                7,
                List.of(),
                Optional.of(new LabelNoise(
                        new Estimate(0.08, 0.05, 0.11), 1000L, 50L, 5, 80L, Map.of(), new Estimate(0.1, 0.07, 0.14))),
                Optional.empty(),
                List.of());

        assertThat(NextSteps.of(noisy).get(0).getStep()).isEqualTo("clean-labels");
    }

    @Test
    void moreWrongLabelsThanTrainDevHasErrorsAreNotBelieved() {
        Situation plain = situation(decomposition(0, 0.14, 0.17, 0.4, 0.3), Map.of());
        Situation weak = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                10,
                7,
                List.of(),
                Optional.of(new LabelNoise(
                        new Estimate(0.25, 0.2, 0.3), 1000L, 50L, 5, 250L, Map.of(), new Estimate(0.3, 0.2, 0.4))),
                Optional.empty(),
                List.of());

        assertThat(names(NextSteps.of(weak))).doesNotContain("clean-labels");
    }

    @Test
    void nothingDistinguishableAsksForDrives() {
        Decomposition vague = new Decomposition(
                wide(0.1), new Estimate(0.0, null, null), wide(0.02), wide(0.03), wide(0.02), wide(0.01));

        assertThat(names(NextSteps.of(situation(vague, Map.of())))).containsExactly("more-drives");
    }
}
