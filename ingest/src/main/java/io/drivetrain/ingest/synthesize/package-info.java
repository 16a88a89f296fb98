/**
 * Draws driving scenes with known truth: a plan and a seed in, labelled JPEG frames out, the same on every machine and
 * with any number of threads. Faults (wrong labels, corrupt images, ...) are planted on purpose and are known.
 */
package io.drivetrain.ingest.synthesize;
