/**
 * A graded model comes in; a model folder, a report and progress records go out, each run's result once. What the disk
 * or the broker refuses ends in an exception with one sentence, and is published after the next start.
 */
package io.drivetrain.trainer.publish;
