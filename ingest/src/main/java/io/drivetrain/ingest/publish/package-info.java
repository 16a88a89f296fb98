/** Sends samples to {@code samples.raw}; what the broker does not take is counted and kept as a sentence. */
package io.drivetrain.ingest.publish;
