/**
 * The trainer's process: configuration and samples on Kafka come in, models and reports go out; a bad invocation ends in
 * one sentence and exit code 1 or 2.
 */
package io.drivetrain.trainer;
