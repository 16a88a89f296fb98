package io.drivetrain.trainer.build;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** One network: its layers for given inputs and number of classes. */
interface NetworkRecipe {
    /** Fewest rows and columns that leave at least one value after every halving. */
    int smallestInput();

    /** What it reads of each sample. */
    default List<NetworkInput> inputs(NetworkSpec spec) {
        return List.of(NetworkInput.PIXELS);
    }

    /** Whether it cannot be built without telemetry. */
    default boolean needsTelemetry() {
        return false;
    }

    /** A graph with those inputs, in that order, and the output {@code classes} (softmax). */
    ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers);
}
