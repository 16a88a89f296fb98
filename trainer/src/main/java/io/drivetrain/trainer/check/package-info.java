/**
 * Start-up checks of the machine: which backend is on the class path, whether the graphics card can run it, whether
 * oneDNN really computes. A machine that cannot train is a {@link io.drivetrain.trainer.check.BackendException} whose
 * message says what to do.
 */
package io.drivetrain.trainer.check;
