/**
 * What a report says comes in, what to do next comes out, best first, each step with its reason and, where a training can
 * try it, the one thing to change. What was tried without effect is not proposed again.
 */
package io.drivetrain.trainer.improve.ladder;
