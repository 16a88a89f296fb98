/**
 * Driving scenes with known truth: a plan and a seed in, labelled JPEG frames out, the same on every machine. Faults (wrong
 * labels, corrupt images, ...) are planted on purpose and are known. Here, because ingest sends them and the trainer learns
 * from them.
 */
package io.drivetrain.schemas.synthesize;
