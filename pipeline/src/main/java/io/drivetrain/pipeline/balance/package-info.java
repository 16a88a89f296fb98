/** Counts classes: the split and label of every admitted sample come in, one report per split and window goes out. */
package io.drivetrain.pipeline.balance;
