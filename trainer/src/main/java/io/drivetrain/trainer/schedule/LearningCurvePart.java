package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.MostProbable;
import io.drivetrain.trainer.grade.SplitErrors;
import io.drivetrain.trainer.grade.SplitPredictions;
import io.drivetrain.trainer.grade.curve.LearningCurveReport;
import io.drivetrain.trainer.improve.JoinedSplits;
import io.drivetrain.trainer.improve.NestedSubsets;
import io.drivetrain.trainer.improve.ladder.MeasuredCurves;
import io.drivetrain.trainer.publish.Published;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The train-dev error as a function of how much was learned from, and what twice as much would bring. */
final class LearningCurvePart implements ReportPart {
    private final Learner learner;
    private final Published published;

    LearningCurvePart(Learner learner, Published published) {
        this.learner = learner;
        this.published = published;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException {
        int points = run.config().analysis().learningCurvePoints();
        if (points < 2) {
            return;
        }
        Optional<TrainingReport> measured = run.request().reproduces().isPresent()
                ? Optional.empty()
                : MeasuredCurves.asked(published.reports(), report.getProvenance());
        if (measured.isPresent()) {
            run.progress()
                    .tell(
                            TrainingStage.ANALYSING,
                            "The learning curve is that of %s, which had the same samples and recipe"
                                    .formatted(measured.get().getRunId()));
            report.setLearningCurve(measured.get().getLearningCurve());
            return;
        }
        String warmStart = run.config().improve().warmStart();
        if (!warmStart.isEmpty()) {
            report.setLearningCurve(LearningCurve.newBuilder()
                    .setPoints(List.of())
                    .setSentence(
                            "No learning curve: this run began with the weights of %s, and models of subsets, which begin afresh, would not lie on one curve with it; train without improve.warm-start for one."
                                    .formatted(warmStart))
                    .build());
            return;
        }
        SplitView trainDev = run.assembly().view(Split.TRAIN_DEV);
        JoinedSplits train = JoinedSplits.of(run.assembly().view(Split.TRAIN));
        AtomicReference<Step> now = new AtomicReference<>();
        NestedSubsets.Outcome outcome = NestedSubsets.learn(
                train.samples(run.config().classes().size()),
                points,
                Long.toString(run.config().training().seed()),
                Optional.of(new NestedSubsets.Learned.Graded(
                        errors(
                                        run.assembly().view(Split.TRAIN),
                                        run.probabilities().get(Split.TRAIN))
                                .rate(),
                        errors(trainDev, run.probabilities().get(Split.TRAIN_DEV)))),
                subset -> learn(run, train, subset, now.get()),
                (subset, of, samples) -> {
                    now.set(new Step(
                            "Learning curve: subset %d of %d, %d samples".formatted(subset, of, samples), subset, of));
                    run.progress().tell(TrainingStage.ANALYSING, now.get().message());
                });
        outcome.missing().forEach(message -> run.progress().tell(TrainingStage.ANALYSING, message));
        report.setLearningCurve(LearningCurveReport.of(
                outcome.points(),
                constantError(trainDev),
                GradePart.settings(run.config().training())));
    }

    /** The subset that is being learned, and the sentence that says so. */
    private record Step(String message, int subset, int of) {}

    private NestedSubsets.Learned learn(GradedRun run, JoinedSplits train, int[] subset, Step step)
            throws InterruptedException {
        SplitView trainDev = run.assembly().view(Split.TRAIN_DEV);
        Learner.Outcome outcome = learner.learn(
                new LearnRequest(train.subset(subset), trainDev, run.config(), Optional.empty(), Optional.empty()),
                run.progress().analysis(step.message(), step.subset(), step.of()));
        if (outcome instanceof Learner.Outcome.NotLearned not) {
            return new NestedSubsets.Learned.NotLearned(not.reason());
        }
        try (Learner.Model model = ((Learner.Outcome.Learned) outcome).model()) {
            int[] predicted = MostProbable.of(model.probabilities(
                    train.subset(subset),
                    run.progress().judging(TrainingStage.ANALYSING, step.message(), subset.length)));
            SplitView view = run.assembly().view(Split.TRAIN);
            int wrong = 0;
            for (int i = 0; i < subset.length; i++) {
                wrong += predicted[i] == view.label(subset[i]) ? 0 : 1;
            }
            return new NestedSubsets.Learned.Graded(
                    wrong / (double) subset.length,
                    errors(
                            trainDev,
                            model.probabilities(
                                    trainDev,
                                    run.progress().judging(TrainingStage.ANALYSING, step.message(), trainDev.size()))));
        }
    }

    private static SplitErrors errors(SplitView view, float[][] probabilities) {
        return new SplitPredictions(
                        view.labels(),
                        MostProbable.of(probabilities),
                        view.driveOf(),
                        view.drives().size(),
                        probabilities)
                .errors();
    }

    /** Of always naming the commonest class. */
    private static double constantError(SplitView view) {
        int[] counts = new int[Arrays.stream(view.labels()).max().orElse(0) + 1];
        for (int label : view.labels()) {
            counts[label]++;
        }
        return 1 - Arrays.stream(counts).max().orElse(0) / (double) view.size();
    }
}
