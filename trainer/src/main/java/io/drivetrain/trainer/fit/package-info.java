/**
 * Stores of training and train-dev samples come in, a fitted model comes out, with progress by epoch on the way.
 * Samples that no network can be fitted to and a loss that diverges are outcomes ({@link
 * io.drivetrain.trainer.fit.FitOutcome}), not exceptions.
 */
package io.drivetrain.trainer.fit;
