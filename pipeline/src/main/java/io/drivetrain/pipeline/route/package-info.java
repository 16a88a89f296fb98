/**
 * Carries records between operators and to Kafka: everything that leaves the jobs for a topic goes through one
 * transactional sink, so that a checkpoint commits all of it or nothing.
 */
package io.drivetrain.pipeline.route;
