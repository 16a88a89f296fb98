/**
 * A training set-up comes in as a {@link io.drivetrain.trainer.check.doctor.Patient}, every step of it replaceable;
 * findings with a stable name, a score, evidence and advice go out. A fault of the set-up is a finding, never an
 * exception.
 */
package io.drivetrain.trainer.check.doctor;
