package io.drivetrain.trainer.improve.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.LearningCurvePoint;
import io.drivetrain.schemas.NextStep;
import io.drivetrain.schemas.PowerLaw;
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

    private static final Convergence SETTLED =
            new Convergence(Convergence.State.SETTLED, "its loss went from 0.41 to 0.4 in the last 5 of 10 epochs");

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
                SETTLED,
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

    /** In percent, ±0.1; what an expert would do first, and why. */
    @ParameterizedTest(name = "{0} + {1}/{2}/{3}/{4}, {5}, {6}: {7}")
    @CsvSource({
        // The field guide's and Ng's.
        "25, 27, 29, 32, 34, lenet, SETTLED, error-analysis",
        "1, 20, 27, 27, 28, lenet, SETTLED, bigger-model",
        "0, 1, 5, 5, 5, lenet, SETTLED, more-data",
        "0, 10, 11, 12, 12, lenet, SETTLED, bigger-model",
        "0, 10, 11, 20, 20, lenet, SETTLED, bigger-model",
        "0, 1, 1.5, 10, 10, lenet, SETTLED, error-analysis",
        "0, 1, 11, 11, 11, lenet, SETTLED, more-data",
        // The same train error, of a model that is too small and of one that was not trained to the end.
        "0, 15, 15.5, 16, 16, lenet, SETTLED, bigger-model",
        "0, 15, 15.5, 16, 16, lenet, CUT_SHORT, train-longer",
        "0, 15, 15.5, 16, 16, lenet, STOPPED_FOR_TRAIN_DEV, train-longer",
        "0, 15, 15.5, 16, 16, lenet, UNKNOWN, bigger-model",
        "0, 15, 15.5, 16, 16, dense, SETTLED, bigger-model",
        "0, 15, 15.5, 16, 16, resnet101, SETTLED, error-analysis",
        "0, 40, 40.5, 41, 41, resnet101, CUT_SHORT, train-longer",
        "2, 50, 51, 50, 50, lenet, CUT_SHORT, train-longer",
        // Half-trained, with other terms: first things first.
        "2, 10, 12, 22, 22, lenet, CUT_SHORT, train-longer",
        "0, 6, 6, 6, 11, lenet, CUT_SHORT, train-longer",
        "0, 0.5, 12, 12.5, 12.5, lenet, CUT_SHORT, more-data",
        "0, 3, 3, 3, 11, lenet, CUT_SHORT, rotate-test-dev",
        "2, 2, 3, 30, 30, lenet, CUT_SHORT, error-analysis",
        "0, 8, 20, 21, 21, lenet, STOPPED_FOR_TRAIN_DEV, more-data",
        // Half of it bias: more epochs first where train-dev still got better, and the larger term where it did not.
        "0, 8, 20, 21, 21, lenet, CUT_SHORT, train-longer",
        "0, 8, 20, 21, 21, lenet, AT_BOTH_LIMITS, more-data",
        // One term each.
        "0, 0.5, 12, 12.5, 12.5, resnet18, SETTLED, more-data",
        "2, 2.1, 3, 30, 30, resnet50, SETTLED, error-analysis",
        "1, 1.2, 1.5, 1.6, 9, lenet, SETTLED, rotate-test-dev",
        "30, 31, 45, 44, 44, lenet, SETTLED, more-data",
        // Easier roads, and a model better than its goal, are nothing to repair.
        "0, 1, 10, 4, 4, lenet, SETTLED, more-data",
        "2, 0.5, 0.6, 0.6, 0.6, lenet, SETTLED, nothing-to-repair",
        "5, 5, 5, 5, 5, lenet, SETTLED, nothing-to-repair",
        "5, 5, 5, 5, 5, lenet, CUT_SHORT, nothing-to-repair",
        // A little of everything, most of it bias.
        "0, 9, 17, 25, 33, lenet, SETTLED, bigger-model",
    })
    void anExpertWouldDoTheSameFirst(
            double irreducible,
            double train,
            double trainDev,
            double testDev,
            double test,
            String network,
            Convergence.State state,
            String step) {
        Situation plain = situation(
                decomposition(irreducible / 100, train / 100, trainDev / 100, testDev / 100, test / 100),
                Map.of("training.network", network, "training.max-epochs", "30", "training.patience", "5"));
        NextStep first = NextSteps.of(ended(plain, state)).get(0);

        assertThat(first.getStep()).isEqualTo(step);
        assertThat(first.getReason()).isNotEmpty();
        assertThat(first.getOverrides()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aTrainingThatWasNotFinishedGoesOnBeforeTheModelGrows() {
        Map<String, String> keys = Map.of("training.max-epochs", "2", "training.patience", "5");
        List<NextStep> cut = NextSteps.of(ended(underfitting(keys), Convergence.State.CUT_SHORT));
        List<NextStep> stopped = NextSteps.of(ended(underfitting(keys), Convergence.State.STOPPED_FOR_TRAIN_DEV));
        List<NextStep> both = NextSteps.of(ended(underfitting(keys), Convergence.State.AT_BOTH_LIMITS));

        assertThat(names(cut)).startsWith("train-longer", "bigger-model");
        assertThat(cut.get(0).getOverrides()).isEqualTo(Map.of("training.max-epochs", "4"));
        assertThat(cut.get(0).getCommand()).isEqualTo("./drivetrain train --next");
        assertThat(cut.get(0).getReason()).contains("training.max-epochs ended training", "its loss went from 0.41");
        assertThat(cut.get(1).getReason()).doesNotContain("too small");
        assertThat(stopped.get(0).getOverrides()).isEqualTo(Map.of("training.patience", "10"));
        assertThat(both.get(0).getStep()).isEqualTo("train-longer");
        assertThat(both.get(0).getOverrides()).isEqualTo(Map.of("training.patience", "10", "training.max-epochs", "4"));
        assertThat(both.get(0).getReason()).contains("training.patience and training.max-epochs ended training");
        assertThat(NextSteps.of(underfitting(keys)).get(0).getReason()).contains("converged", "too small for the task");
    }

    private static Situation ended(Situation plain, Convergence.State state) {
        return new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                new Convergence(state, SETTLED.evidence()),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of());
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
                .containsExactly(
                        "bigger-model",
                        "less-regularisation",
                        "error-analysis",
                        "another-architecture",
                        "tuning",
                        "features");
        assertThat(steps.get(0).getOverrides()).isEqualTo(Map.of("training.network", "resnet18"));
        assertThat(steps.get(0).getCommand()).isEqualTo("./drivetrain train --next");
        assertThat(steps.get(1).getCommand()).isEqualTo("./drivetrain train --next --step less-regularisation");
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
                        "more-data",
                        "augmentation",
                        "regularisation",
                        "error-analysis",
                        "another-architecture",
                        "tuning",
                        "smaller-model");
    }

    @Test
    void moreDataIsPredictedByTheLearningCurveAlone() {
        Situation without = situation(decomposition(0, 0.01, 0.2, 0.2, 0.2), Map.of());
        Situation with = new Situation(
                without.decomposition(),
                without.distinguishable(),
                without.config(),
                SETTLED,
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
                SETTLED,
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
                SETTLED,
                List.of(SliceAnalysis.newBuilder()
                        .setSlice("timeofday=night")
                        .setKind(SliceKind.ATTRIBUTE)
                        .setTrainDevSamples(10)
                        .setTrainDevDrives(2)
                        .setTrainDevErrors(1)
                        .setTestDevSamples(100)
                        .setTestDevDrives(20)
                        .setTestDevErrors(40)
                        .setTrainDevError(new Estimate(0.1, 0.02, 0.2))
                        .setTestDevError(new Estimate(0.4, 0.3, 0.5))
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
        // 40 % of test-dev are in it (0.8 · 0.2 / 0.4), and its error is 0.3 higher there than in train-dev.
        assertThat(steps.get(0).getPredicted().getValue()).isCloseTo(-0.12, within(1e-9));
        assertThat(steps.get(0).getPredicted().getHigh()).isCloseTo(-0.4 * (0.3 - Math.hypot(0.1, 0.1)), within(1e-9));
        assertThat(steps.get(0).getPredicted().getLow()).isCloseTo(-0.4 * (0.3 + Math.hypot(0.1, 0.08)), within(1e-9));
        assertThat(steps.get(1).getOverrides()).isEqualTo(Map.of("improve.augment", "flip,night"));
    }

    @Test
    void aCurveThatWasMeasuredOnTheseSamplesIsNotMeasuredAgainAfterEveryChange() {
        Situation plain = overfitting(Map.of());
        TrainingReport measured = MeasuredCurvesTest.measured("lenet-1", MeasuredCurvesTest.provenance("d"));
        Situation after = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                SETTLED,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Surroundings.UNKNOWN,
                Optional.empty(),
                Optional.of(measured));

        assertThat(find(plain, "more-data").orElseThrow().getOverrides()).isNotEmpty();
        NextStep known = find(after, "more-data").orElseThrow();
        assertThat(known.getOverrides()).isEmpty();
        assertThat(known.getPredicted()).isNull();
        assertThat(known.getReason())
                .contains("lenet-1, with another recipe on the same samples")
                .contains("Twice the data would lower variance by 1.3 pp.");
    }

    @Test
    void whatWasTriedWithoutEffectIsNotProposedAgain() {
        Situation plain = situation(decomposition(0, 0.2, 0.2, 0.2, 0.2), Map.of());
        TrainingReport tried = tried(
                "resnet18-1",
                "bigger-model",
                Map.of("training.network", "lenet -> resnet18"),
                Map.of("bias", new Estimate(-0.01, -0.05, 0.03)));
        Situation after = new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                SETTLED,
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
                SETTLED,
                List.of(),
                Optional.of(new LabelNoise(
                        new Estimate(0.08, 0.05, 0.11),
                        1000L,
                        50L,
                        5,
                        80L,
                        Map.of(),
                        new Estimate(0.1, 0.07, 0.14),
                        Map.of())),
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
                SETTLED,
                List.of(),
                Optional.of(new LabelNoise(
                        new Estimate(0.25, 0.2, 0.3),
                        1000L,
                        50L,
                        5,
                        250L,
                        Map.of(),
                        new Estimate(0.3, 0.2, 0.4),
                        Map.of())),
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

    private static TrainingReport tried(
            String modelId, String step, Map<String, String> keys, Map<String, Estimate> outcome) {
        return tried(modelId, step, keys, outcome, false);
    }

    private static TrainingReport tried(
            String modelId, String step, Map<String, String> keys, Map<String, Estimate> outcome, boolean dataChanged) {
        return TrainingReport.newBuilder()
                .setRunId("run-" + modelId)
                .setModelId(modelId)
                .setNetwork(modelId.replaceAll("-.*", ""))
                .setClasses(List.of("a", "b"))
                .setSplits(List.of())
                .setVerdict("")
                .setProvenance(new Provenance(List.of(), null, "", Map.of(), 1L, 1, Map.of()))
                .setPublishedAt(Instant.EPOCH)
                .setChanges(Changes.newBuilder()
                        .setComparedWith("lenet-1")
                        .setStep(step)
                        .setKeys(keys)
                        .setDataChanged(dataChanged)
                        .setOutcome(outcome)
                        .build())
                .build();
    }

    private static Situation with(Situation plain, List<TrainingReport> history) {
        return with(plain, List.of(), Optional.empty(), history, Surroundings.UNKNOWN, Optional.empty());
    }

    private static Situation with(Situation plain, Surroundings surroundings) {
        return with(plain, List.of(), Optional.empty(), List.of(), surroundings, Optional.empty());
    }

    private static Situation with(Situation plain, SliceAnalysis... slices) {
        return with(plain, List.of(slices), Optional.empty(), List.of(), Surroundings.UNKNOWN, Optional.empty());
    }

    private static Situation with(
            Situation plain,
            List<SliceAnalysis> slices,
            Optional<LearningCurve> curve,
            List<TrainingReport> history,
            Surroundings surroundings,
            Optional<Setback> setback) {
        return new Situation(
                plain.decomposition(),
                plain.distinguishable(),
                plain.config(),
                SETTLED,
                slices,
                Optional.empty(),
                curve,
                history,
                surroundings,
                setback,
                Optional.empty());
    }

    private static Situation overfitting(Map<String, String> keys) {
        return situation(decomposition(0, 0.01, 0.2, 0.2, 0.2), keys);
    }

    private static Situation underfitting(Map<String, String> keys) {
        return situation(decomposition(0, 0.2, 0.2, 0.2, 0.2), keys);
    }

    private static Situation shifted(Map<String, String> keys) {
        return situation(decomposition(0, 0.01, 0.02, 0.2, 0.2), keys);
    }

    private static Optional<NextStep> find(Situation situation, String name) {
        return NextSteps.of(situation).stream()
                .filter(step -> step.getStep().equals(name))
                .findFirst();
    }

    private static LearningCurve curve(long samples, double exponent, Estimate gain) {
        return LearningCurve.newBuilder()
                .setPoints(List.of(
                        new LearningCurvePoint(samples / 2, 10L, 0.01, sure(0.3)),
                        new LearningCurvePoint(samples, 20L, 0.01, sure(0.2))))
                .setLaw(new PowerLaw(0.0, 1.0, exponent))
                .setAtTwice(gain == null ? null : sure(0.2 - gain.getValue()))
                .setGainOfTwice(gain)
                .setSentence("")
                .build();
    }

    private static SliceAnalysis slice(String name, SliceKind kind, double trainDev, double testDev, double share) {
        return SliceAnalysis.newBuilder()
                .setSlice(name)
                .setKind(kind)
                .setTrainDevSamples(100)
                .setTrainDevDrives(20)
                .setTrainDevErrors(10)
                .setTestDevSamples(100)
                .setTestDevDrives(20)
                .setTestDevErrors(40)
                .setTrainDevError(sure(trainDev))
                .setTestDevError(sure(testDev))
                .setShareOfErrors(sure(share))
                .setGain(sure(0.15))
                .setPriority(SlicePriority.HIGH)
                .build();
    }

    @Test
    void samplesThatALimitLeavesOutArePredictedByTheLearningCurve() {
        Situation plain = overfitting(Map.of("training.limit", "1000"));
        Situation fourTimes = with(
                plain,
                List.of(),
                Optional.of(curve(1000, 0.5, new Estimate(0.03, 0.01, 0.05))),
                List.of(),
                new Surroundings(List.of(), Map.of(), 4000),
                Optional.empty());
        NextStep first = NextSteps.of(fourTimes).get(0);

        assertThat(first.getOverrides()).isEqualTo(Map.of("training.limit", "0"));
        // Of samples^-0.5, four times the data take away 1/2 and twice the data 1 - 1/sqrt(2).
        assertThat(first.getPredicted().getValue()).isCloseTo(-0.03 * 0.5 / (1 - Math.sqrt(0.5)), within(1e-9));
        // One doubling at least, two equal ones at most.
        assertThat(first.getPredicted().getHigh()).isCloseTo(-0.01, within(1e-9));
        assertThat(first.getPredicted().getLow()).isCloseTo(-0.10, within(1e-9));
    }

    @Test
    void aCurveThatCannotForecastPredictsNothingOfTheSamplesLeftOut() {
        Situation vague = with(
                overfitting(Map.of("training.limit", "1000")),
                List.of(),
                Optional.of(curve(1000, 0.5, null)),
                List.of(),
                new Surroundings(List.of(), Map.of(), 4000),
                Optional.empty());

        assertThat(NextSteps.of(vague).get(0).getOverrides()).isEqualTo(Map.of("training.limit", "0"));
        assertThat(NextSteps.of(vague).get(0).getPredicted()).isNull();
    }

    @Test
    void aLimitThatLeavesNothingOutIsNotLifted() {
        Situation all =
                with(overfitting(Map.of("training.limit", "1000")), new Surroundings(List.of(), Map.of(), 1000));

        assertThat(NextSteps.of(all)).noneMatch(step -> step.getOverrides().containsKey("training.limit"));
    }

    @Test
    void withoutALearningCurveTheNextTrainingMeasuresIt() {
        NextStep first = NextSteps.of(overfitting(Map.of())).get(0);

        assertThat(first.getStep()).isEqualTo("more-data");
        assertThat(first.getOverrides()).isEqualTo(Map.of("analysis.learning-curve-points", "5"));
        assertThat(first.getCommand()).isEqualTo("./drivetrain train --next");
    }

    @ParameterizedTest
    @CsvSource({"multi-input,speed,false", "lstm,speed,false", "lstm,'',true", "resnet18,'',true"})
    void imagesBesideTelemetryAreNotMirrored(String network, String telemetry, boolean mirrored) {
        Situation situation = overfitting(Map.of("training.network", network, "training.telemetry", telemetry));

        assertThat(find(situation, "augmentation").orElseThrow().getOverrides().get("improve.augment"))
                .matches(text -> text.contains("flip") == mirrored)
                .contains("crop");
    }

    @ParameterizedTest
    @CsvSource({
        "turn-left,false",
        "keepRight,false",
        "LEFT_LANE,false",
        "arrow right 2,false",
        "bright,true",
        "cleft,true"
    })
    void imagesOfClassesThatSayLeftOrRightAreNotMirrored(String name, boolean mirrored) {
        Situation situation = with(overfitting(Map.of()), new Surroundings(List.of("car", name), Map.of(), 0));

        assertThat(find(situation, "augmentation").orElseThrow().getOverrides().get("improve.augment"))
                .matches(text -> text.contains("flip") == mirrored);
    }

    @Test
    void anotherNetworkBeginsWithFreshWeights() {
        NextStep step = NextSteps.of(underfitting(Map.of("improve.warm-start", "champion", "improve.freeze", "3")))
                .get(0);

        assertThat(step.getOverrides())
                .isEqualTo(Map.of("training.network", "resnet18", "improve.warm-start", "", "improve.freeze", "0"));
        assertThat(step.getReason()).contains("fresh weights");
    }

    @Test
    void networksThatNeedLargerImagesAreNotOffered() {
        Surroundings surroundings =
                new Surroundings(List.of(), Map.of("lenet", 16, "resnet18", 32, "resnet50", 32, "resnet101", 32), 0);
        Map<String, String> keys = Map.of("training.network", "dense", "image.width", "12", "image.height", "64");

        assertThat(NextSteps.of(with(underfitting(keys), surroundings)))
                .noneMatch(step -> step.getOverrides().containsKey("training.network"));
        assertThat(NextSteps.of(with(overfitting(keys), surroundings)))
                .noneMatch(step -> step.getOverrides().containsKey("training.network"));
    }

    @Test
    void whatReadsTelemetryIsOfferedWithoutMirroring() {
        NextStep step = find(
                        underfitting(Map.of("training.telemetry", "speed", "improve.augment", "flip=0.5,crop")),
                        "another-architecture")
                .orElseThrow();

        assertThat(step.getOverrides()).isEqualTo(Map.of("training.network", "multi-input", "improve.augment", "crop"));
        assertThat(step.getReason()).contains("without flip");
    }

    @Test
    void normalisationIsATrainingOfANetworkThatHasIt() {
        assertThat(find(overfitting(Map.of()), "normalisation").orElseThrow().getOverrides())
                .isEqualTo(Map.of("training.network", "resnet18"));
    }

    @Test
    void anotherArchitectureIsOfAFamilyThatWasNotUsedYet() {
        Situation plain = overfitting(Map.of("training.network", "dense"));

        assertThat(find(plain, "another-architecture").orElseThrow().getOverrides())
                .isEqualTo(Map.of("training.network", "lenet"));
        assertThat(find(with(plain, List.of(tried("lenet-1", "", Map.of("a", "b"), Map.of()))), "another-architecture")
                        .orElseThrow()
                        .getOverrides())
                .isEqualTo(Map.of("training.network", "resnet50"));
    }

    @Test
    void featuresNameNoTelemetryAndAskForOneThing() {
        NextStep step = find(underfitting(Map.of("image.width", "32", "image.height", "24")), "features")
                .orElseThrow();

        assertThat(step.getCommand()).isEqualTo("set image.width to 64 and image.height to 48 in drivetrain.yaml");
    }

    @Test
    void oneWayThatFailedLeavesTheOtherWaysOfTheSameStep() {
        Situation plain = overfitting(Map.of());
        TrainingReport decay = tried(
                "lenet-2",
                "regularisation",
                Map.of("improve.weight-decay", "0 -> 0.0005"),
                Map.of("variance", new Estimate(0.0, -0.01, 0.01)));
        NextStep step = find(with(plain, List.of(decay)), "regularisation").orElseThrow();

        assertThat(find(plain, "regularisation").orElseThrow().getOverrides())
                .isEqualTo(Map.of("improve.weight-decay", "0.0005"));
        assertThat(step.getOverrides()).isEqualTo(Map.of("improve.dropout", "0.3"));
        assertThat(step.getReason()).contains("regularisation was tried by lenet-2");
    }

    @Test
    void tuningInTheOtherDirectionIsAnotherTry() {
        TrainingReport down = tried(
                "lenet-2",
                "tuning",
                Map.of("training.learning-rate", "0.0003 -> 0.000100"),
                Map.of("variance", new Estimate(0.0, -0.01, 0.01), "bias", new Estimate(0.0, -0.01, 0.01)));

        assertThat(find(with(overfitting(Map.of()), List.of(down)), "tuning")).isPresent();
        assertThat(find(with(underfitting(Map.of()), List.of(down)), "tuning")).isEmpty();
    }

    @Test
    void whatWasTriedOnOtherDataOrAnotherNetworkSaysNothing() {
        Map<String, String> keys = Map.of("training.network", "lenet -> resnet18");
        Map<String, Estimate> useless = Map.of("bias", new Estimate(0.0, -0.01, 0.01));

        assertThat(NextSteps.of(with(
                                underfitting(Map.of()),
                                List.of(tried("resnet18-1", "bigger-model", keys, useless, true))))
                        .get(0)
                        .getStep())
                .isEqualTo("bigger-model");
        assertThat(NextSteps.of(with(
                                underfitting(Map.of("training.network", "dense")),
                                List.of(tried("resnet18-1", "bigger-model", keys, useless))))
                        .get(0)
                        .getStep())
                .isEqualTo("bigger-model");
    }

    @Test
    void whatWasTriedWithTooFewDrivesToTellComesLastOnItsLadder() {
        TrainingReport vague = tried(
                "resnet18-1",
                "bigger-model",
                Map.of("training.network", "lenet -> resnet18"),
                Map.of("bias", new Estimate(-0.05, -0.15, 0.05)));
        List<NextStep> steps = NextSteps.of(with(underfitting(Map.of()), List.of(vague)));

        assertThat(names(steps)).endsWith("features", "bigger-model");
        assertThat(steps.get(steps.size() - 1).getReason()).contains("not enough data to tell");
    }

    @Test
    void whatMadeTestDevWorseIsNotTriedAgainThoughItLoweredTheTerm() {
        TrainingReport worse = tried(
                "resnet18-1",
                "bigger-model",
                Map.of("training.network", "lenet -> resnet18"),
                Map.of("bias", new Estimate(-0.1, -0.15, -0.05), "test-dev", new Estimate(0.05, 0.01, 0.09)));

        assertThat(names(NextSteps.of(with(underfitting(Map.of()), List.of(worse)))))
                .doesNotContain("bigger-model");
    }

    @ParameterizedTest
    @CsvSource({
        "timeofday=night,ATTRIBUTE,night",
        "weather=rainy,ATTRIBUTE,reflections",
        "scene=train station,ATTRIBUTE,",
        "brightness<0.2,MEASUREMENT,night",
        "brightness>0.8,MEASUREMENT,",
        "darkShare>0.6,MEASUREMENT,night",
        "darkShare<0.1,MEASUREMENT,",
        "glareShare>0.21,MEASUREMENT,reflections",
        "'cluster 3 (timeofday=night, class pedestrian)',CLUSTER,night",
        "'cluster 1 (class train)',CLUSTER,",
        "cluster 2,CLUSTER,",
    })
    void onlyASliceThatAnAugmentationImitatesIsSynthesised(String name, SliceKind kind, String synthetic) {
        Optional<NextStep> step = find(with(shifted(Map.of()), slice(name, kind, 0.1, 0.4, 0.5)), "synthesise");

        assertThat(step.map(s -> s.getOverrides().get("improve.augment"))).isEqualTo(Optional.ofNullable(synthetic));
    }

    @Test
    void theSliceWithTheLargestPartOfTheShiftIsCollected() {
        SliceAnalysis hardEverywhere = slice("scene=tunnel", SliceKind.ATTRIBUTE, 0.5, 0.4, 0.9);
        SliceAnalysis small = slice("weather=foggy", SliceKind.ATTRIBUTE, 0.1, 0.3, 0.1);
        SliceAnalysis large = slice("timeofday=night", SliceKind.ATTRIBUTE, 0.1, 0.3, 0.5);

        assertThat(find(with(shifted(Map.of()), hardEverywhere, small, large), "collect")
                        .orElseThrow()
                        .getReason())
                .contains("timeofday=night holds 50.0 %");
        assertThat(names(NextSteps.of(with(shifted(Map.of()), hardEverywhere)))).doesNotContain("collect");
    }

    @Test
    void aClusterCannotLowerTheShiftByMoreThanThereIsOfIt() {
        // 0.22 of the samples, at an error of 0.9 against 0.05, are 0.187, more than the shift of 0.18.
        NextStep collect = find(
                        with(shifted(Map.of()), slice("cluster 1 (class car)", SliceKind.CLUSTER, 0.05, 0.9, 0.99)),
                        "collect")
                .orElseThrow();
        double shift =
                shifted(Map.of()).decomposition().orElseThrow().getShift().getValue();
        double most = shifted(Map.of()).decomposition().orElseThrow().getShift().getHigh();

        assertThat(collect.getPredicted().getValue()).isCloseTo(-shift, within(1e-12));
        assertThat(collect.getPredicted().getLow()).isGreaterThanOrEqualTo(-most);
        assertThat(collect.getPredicted().getHigh())
                .isGreaterThanOrEqualTo(collect.getPredicted().getValue());
        assertThat(collect.getReason())
                .contains("all of it")
                .contains("on the drives that it was judged by, which is not all of test-dev");
    }

    @Test
    void afterASetbackAStepTakesTheFailedKeysBack() {
        Situation situation = with(
                underfitting(Map.of()),
                List.of(),
                Optional.empty(),
                List.of(),
                Surroundings.UNKNOWN,
                Optional.of(new Setback("it builds on the keys of lenet-1", Map.of("improve.augment", ""))));
        NextStep first = NextSteps.of(situation).get(0);

        assertThat(first.getOverrides()).isEqualTo(Map.of("training.network", "resnet18", "improve.augment", ""));
        assertThat(first.getReason()).endsWith("it builds on the keys of lenet-1");
    }

    @Test
    void aRunThatMadeTestDevWorseIsNotBuiltOn() {
        TrainingReport start = tried("lenet-1", "", Map.of(), Map.of());
        TrainingReport better = tried(
                "lenet-2", "tuning", Map.of("a", "1 -> 2"), Map.of("test-dev", new Estimate(-0.05, -0.09, -0.01)));
        TrainingReport worse =
                tried("lenet-3", "tuning", Map.of("a", "1 -> 2"), Map.of("test-dev", new Estimate(0.05, 0.01, 0.09)));
        TrainingReport byData = tried(
                "lenet-3", "tuning", Map.of("a", "1 -> 2"), Map.of("test-dev", new Estimate(0.05, 0.01, 0.09)), true);
        TrainingReport byLimit = tried(
                "lenet-3",
                "more-data",
                Map.of("training.limit", "9 -> 0"),
                Map.of("test-dev", new Estimate(0.05, 0.01, 0.09)),
                true);

        assertThat(Baseline.of(List.of())).isEmpty();
        assertThat(Baseline.of(List.of(start, better))).contains(better);
        assertThat(Baseline.of(List.of(start, worse))).contains(start);
        assertThat(Baseline.of(List.of(start, byData))).contains(byData);
        assertThat(Baseline.of(List.of(start, byLimit))).contains(start);
    }
}
