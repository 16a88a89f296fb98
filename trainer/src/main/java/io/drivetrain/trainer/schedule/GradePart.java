package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Grade;
import io.drivetrain.trainer.grade.Grader;
import io.drivetrain.trainer.grade.Metric;
import io.drivetrain.trainer.grade.MostProbable;
import io.drivetrain.trainer.grade.SplitPredictions;
import io.drivetrain.trainer.grade.Term;
import java.util.EnumMap;
import java.util.Map;

/** The errors on the four splits, their decomposition and the verdict. */
final class GradePart implements ReportPart {
    @Override
    public void add(GradedRun run, TrainingReport.Builder report) {
        Map<Split, SplitPredictions> predictions = new EnumMap<>(Split.class);
        run.probabilities().forEach((split, probabilities) -> {
            SplitView view = run.assembly().view(split);
            predictions.put(
                    split,
                    new SplitPredictions(
                            view.labels(),
                            MostProbable.of(probabilities),
                            view.driveOf(),
                            view.drives().size(),
                            probabilities));
        });
        DrivetrainConfig.Training training = run.config().training();
        Grade grade = Grader.grade(
                predictions,
                run.config().classes(),
                training.irreducibleError(),
                run.config().analysis().metrics().stream().map(Metric::named).toList(),
                settings(training));
        report.setSplits(grade.splits())
                .setDecomposition(grade.decomposition().orElse(null))
                .setDominant(grade.dominant().map(Term::label).orElse(null))
                .setDistinguishable(
                        grade.distinguishable().stream().map(Term::label).toList())
                .setNotEnoughData(grade.notEnoughData())
                .setMetrics(grade.metrics())
                .setQuality(grade.quality())
                .setVerdict(grade.verdict());
    }

    static ClusterBootstrap.Settings settings(DrivetrainConfig.Training training) {
        return new ClusterBootstrap.Settings(
                training.bootstrapReplicates(), training.minIntervalDrives(), training.seed());
    }
}
