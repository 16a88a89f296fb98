/**
 * Rejected samples: which there are, what they look like, and how they are sent again after a fix. In comes {@code
 * samples.rejected}; out go their original bytes to the topic they came from. What cannot be read is counted and named.
 */
package io.drivetrain.infra.cli.replay;
