package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** One network: its layers for a given input shape and number of classes. */
interface NetworkRecipe {
    /** Fewest rows and columns that leave at least one value after every halving. */
    int smallestInput();

    /** A graph with the input {@code pixels} (NCHW) and the output {@code classes} (softmax). */
    ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers);
}
