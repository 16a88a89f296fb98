package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** The network that a fit begins with, or the sentence that says why it cannot begin. */
sealed interface StartingPoint {
    /** @param origin SHA-256 of the weights of the warm start; empty for fresh weights */
    record Ready(ComputationGraph graph, Normalisation normalisation, Optional<String> origin)
            implements StartingPoint {}

    record Impossible(String reason) implements StartingPoint {}

    static StartingPoint of(FitRequest request) {
        return request.warmStart()
                .map(folder -> warm(folder, Networks.build(request.network()), request))
                .orElseGet(() -> fresh(request));
    }

    /** Random weights take one core and as long as reading the pixels does on the other. */
    private static Ready fresh(FitRequest request) {
        CompletableFuture<Normalisation> statistics =
                CompletableFuture.supplyAsync(() -> Normalisation.of(request.train()));
        ComputationGraph graph = Networks.build(request.network());
        try {
            return new Ready(graph, statistics.join(), Optional.empty());
        } catch (CompletionException e) {
            graph.close();
            // What the caller would see without threads.
            throw e.getCause() instanceof RuntimeException unchecked ? unchecked : e;
        }
    }

    private static StartingPoint warm(Path folder, ComputationGraph graph, FitRequest request) {
        NetworkSpec network = request.network();
        try (FittedModel model = FittedModel.load(folder)) {
            if (!LayerWeights.sameShapesButOutput(model.graph(), graph)) {
                return new Impossible(
                        "The model in %s is %s for inputs of %d×%d×%d, the training wants %s for %d×%d×%d; set training.network, image.width and image.height to the model's, or remove improve.warm-start"
                                .formatted(
                                        folder,
                                        model.network().name(),
                                        model.network().channels(),
                                        model.network().height(),
                                        model.network().width(),
                                        network.name(),
                                        network.channels(),
                                        network.height(),
                                        network.width()));
            }
            if (network.readsTelemetry()
                    && !network.telemetry().equals(model.network().telemetry())) {
                return new Impossible(
                        "The model in %s reads the telemetry %s, the training wants %s; set training.telemetry to the model's, or remove improve.warm-start"
                                .formatted(folder, model.network().telemetry(), network.telemetry()));
            }
            LayerWeights.copy(model.graph(), graph);
            int freeze = request.settings().freeze();
            int layers = LayerWeights.namesInOrder(graph).size();
            if (freeze >= layers) {
                return new Impossible(
                        "improve.freeze is %d, and %s has %d layers with weights; leave at least one to be fitted"
                                .formatted(freeze, network.name(), layers));
            }
            return new Ready(
                    freeze == 0 ? graph : LayerWeights.frozen(graph, freeze),
                    model.normalisation(),
                    Optional.of(model.weightsSha256()));
        } catch (IOException e) {
            return new Impossible("Cannot begin with the model in %s: %s; choose another improve.warm-start"
                    .formatted(folder, e.getMessage()));
        }
    }
}
