/**
 * Pixels of a training sample come in, plausible other pixels of the same label go out. What is drawn at random is a
 * function of the seed, the epoch and the sample, so that threads cannot change it.
 */
package io.drivetrain.trainer.improve.augment;
