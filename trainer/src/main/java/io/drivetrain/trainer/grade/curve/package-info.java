/**
 * Errors of models of nested training sets come in; the law by which more data lower the error, and a forecast with
 * its interval, go out, as pure functions. Too few points for a forecast are said in a sentence, not as a number.
 */
package io.drivetrain.trainer.grade.curve;
