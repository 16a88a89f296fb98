package io.drivetrain.trainer.build;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The networks that can be trained, by the name that {@code training.network} gives. */
public final class Networks {
    private static final Map<String, NetworkRecipe> RECIPES =
            new TreeMap<>(Map.of("lenet", new LeNet(), "resnet18", new ResNet18()));

    private Networks() {}

    /** Known names, in alphabetical order. */
    public static List<String> names() {
        return List.copyOf(RECIPES.keySet());
    }

    /** Fewest rows and columns that a network takes. */
    static int smallestInput(String name) {
        return RECIPES.get(name).smallestInput();
    }

    /** A network with fresh weights, a function of the specification alone. */
    public static ComputationGraph build(NetworkSpec spec) {
        return build(spec, LayerFamily.DIRECT);
    }

    /** The same network with layers of the given family. */
    public static ComputationGraph build(NetworkSpec spec, LayerFamily layers) {
        ComputationGraph graph = new ComputationGraph(RECIPES.get(spec.name()).describe(spec, layers));
        graph.init();
        return graph;
    }
}
