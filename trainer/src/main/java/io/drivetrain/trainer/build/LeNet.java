package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;

/**
 * LeNet-5 (LeCun et al., 1998) with max pooling, ReLU, a third convolution, and for inputs larger than its 32×32 a
 * stride of 2 at the entrance. The ReLU follows the pooling: both orders give the same result, and this one touches a quarter of the values.
 */
final class LeNet implements NetworkRecipe {
    private static final int LECUN_INPUT = 32;

    @Override
    public int smallestInput() {
        return 16;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        var graph = Recipes.begin(spec);
        int entranceStride = Math.max(spec.height(), spec.width()) > LECUN_INPUT ? 2 : 1;
        String last = stage(graph, "1", Recipes.INPUT, layers, 16, 5, entranceStride);
        last = stage(graph, "2", last, layers, 32, 5, 1);
        last = stage(graph, "3", last, layers, 64, 3, 1);
        graph.addLayer(
                "dense",
                new DenseLayer.Builder().nOut(128).activation(layers.relu()).build(),
                last);
        return Recipes.classify(graph, spec, "dense");
    }

    private static String stage(
            GraphBuilder graph, String name, String input, LayerFamily layers, int outputs, int kernel, int stride) {
        graph.addLayer("convolution" + name, layers.convolution(outputs, kernel, stride, true), input);
        graph.addLayer("pool" + name, Recipes.halve(), "convolution" + name);
        graph.addLayer(
                "relu" + name,
                new ActivationLayer.Builder().activation(layers.relu()).build(),
                "pool" + name);
        return "relu" + name;
    }
}
