package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/**
 * LeNet-5 (LeCun et al., 1998) with max pooling, ReLU, a third convolution, and for inputs larger than its 32×32 a
 * stride of 2 at the entrance.
 */
final class LeNet implements NetworkRecipe {
    @Override
    public int smallestInput() {
        return 16;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        var graph = Recipes.begin(spec);
        String last = Recipes.convolution(graph, "1", Recipes.INPUT, layers, 16, 5, Recipes.entranceStride(spec));
        last = Recipes.convolution(graph, "2", last, layers, 32, 5, 1);
        last = Recipes.convolution(graph, "3", last, layers, 64, 3, 1);
        return Recipes.classify(graph, spec, Recipes.dense(graph, "dense", last, layers, 128));
    }
}
