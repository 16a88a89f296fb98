package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.trainer.assemble.SampleStore;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One learning.
 *
 * @param train samples that the weights are fitted to
 * @param trainDev samples of the same domain that decide when to stop
 * @param config of this run
 * @param warmStart folder of the model whose weights it begins with; empty for fresh weights
 * @param checkpoints folder to go on from and to write to, so that a killed run is continued; empty for none
 */
public record LearnRequest(
        SampleStore train,
        SampleStore trainDev,
        DrivetrainConfig config,
        Optional<Path> warmStart,
        Optional<Path> checkpoints) {}
