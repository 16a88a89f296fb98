/**
 * Labels and the class probabilities of models that have not seen them come in; how many labels are wrong, which ones
 * and what they should be goes out (confident learning: Northcutt, Jiang, Chuang, <i>Confident Learning: Estimating
 * Uncertainty in Dataset Labels</i>, JAIR 70, 2021), as pure functions. Probabilities that are none are answered with
 * a sentence, not with a number.
 */
package io.drivetrain.trainer.grade.noise;
