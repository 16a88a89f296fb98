/**
 * A network's name and shape come in, a Deeplearning4j graph comes out, every network one small recipe. An unknown name
 * is an {@link java.lang.IllegalArgumentException} that lists the known ones.
 */
package io.drivetrain.trainer.build;
