package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** A multilayer perceptron on the pixels, with two hidden layers: what a network knows that sees no neighbourhoods. */
final class Dense implements NetworkRecipe {
    @Override
    public int smallestInput() {
        return 1;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        var graph = Recipes.begin(spec);
        String last = Recipes.dense(graph, "dense1", Recipes.INPUT, layers, 256);
        return Recipes.classify(graph, spec, Recipes.dense(graph, "dense2", last, layers, 128));
    }
}
