package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.ConfigKey;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.grade.noise.LabelNoiseReport;
import io.drivetrain.trainer.improve.DriveSamples;
import io.drivetrain.trainer.improve.JoinedSplits;
import io.drivetrain.trainer.improve.LabelSuspects;
import io.drivetrain.trainer.improve.OutOfFold;
import io.drivetrain.trainer.publish.Outgoing;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** How many labels are wrong, and which, by models that have not seen the drives they judge. */
final class LabelNoisePart implements ReportPart {
    private final Learner learner;
    private final InstantSource clock;

    LabelNoisePart(Learner learner, InstantSource clock) {
        this.learner = learner;
        this.clock = clock;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException {
        int folds = run.config().analysis().labelNoiseFolds();
        if (folds < 2) {
            return;
        }
        boolean continued = !run.config().improve().warmStart().isEmpty();
        if (continued) {
            run.progress()
                    .tell(
                            TrainingStage.ANALYSING,
                            "Label noise: the models that judge the labels begin afresh, with every layer fitted, because the model of improve.warm-start has seen these samples; they stop by drives of train that are set aside");
        }
        RunConfig decided = continued ? afresh(run) : stopping(run, report.getBestEpoch());
        if (decided instanceof RunConfig.Refused refused) {
            run.progress().tell(TrainingStage.ANALYSING, refused.reason());
            return;
        }
        DrivetrainConfig config = ((RunConfig.Accepted) decided).config();
        JoinedSplits joined =
                JoinedSplits.of(run.assembly().view(Split.TRAIN), run.assembly().view(Split.TRAIN_DEV));
        DriveSamples samples = joined.samples(run.config().classes().size());
        String salt = Long.toString(run.config().training().seed());
        OutOfFold.Outcome outcome = OutOfFold.predict(
                samples,
                folds,
                salt,
                (train, predict, fold) -> learn(
                        run,
                        config,
                        joined,
                        continued ? OutOfFold.setAside(samples, train, salt) : new OutOfFold.Fitting(train, train),
                        predict,
                        fold),
                (fold, of) -> run.progress().tell(TrainingStage.ANALYSING, fold(fold, of)));
        if (!(outcome instanceof OutOfFold.Outcome.Predicted predicted)) {
            run.progress().tell(TrainingStage.ANALYSING, ((OutOfFold.Outcome.NotPredicted) outcome).reason());
            return;
        }
        LabelNoiseReport.Outcome judged = LabelNoiseReport.of(
                predicted.labels(),
                predicted.driveOf(),
                run.config().classes(),
                folds,
                GradePart.settings(run.config().training()));
        if (judged instanceof LabelNoiseReport.Outcome.Estimated estimated) {
            report.setLabelNoise(estimated.labelNoise());
            for (LabelSuspect suspect : LabelSuspects.records(
                    estimated.suspects(),
                    predicted.samples(),
                    joined,
                    run.config().classes(),
                    run.request().runId(),
                    clock.instant())) {
                run.outgoing().add(Outgoing.of(Topic.LABELS_SUSPECT, suspect.getSampleId(), suspect));
            }
        } else if (judged instanceof LabelNoiseReport.Outcome.NotEstimated not) {
            run.progress().tell(TrainingStage.ANALYSING, not.reason());
        }
    }

    private static String fold(int fold, int of) {
        return "Label noise: fold %d of %d".formatted(fold, of);
    }

    /**
     * The run's configuration, ending with its best epoch: beyond that a model learns labels by heart, wrong ones too, and
     * is sure of what it should doubt. What is predicted must not have a say in when to stop, so it is not asked.
     */
    private static RunConfig stopping(GradedRun run, int bestEpoch) {
        int epochs = Math.max(Math.max(1, bestEpoch), run.config().improve().warmUp() + 1);
        return RunConfig.of(run.config(), Map.of(ConfigKey.TRAINING_MAX_EPOCHS.path(), Integer.toString(epochs)));
    }

    /** The epochs of a run that began with another's weights say nothing of how long a model needs that does not. */
    private static RunConfig afresh(GradedRun run) {
        return RunConfig.of(
                run.config(), Map.of(ConfigKey.IMPROVE_WARM_START.path(), "", ConfigKey.IMPROVE_FREEZE.path(), "0"));
    }

    /** @param fold from 0 */
    private OutOfFold.Learned learn(
            GradedRun run,
            DrivetrainConfig config,
            JoinedSplits joined,
            OutOfFold.Fitting fitting,
            int[] predict,
            int fold)
            throws InterruptedException {
        int folds = run.config().analysis().labelNoiseFolds();
        String message = fold(fold + 1, folds);
        Learner.Outcome outcome = learner.learn(
                new LearnRequest(
                        joined.subset(fitting.learn()),
                        joined.subset(fitting.stop()),
                        config,
                        Optional.empty(),
                        Optional.empty()),
                run.progress().analysis(message, fold + 1, folds));
        if (outcome instanceof Learner.Outcome.NotLearned not) {
            return new OutOfFold.Learned.NotLearned(not.reason());
        }
        try (Learner.Model model = ((Learner.Outcome.Learned) outcome).model()) {
            return new OutOfFold.Learned.Predicted(model.probabilities(
                    joined.subset(predict), run.progress().judging(TrainingStage.ANALYSING, message, predict.length)));
        }
    }
}
