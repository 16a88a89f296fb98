package io.drivetrain.trainer.build;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;

/** The image and the car's telemetry, each made a small vector, side by side into a dense layer. */
final class MultiInput implements NetworkRecipe {
    @Override
    public int smallestInput() {
        return 16;
    }

    @Override
    public List<NetworkInput> inputs(NetworkSpec spec) {
        return List.of(NetworkInput.PIXELS, NetworkInput.TELEMETRY);
    }

    @Override
    public boolean needsTelemetry() {
        return true;
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        var graph = Recipes.begin(spec, inputs(spec));
        String image = Recipes.encodeImage(graph, Recipes.INPUT, spec, layers, 32);
        String telemetry = Recipes.dense(graph, "telemetry-features", NetworkInput.TELEMETRY.inputName(), layers, 16);
        graph.addVertex("features", new MergeVertex(), image, telemetry);
        return Recipes.classify(graph, spec, Recipes.dense(graph, "dense", "features", layers, 64));
    }
}
