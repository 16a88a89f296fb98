/**
 * Counts classes and judges label sources: every settled sample comes in, windows of class balance and of label sources
 * and their alerts go out. A bad sample is not an error here, it is a violation of its source.
 */
package io.drivetrain.pipeline.balance;
