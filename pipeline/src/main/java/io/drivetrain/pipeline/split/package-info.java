/** Deals drives to splits: a drive id and its domain come in, one of the four splits goes out. */
package io.drivetrain.pipeline.split;
