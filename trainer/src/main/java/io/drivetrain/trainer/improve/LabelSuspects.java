package io.drivetrain.trainer.improve;

import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.noise.LabelNoiseReport;
import java.time.Instant;
import java.util.List;

/** The records of {@code labels.suspect}. */
public final class LabelSuspects {
    private LabelSuspects() {}

    /**
     * One record for each suspect, in their order.
     *
     * @param suspects their samples are positions in {@code judged}
     * @param judged indices of the samples that were judged, as {@link OutOfFold.Outcome.Predicted#samples()} has them
     * @param splits where those are from
     * @param classNames in the order of the indices
     */
    public static List<LabelSuspect> records(
            List<LabelNoiseReport.Suspect> suspects,
            int[] judged,
            JoinedSplits splits,
            List<String> classNames,
            String runId,
            Instant at) {
        return suspects.stream()
                .map(suspect -> record(suspect, judged[suspect.sample()], splits, classNames, runId, at))
                .toList();
    }

    private static LabelSuspect record(
            LabelNoiseReport.Suspect suspect,
            int sample,
            JoinedSplits splits,
            List<String> classNames,
            String runId,
            Instant at) {
        SplitView view = splits.view(sample);
        int index = splits.indexInView(sample);
        return LabelSuspect.newBuilder()
                .setSampleId(view.sampleId(index))
                .setDriveId(view.drives().get(view.drive(index)))
                .setSplit(view.split())
                .setRunId(runId)
                .setScore(suspect.score())
                .setGivenLabel(classNames.get(suspect.given()))
                .setSuggestedLabel(classNames.get(suspect.suggested()))
                .setSuggestedProbability(suspect.probability())
                .setLabelSource(view.labelSource(index).orElse(null))
                .setImageSha256(view.imageSha256(index))
                .setAt(at)
                .build();
    }
}
