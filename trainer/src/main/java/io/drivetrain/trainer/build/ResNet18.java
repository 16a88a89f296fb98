package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.activations.Activation;

/**
 * ResNet-18 (He et al., 2016): a 7×7 stem, four groups of two basic blocks with 64 to 512 channels, global average
 * pooling.
 */
final class ResNet18 implements NetworkRecipe {
    private static final int[] CHANNELS = {64, 128, 256, 512};
    private static final int BLOCKS_PER_GROUP = 2;

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, Convolutions convolutions) {
        var graph = Recipes.begin(spec);
        String last = normalised(graph, "stem", Recipes.INPUT, convolutions, CHANNELS[0], 7, 2);
        last = relu(graph, "stem", last);
        graph.addLayer("stem-pool", Recipes.halve(), last);
        last = "stem-pool";
        int inputs = CHANNELS[0];
        for (int group = 0; group < CHANNELS.length; group++) {
            for (int block = 0; block < BLOCKS_PER_GROUP; block++) {
                int stride = group > 0 && block == 0 ? 2 : 1;
                String name = "group%d-block%d".formatted(group + 1, block + 1);
                last = basicBlock(graph, name, last, convolutions, inputs, CHANNELS[group], stride);
                inputs = CHANNELS[group];
            }
        }
        graph.addLayer("average", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last);
        return Recipes.classify(graph, spec, "average");
    }

    /** Two 3×3 convolutions beside a shortcut, which is a 1×1 convolution where the shape changes. */
    static String basicBlock(
            GraphBuilder graph,
            String name,
            String input,
            Convolutions convolutions,
            int inputs,
            int outputs,
            int stride) {
        String branch = normalised(graph, name + "-1", input, convolutions, outputs, 3, stride);
        branch = relu(graph, name + "-1", branch);
        branch = normalised(graph, name + "-2", branch, convolutions, outputs, 3, 1);
        String shortcut = stride == 1 && inputs == outputs
                ? input
                : normalised(graph, name + "-shortcut", input, convolutions, outputs, 1, stride);
        graph.addVertex(name + "-add", new ElementWiseVertex(ElementWiseVertex.Op.Add), branch, shortcut);
        return relu(graph, name, name + "-add");
    }

    private static String normalised(
            GraphBuilder graph,
            String name,
            String input,
            Convolutions convolutions,
            int outputs,
            int kernel,
            int stride) {
        graph.addLayer(name + "-convolution", convolutions.layer(outputs, kernel, stride, false), input);
        graph.addLayer(name + "-norm", new BatchNormalization.Builder().build(), name + "-convolution");
        return name + "-norm";
    }

    private static String relu(GraphBuilder graph, String name, String input) {
        graph.addLayer(
                name + "-relu",
                new ActivationLayer.Builder().activation(Activation.RELU).build(),
                input);
        return name + "-relu";
    }
}
