package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** One network: its layers for a given input shape and number of classes. */
interface NetworkRecipe {
    /** A graph with the input {@code pixels} (NCHW) and the output {@code classes} (softmax). */
    ComputationGraphConfiguration describe(NetworkSpec spec, Convolutions convolutions);
}
