package io.drivetrain.trainer.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;

/** The networks that can be trained, by the name that {@code training.network} gives. */
public final class Networks {
    private static final Map<String, NetworkRecipe> RECIPES = new TreeMap<>(Map.of(
            "dense", new Dense(),
            "lenet", new LeNet(),
            "lstm", new Lstm(),
            "multi-input", new MultiInput(),
            "resnet18", new ResNet18(),
            "resnet50", new ResNet50(),
            "resnet101", new ResNet101()));

    private Networks() {}

    /** Known names, in alphabetical order. */
    public static List<String> names() {
        return List.copyOf(RECIPES.keySet());
    }

    /** Fewest rows and columns that a network takes. */
    public static int smallestInput(String name) {
        return RECIPES.get(name).smallestInput();
    }

    static boolean needsTelemetry(String name) {
        return RECIPES.get(name).needsTelemetry();
    }

    /** What a network reads of each sample, in the order of its graph's inputs. */
    public static List<NetworkInput> inputs(NetworkSpec spec) {
        return RECIPES.get(spec.name()).inputs(spec);
    }

    /** A network with fresh weights, a function of the specification alone. */
    public static ComputationGraph build(NetworkSpec spec) {
        return build(spec, LayerFamily.DIRECT);
    }

    /** The same network with layers of the given family. */
    public static ComputationGraph build(NetworkSpec spec, LayerFamily layers) {
        ComputationGraph graph = new ComputationGraph(describe(spec, layers));
        graph.init();
        return graph;
    }

    static ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        return RECIPES.get(spec.name()).describe(spec, layers);
    }

    /** Names of the layers that have weights, batch normalisation among them, from the inputs to the output. */
    public static List<String> layersWithWeights(ComputationGraph graph) {
        List<String> names = new ArrayList<>();
        GraphVertex[] vertices = graph.getVertices();
        for (int position : graph.topologicalSortOrder()) {
            GraphVertex vertex = vertices[position];
            if (vertex.hasLayer() && vertex.getLayer().numParams() > 0) {
                names.add(vertex.getVertexName());
            }
        }
        return names;
    }

    /** Name of the last layer before the output layer: its values are a network's description of a sample. */
    public static String embeddingLayer(NetworkSpec spec) {
        Map<String, List<String>> inputs = describe(spec, LayerFamily.DIRECT).getVertexInputs();
        String last = inputs.get(Recipes.OUTPUT).get(0);
        return last.equals(Recipes.DROPOUT) ? inputs.get(last).get(0) : last;
    }
}
