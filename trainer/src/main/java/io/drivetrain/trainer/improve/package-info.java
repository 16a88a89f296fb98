/**
 * What a training does beyond the plain recipe, as pure functions: weights of the classes, the order of the samples in an
 * epoch, and in {@code augment} changed pixels. A choice that is not known is an {@link
 * java.lang.IllegalArgumentException} that lists the known ones.
 */
package io.drivetrain.trainer.improve;
