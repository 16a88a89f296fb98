package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every network learns a small task that is made for it, and what it learned survives being saved. */
class NetworksLearnTest {
    private static final List<String> SPEED = List.of("speed");

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    private static NetworkSpec network(String name, List<String> telemetry, int sequenceLength, double learningRate) {
        return new NetworkSpec(
                name, 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, learningRate, telemetry, sequenceLength, 0, 0);
    }

    private static FittedModel fit(NetworkSpec network, SampleStore train, SampleStore trainDev, int epochs)
            throws InterruptedException {
        FitSettings settings = new FitSettings(epochs, epochs, 32, 5, 2);
        FitOutcome outcome = new Fitter().fit(new FitRequest(train, trainDev, network, settings), progress -> {});
        assertThat(outcome).isInstanceOf(FitOutcome.Fitted.class);
        return ((FitOutcome.Fitted) outcome).model();
    }

    private static double error(FittedModel model, SampleStore store) throws InterruptedException {
        int[] predicted = model.predict(store);
        int wrong = 0;
        for (int i = 0; i < predicted.length; i++) {
            wrong += predicted[i] == store.label(i) ? 0 : 1;
        }
        return (double) wrong / predicted.length;
    }

    @Test
    void multiInputLearnsWhatTakesImageAndTelemetryTogether() throws InterruptedException {
        Drives train = Drives.ofSquareOrTelemetry(1500, 1);
        Drives trainDev = Drives.ofSquareOrTelemetry(200, 3);
        Drives unseen = Drives.ofSquareOrTelemetry(200, 5);
        try (FittedModel both = fit(network("multi-input", SPEED, 1, 1e-3), train, trainDev, 12);
                FittedModel imageAlone = fit(network("lenet", List.of(), 1, 1e-3), train, trainDev, 2)) {
            assertThat(error(both, unseen)).isLessThan(0.15);
            assertThat(error(imageAlone, unseen)).isGreaterThan(0.35);
        }
    }

    @Test
    void lstmLearnsTheOrderOfTelemetry() throws InterruptedException {
        Drives train = Drives.ofRisingTelemetry(1500, 1);
        Drives trainDev = Drives.ofRisingTelemetry(200, 3);
        Drives unseen = Drives.ofRisingTelemetry(200, 5);
        try (FittedModel threeFrames = fit(network("lstm", SPEED, 3, 1e-2), train, trainDev, 8);
                FittedModel oneFrame = fit(network("lstm", SPEED, 1, 1e-2), train, trainDev, 2)) {
            assertThat(error(threeFrames, unseen)).isLessThan(0.1);
            assertThat(error(oneFrame, unseen)).isGreaterThan(0.35);
        }
    }

    @Test
    void lstmLearnsTheOrderOfFrames() throws InterruptedException {
        Drives train = Drives.ofCrossingSquares(1000, 1);
        Drives trainDev = Drives.ofCrossingSquares(200, 3);
        Drives unseen = Drives.ofCrossingSquares(200, 5);
        try (FittedModel twoFrames = fit(network("lstm", List.of(), 2, 1e-3), train, trainDev, 10)) {
            assertThat(error(twoFrames, unseen)).isLessThan(0.1);
        }
    }

    @Test
    void denseNetworkLearnsWhereTheSquareIs() throws InterruptedException {
        BrightSquares train = BrightSquares.of(1000, 1);
        try (FittedModel model = fit(network("dense", List.of(), 1, 1e-3), train, BrightSquares.of(200, 2), 10)) {
            assertThat(error(model, train)).isLessThan(0.05);
            assertThat(error(model, BrightSquares.of(200, 3))).isLessThan(0.3);
        }
    }

    @Test
    void savedNetworksOfEveryInputGiveTheSameBitsAfterLoading(@TempDir Path directory)
            throws InterruptedException, IOException {
        Drives train = Drives.ofSquareOrTelemetry(64, 1);
        for (NetworkSpec network : List.of(
                network("dense", List.of(), 1, 1e-3),
                network("multi-input", SPEED, 1, 1e-3),
                network("lstm", SPEED, 3, 1e-3),
                network("lstm", List.of(), 3, 1e-3),
                network("resnet50", List.of(), 1, 1e-3))) {
            Path folder = directory.resolve(network.name() + network.telemetry().size());
            try (FittedModel model = fit(network, train, train, 1)) {
                model.save(folder);
                try (FittedModel loaded = FittedModel.load(folder)) {
                    assertThat(loaded.network()).isEqualTo(network);
                    assertThat(loaded.normalisation()).isEqualTo(model.normalisation());
                    assertThat(loaded.weightsSha256()).isEqualTo(model.weightsSha256());
                    assertThat(loaded.probabilities(train)).isDeepEqualTo(model.probabilities(train));
                }
            }
        }
    }

    @Test
    void sameRequestGivesTheSameBitsForSequencesAndTelemetry() throws InterruptedException {
        Drives train = Drives.ofSquareOrTelemetry(96, 1);
        for (NetworkSpec network : List.of(
                network("multi-input", SPEED, 1, 1e-3),
                network("lstm", SPEED, 3, 1e-3),
                network("lstm", List.of(), 3, 1e-3))) {
            try (FittedModel one = fit(network, train, train, 2);
                    FittedModel two = fit(network, train, train, 2)) {
                assertThat(one.weightsSha256()).isEqualTo(two.weightsSha256());
            }
        }
    }

    @Test
    void outputLayerMakesTheProbabilitiesOfTheEmbeddings(@TempDir Path directory)
            throws InterruptedException, IOException {
        Drives train = Drives.ofSquareOrTelemetry(200, 1);
        NetworkSpec withDropout =
                new NetworkSpec("multi-input", 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3, SPEED, 1, 0, 0.5);
        for (NetworkSpec network : List.of(network("lstm", List.of(), 3, 1e-3), withDropout)) {
            try (FittedModel model = fit(network, train, train, 1)) {
                float[][] embeddings =
                        model.embeddings(train, IntStream.range(0, train.size()).toArray());
                assertThat(embeddings).hasDimensions(200, 64);
                model.save(directory);
                ComputationGraph graph = ModelSerializer.restoreComputationGraph(
                        directory.resolve("model.zip").toFile(), false);
                Layer output = graph.getLayer("classes");
                float[][] probabilities = model.probabilities(train);
                for (int i = 0; i < 200; i++) {
                    double logit = logit(output, embeddings[i], 1) - logit(output, embeddings[i], 0);
                    assertThat((double) probabilities[i][1]).isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-5));
                }
                graph.close();
            }
        }
    }

    private static double logit(Layer output, float[] embedding, int label) {
        double sum = output.getParam("b").getDouble(label);
        for (int k = 0; k < embedding.length; k++) {
            sum += embedding[k] * output.getParam("W").getDouble(k, label);
        }
        return sum;
    }

    @Test
    void samplesWithoutTheTelemetryOfTheNetworkAreRefused() throws InterruptedException {
        Drives train = Drives.ofSquareOrTelemetry(64, 1);
        try (FittedModel model = fit(network("multi-input", SPEED, 1, 1e-3), train, train, 1)) {
            assertThatThrownBy(() -> model.probabilities(BrightSquares.of(10, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Cannot apply multi-input, which reads the telemetry [speed], to samples with 0 numbers of telemetry");
        }
    }
}
