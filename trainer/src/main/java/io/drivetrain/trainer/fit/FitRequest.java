package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One fit.
 *
 * @param train samples that the weights are fitted to
 * @param trainDev samples of the same domain that decide when to stop and which epoch is kept
 * @param warmStart folder of a model of the same architecture that the fit begins with, its normalisation included; its
 *     output layer is begun afresh if it has other classes; empty for fresh weights
 * @param checkpoints folder that the state is written to after every epoch and gone on from if it holds the state of the
 *     same request; empty for none
 */
public record FitRequest(
        SampleStore train,
        SampleStore trainDev,
        NetworkSpec network,
        FitSettings settings,
        Optional<Path> warmStart,
        Optional<Path> checkpoints) {
    /** From fresh weights, in one go. */
    public FitRequest(SampleStore train, SampleStore trainDev, NetworkSpec network, FitSettings settings) {
        this(train, trainDev, network, settings, Optional.empty(), Optional.empty());
    }
}
