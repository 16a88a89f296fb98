package io.drivetrain.trainer.fit;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights of networks, layer by layer. */
final class LayerWeights {
    private LayerWeights() {}

    /**
     * Names of the layers with weights, in the order in which an input passes them; batch normalisation has none of its
     * own here, it belongs to the layer before it.
     */
    static List<String> namesInOrder(ComputationGraph graph) {
        return inOrder(graph).entrySet().stream()
                .filter(layer -> hasWeights(layer.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Whether every layer with parameters of one has the shapes of the other's layer of that name, the output layers
     * apart; dropout and other layers without parameters may differ.
     */
    static boolean sameShapesButOutput(ComputationGraph one, ComputationGraph other) {
        Map<String, Layer> ones = withParameters(one);
        Map<String, Layer> others = withParameters(other);
        List<String> outputs = other.getConfiguration().getNetworkOutputs();
        return ones.keySet().equals(others.keySet())
                && ones.keySet().stream()
                        .filter(name -> !outputs.contains(name))
                        .allMatch(name -> sameShapes(ones.get(name), others.get(name)));
    }

    /** Copies the weights and statistics of every layer that has the same shapes in both; others stay as they are. */
    static void copy(ComputationGraph from, ComputationGraph to) {
        Map<String, Layer> sources = withParameters(from);
        withParameters(to).forEach((name, layer) -> {
            if (sameShapes(sources.get(name), layer)) {
                layer.setParams(sources.get(name).params().dup());
            }
        });
    }

    /**
     * A copy in which everything before the layer with weights number {@code layers}, from 0, keeps its weights and
     * statistics and works in evaluation mode.
     */
    static ComputationGraph frozen(ComputationGraph graph, int layers) {
        ComputationGraph copy = new TransferLearning.GraphBuilder(graph)
                .setFeatureExtractor(before(graph, layers).toArray(String[]::new))
                .build();
        copy(graph, copy);
        return copy;
    }

    /**
     * Names of all layers that an input passes before the layer with weights number {@code layers}, from 0, and of those
     * before the batch normalisation of the last of them, between which the convolution of a shortcut may lie.
     */
    static List<String> before(ComputationGraph graph, int layers) {
        Map<String, Layer> inOrder = inOrder(graph);
        List<String> all = List.copyOf(inOrder.keySet());
        int end = 0;
        int withWeights = 0;
        for (Map.Entry<String, Layer> layer : inOrder.entrySet()) {
            withWeights += hasWeights(layer.getValue()) ? 1 : 0;
            if (withWeights > layers) {
                break;
            }
            end++;
        }
        // Statistics of a layer that stands still must not move, and Deeplearning4j ends the backward pass at the last
        // frozen layer, so all that come before it must be frozen, too.
        for (int i = end; i < all.size(); i++) {
            if (isNormalisation(inOrder.get(all.get(i)))
                    && all.subList(0, end)
                            .containsAll(
                                    graph.getConfiguration().getVertexInputs().get(all.get(i)))) {
                end = i + 1;
            }
        }
        return all.subList(0, end);
    }

    private static boolean isNormalisation(Layer layer) {
        return layer.numParams() > 0 && !hasWeights(layer);
    }

    private static Map<String, Layer> inOrder(ComputationGraph graph) {
        Map<String, Layer> layers = new LinkedHashMap<>();
        GraphVertex[] vertices = graph.getVertices();
        for (int index : graph.topologicalSortOrder()) {
            if (vertices[index].hasLayer()) {
                layers.put(vertices[index].getVertexName(), vertices[index].getLayer());
            }
        }
        return layers;
    }

    private static Map<String, Layer> withParameters(ComputationGraph graph) {
        Map<String, Layer> layers = inOrder(graph);
        layers.values().removeIf(layer -> layer.numParams() == 0);
        return layers;
    }

    private static boolean hasWeights(Layer layer) {
        return layer.paramTable().containsKey(DefaultParamInitializer.WEIGHT_KEY);
    }

    private static boolean sameShapes(Layer one, Layer other) {
        Map<String, INDArray> ones = one.paramTable();
        Map<String, INDArray> others = other.paramTable();
        return ones.keySet().equals(others.keySet())
                && ones.keySet().stream()
                        .allMatch(name -> Arrays.equals(
                                ones.get(name).shape(), others.get(name).shape()));
    }
}
