package io.drivetrain.trainer.check;

/**
 * What computes, for the provenance of a model.
 *
 * @param backend {@code cpu} or {@code cuda}
 * @param version of ND4J
 * @param threads OpenMP threads of the native operations; part of the result, as 1 and 2 threads give different weights
 * @param oneDnn whether convolutions and pooling run in oneDNN
 * @param processor operating system and architecture, such as {@code linux-amd64}
 */
public record BackendStatus(String backend, String version, int threads, boolean oneDnn, String processor) {}
