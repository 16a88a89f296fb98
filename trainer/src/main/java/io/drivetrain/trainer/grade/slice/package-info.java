/**
 * Graded samples with their attributes, measurements and embeddings come in; the shift term split by slices, the slices
 * most worth fixing and the drives to collect for them go out, as pure functions. A slice with too few drives is said to
 * have them.
 */
package io.drivetrain.trainer.grade.slice;
