/**
 * Predictions and labels of the four splits come in; the error decomposition with intervals, the confusion matrices and
 * a verdict go out, as pure functions. What cannot be said for lack of data is said in a sentence, not as a number.
 */
package io.drivetrain.trainer.grade;
