package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.nd4j.linalg.activations.Activation;

/**
 * LeNet-5 (LeCun et al., 1998) with max pooling, ReLU and a third convolution for inputs larger than its 32×32. The
 * ReLU follows the pooling: both orders give the same result, and this one touches a quarter of the values.
 */
final class LeNet implements NetworkRecipe {
    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, Convolutions convolutions) {
        var graph = Recipes.begin(spec);
        String last = stage(graph, "1", Recipes.INPUT, convolutions, 16, 5);
        last = stage(graph, "2", last, convolutions, 32, 5);
        last = stage(graph, "3", last, convolutions, 64, 3);
        graph.addLayer(
                "dense",
                new DenseLayer.Builder().nOut(128).activation(Activation.RELU).build(),
                last);
        return Recipes.classify(graph, spec, "dense");
    }

    private static String stage(
            org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder graph,
            String name,
            String input,
            Convolutions convolutions,
            int outputs,
            int kernel) {
        graph.addLayer("convolution" + name, convolutions.layer(outputs, kernel, 1, true), input);
        graph.addLayer("pool" + name, Recipes.halve(), "convolution" + name);
        graph.addLayer(
                "relu" + name,
                new ActivationLayer.Builder().activation(Activation.RELU).build(),
                "pool" + name);
        return "relu" + name;
    }
}
