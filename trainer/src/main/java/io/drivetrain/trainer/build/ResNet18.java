package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/**
 * ResNet-18 (He et al., 2016): a 7×7 stem, four groups of two basic blocks with 64 to 512 channels, global average
 * pooling.
 */
final class ResNet18 implements NetworkRecipe {
    private static final int[] CHANNELS = {64, 128, 256, 512};
    private static final int BLOCKS_PER_GROUP = 2;

    @Override
    public int smallestInput() {
        return 16;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        var graph = Recipes.begin(spec);
        String last = normalised(graph, "stem", Recipes.INPUT, layers, CHANNELS[0], 7, 2);
        last = relu(graph, "stem", last, layers);
        graph.addLayer("stem-pool", Recipes.halve(), last);
        last = "stem-pool";
        int inputs = CHANNELS[0];
        for (int group = 0; group < CHANNELS.length; group++) {
            for (int block = 0; block < BLOCKS_PER_GROUP; block++) {
                int stride = group > 0 && block == 0 ? 2 : 1;
                String name = "group%d-block%d".formatted(group + 1, block + 1);
                last = basicBlock(graph, name, last, layers, inputs, CHANNELS[group], stride);
                inputs = CHANNELS[group];
            }
        }
        graph.addLayer("average", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last);
        return Recipes.classify(graph, spec, "average");
    }

    /** Two 3×3 layers beside a shortcut, which is a 1×1 convolution where the shape changes. */
    static String basicBlock(
            GraphBuilder graph, String name, String input, LayerFamily layers, int inputs, int outputs, int stride) {
        String branch = normalised(graph, name + "-1", input, layers, outputs, 3, stride);
        branch = relu(graph, name + "-1", branch, layers);
        branch = normalised(graph, name + "-2", branch, layers, outputs, 3, 1);
        String shortcut = stride == 1 && inputs == outputs
                ? input
                : normalised(graph, name + "-shortcut", input, layers, outputs, 1, stride);
        graph.addVertex(name + "-add", new ElementWiseVertex(ElementWiseVertex.Op.Add), branch, shortcut);
        return relu(graph, name, name + "-add", layers);
    }

    private static String normalised(
            GraphBuilder graph, String name, String input, LayerFamily layers, int outputs, int kernel, int stride) {
        graph.addLayer(name + "-convolution", layers.convolution(outputs, kernel, stride, false), input);
        graph.addLayer(name + "-norm", new BatchNormalization.Builder().build(), name + "-convolution");
        return name + "-norm";
    }

    private static String relu(GraphBuilder graph, String name, String input, LayerFamily layers) {
        graph.addLayer(
                name + "-relu",
                new ActivationLayer.Builder().activation(layers.relu()).build(),
                input);
        return name + "-relu";
    }
}
