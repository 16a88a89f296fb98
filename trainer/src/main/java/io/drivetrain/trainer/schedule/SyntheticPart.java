package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.TrainingReport;
import java.util.Map;

/**
 * Marks the report of a run on synthetic scenes, and holds back what other parts would ask of the stream: no drive can be
 * collected and no label corrected that was only drawn. Comes after all parts that write a verdict or send records.
 */
final class SyntheticPart implements ReportPart {
    static final String DATA = "synthetic";
    private static final String KEY = "training.data";

    /** Whether a run learns from synthetic scenes. */
    static boolean synthetic(DrivetrainConfig config) {
        return config.training().data().equals(DATA);
    }

    /** Whether a run that is over had learned from synthetic scenes. */
    static boolean synthetic(TrainingReport report) {
        return synthetic(report.getProvenance().getConfig());
    }

    /**
     * Whether a run was one on synthetic scenes.
     *
     * @param keys of its provenance
     */
    static boolean synthetic(Map<String, String> keys) {
        return DATA.equals(keys.get(KEY));
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) {
        if (synthetic(run.config())) {
            report.setVerdict("On synthetic scenes, which say nothing about the stream: " + report.getVerdict());
            run.outgoing().clear();
        }
    }
}
