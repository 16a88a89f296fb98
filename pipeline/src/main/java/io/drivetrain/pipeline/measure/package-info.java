/**
 * Reads images: encoded JPEG and PNG come in, training-size pixels and measurements go out; what cannot be decoded
 * goes back to the caller as a reason, never as an exception.
 */
package io.drivetrain.pipeline.measure;
