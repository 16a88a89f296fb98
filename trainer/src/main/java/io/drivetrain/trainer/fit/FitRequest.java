package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;

/**
 * One fit.
 *
 * @param train samples that the weights are fitted to
 * @param trainDev samples of the same domain that decide when to stop and which epoch is kept
 */
public record FitRequest(SampleStore train, SampleStore trainDev, NetworkSpec network, FitSettings settings) {}
