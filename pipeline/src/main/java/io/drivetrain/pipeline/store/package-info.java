/**
 * Writes admitted samples with their original bytes to the Iceberg table, one snapshot per checkpoint, and keeps its
 * snapshots: names, differences, exports, file sizes, expiry.
 */
package io.drivetrain.pipeline.store;
