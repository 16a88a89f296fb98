package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.publish.Outgoing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A run whose model has been applied to all splits, for the parts of its report.
 *
 * @param modelId of the model
 * @param config of this run
 * @param probabilities {@code size × classes} for each split that has samples, in the order of its view
 * @param folder that parts may write files into; it becomes the model's folder
 * @param outgoing records that are published together with the report; parts add theirs
 * @param progress says to whoever watches what is being done
 */
record GradedRun(
        PendingRequest request,
        String modelId,
        DrivetrainConfig config,
        Assembly assembly,
        Learner.Model model,
        Map<Split, float[][]> probabilities,
        Path folder,
        List<Outgoing> outgoing,
        RunProgress progress) {}
