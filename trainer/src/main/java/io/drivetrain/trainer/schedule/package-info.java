/**
 * Requests, the clock and arriving data come in; one training run at a time goes out, each request once, through a
 * restart too. A bad request or a training that cannot run ends in a progress record that says why, never in the loop.
 */
package io.drivetrain.trainer.schedule;
