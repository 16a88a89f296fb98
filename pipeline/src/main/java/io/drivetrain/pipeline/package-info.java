/**
 * The Flink jobs: {@code samples.raw} comes in; the split topics, the Iceberg table, class balance, shift reports and
 * alerts go out. Bad records go to {@code samples.rejected} with every reason.
 */
package io.drivetrain.pipeline;
