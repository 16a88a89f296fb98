package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/**
 * Residual networks (He et al., 2016): a 7×7 stem, four groups of blocks with 64 to 512 channels, global average
 * pooling.
 */
final class Residual {
    static final int SMALLEST_INPUT = 16;

    private static final int[] CHANNELS = {64, 128, 256, 512};
    private static final int BOTTLENECK_EXPANSION = 4;

    private Residual() {}

    /** Which layers a block puts beside its shortcut. */
    enum Block {
        /** Two 3×3 layers. */
        BASIC(1) {
            @Override
            String branch(GraphBuilder graph, String name, String input, LayerFamily layers, int channels, int stride) {
                String last = normalised(graph, name + "-1", input, layers, channels, 3, stride);
                last = relu(graph, name + "-1", last, layers);
                return normalised(graph, name + "-2", last, layers, channels, 3, 1);
            }
        },
        /** 1×1, 3×3 and 1×1 layers; the 3×3 layer has the stride, as in torchvision, which loses no values. */
        BOTTLENECK(BOTTLENECK_EXPANSION) {
            @Override
            String branch(GraphBuilder graph, String name, String input, LayerFamily layers, int channels, int stride) {
                String last = normalised(graph, name + "-1", input, layers, channels, 1, 1);
                last = relu(graph, name + "-1", last, layers);
                last = normalised(graph, name + "-2", last, layers, channels, 3, stride);
                last = relu(graph, name + "-2", last, layers);
                return normalised(graph, name + "-3", last, layers, channels * BOTTLENECK_EXPANSION, 1, 1);
            }
        };

        private final int expansion;

        Block(int expansion) {
            this.expansion = expansion;
        }

        abstract String branch(
                GraphBuilder graph, String name, String input, LayerFamily layers, int channels, int stride);

        /** The branch added to a shortcut, which is a 1×1 convolution where the shape changes. */
        String add(
                GraphBuilder graph,
                String name,
                String input,
                LayerFamily layers,
                int inputs,
                int channels,
                int stride) {
            String branch = branch(graph, name, input, layers, channels, stride);
            String shortcut = stride == 1 && inputs == outputs(channels)
                    ? input
                    : normalised(graph, name + "-shortcut", input, layers, outputs(channels), 1, stride);
            graph.addVertex(name + "-add", new ElementWiseVertex(ElementWiseVertex.Op.Add), branch, shortcut);
            return relu(graph, name, name + "-add", layers);
        }

        int outputs(int channels) {
            return channels * expansion;
        }
    }

    /**
     * @param blocks in each of the four groups
     */
    static ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers, Block kind, int... blocks) {
        var graph = Recipes.begin(spec);
        String last = normalised(graph, "stem", Recipes.INPUT, layers, CHANNELS[0], 7, 2);
        last = relu(graph, "stem", last, layers);
        graph.addLayer("stem-pool", Recipes.halve(), last);
        last = "stem-pool";
        int inputs = CHANNELS[0];
        for (int group = 0; group < CHANNELS.length; group++) {
            for (int block = 0; block < blocks[group]; block++) {
                int stride = group > 0 && block == 0 ? 2 : 1;
                String name = "group%d-block%d".formatted(group + 1, block + 1);
                last = kind.add(graph, name, last, layers, inputs, CHANNELS[group], stride);
                inputs = kind.outputs(CHANNELS[group]);
            }
        }
        graph.addLayer("average", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last);
        return Recipes.classify(graph, spec, "average");
    }

    private static String normalised(
            GraphBuilder graph, String name, String input, LayerFamily layers, int outputs, int kernel, int stride) {
        graph.addLayer(name + "-convolution", layers.convolutionOf(input, outputs, kernel, stride, false), input);
        graph.addLayer(name + "-norm", layers.normalization(), name + "-convolution");
        return name + "-norm";
    }

    private static String relu(GraphBuilder graph, String name, String input, LayerFamily layers) {
        graph.addLayer(name + "-relu", layers.rectification(), input);
        return name + "-relu";
    }
}
