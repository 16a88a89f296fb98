package io.drivetrain.trainer.build;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;

/**
 * One hidden layer of long short-term memory (Hochreiter and Schmidhuber, 1997; forget gates that begin open), whose
 * output after the labelled frame is classified. It reads the drive's telemetry where telemetry is named, else its
 * frames, each encoded by the same small convolutional network.
 */
final class Lstm implements NetworkRecipe {
    private static final int HIDDEN = 64;
    private static final int FRAME_FEATURES = 64;

    @Override
    public int smallestInput() {
        return 16;
    }

    @Override
    public List<NetworkInput> inputs(NetworkSpec spec) {
        return List.of(spec.telemetry().isEmpty() ? NetworkInput.FRAMES : NetworkInput.TELEMETRY_SEQUENCE);
    }

    @Override
    public ComputationGraphConfiguration describe(NetworkSpec spec, LayerFamily layers) {
        var graph = Recipes.begin(spec, inputs(spec));
        LSTM memory = new LSTM.Builder()
                .nOut(HIDDEN)
                .activation(Activation.TANH)
                .gateActivationFunction(Activation.SIGMOID)
                .weightInit(WeightInit.XAVIER)
                .forgetGateBiasInit(1)
                .build();
        if (spec.telemetry().isEmpty()) {
            graph.addVertex(
                    "images",
                    new ReshapeVertex(-1, spec.channels(), spec.height(), spec.width()),
                    NetworkInput.FRAMES.inputName());
            String features = Recipes.encodeImage(graph, "images", spec, layers, FRAME_FEATURES);
            graph.addLayer("lstm", new LastTimeStep(memory), new FramesInTime(spec.sequenceLength()), features);
        } else {
            graph.addLayer("lstm", new LastTimeStep(memory), NetworkInput.TELEMETRY_SEQUENCE.inputName());
        }
        return Recipes.classify(graph, spec, "lstm");
    }
}
