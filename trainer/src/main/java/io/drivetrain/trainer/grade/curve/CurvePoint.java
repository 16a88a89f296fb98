package io.drivetrain.trainer.grade.curve;

import io.drivetrain.trainer.grade.SplitErrors;

/**
 * What a model of one training set came to.
 *
 * @param samples that it learned from
 * @param drives that they are of
 * @param trainError on them, in evaluation mode, 0..1
 * @param trainDev by drive, the same drives in the same order for every point of a curve
 */
public record CurvePoint(long samples, int drives, double trainError, SplitErrors trainDev) {}
