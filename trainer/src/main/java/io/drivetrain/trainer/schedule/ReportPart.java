package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.TrainingReport;
import java.io.IOException;

/** Adds one part to the report of a graded run. */
@FunctionalInterface
interface ReportPart {
    /**
     * Fills fields of the report that no other part fills; parts that come later may read them.
     *
     * @throws InterruptedException soon after the thread was interrupted
     * @throws IOException if a file beside the model cannot be written
     */
    void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException, IOException;
}
