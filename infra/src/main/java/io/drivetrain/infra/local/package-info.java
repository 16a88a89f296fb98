/**
 * Broker, Flink and trainer as processes of this machine, and the supervisor that starts, watches and stops them. A
 * process that cannot start ends in a {@link io.drivetrain.infra.local.StackException} of one sentence.
 */
package io.drivetrain.infra.local;
