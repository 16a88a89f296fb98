/**
 * Decides whether a raw record becomes a sample: records of {@code samples.raw} come in, curated samples go out, and
 * what is not admitted goes to {@code samples.rejected} whole, with all its violations.
 */
package io.drivetrain.pipeline.admit;
