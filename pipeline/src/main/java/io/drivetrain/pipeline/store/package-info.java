/** Writes admitted samples with their original bytes to the Iceberg table, one snapshot per checkpoint. */
package io.drivetrain.pipeline.store;
