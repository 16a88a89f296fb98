/**
 * Finds labelled images on disk: a folder in, a stream of samples out. An entry that cannot become a sample comes out as
 * {@link io.drivetrain.ingest.collect.Collected.Malformed}, and the rest goes on.
 */
package io.drivetrain.ingest.collect;
