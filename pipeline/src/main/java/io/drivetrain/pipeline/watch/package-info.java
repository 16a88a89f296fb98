/**
 * Watches for covariate shift: curated samples come in, window reports, alerts and retraining requests go out; records
 * that cannot be read are counted and left out.
 */
package io.drivetrain.pipeline.watch;
