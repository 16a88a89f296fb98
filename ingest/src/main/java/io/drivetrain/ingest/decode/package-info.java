/**
 * Label files in any of the known formats become samples, one entry at a time and in an order that is always the same;
 * what cannot be read becomes a {@link io.drivetrain.ingest.collect.Collected.Malformed} with its file and place.
 */
package io.drivetrain.ingest.decode;
