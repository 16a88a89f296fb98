package io.drivetrain.trainer.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NetworksTest {
    private static final List<String> TELEMETRY = List.of("speed", "yaw-rate");

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(0);
    }

    /** Every network, the recurrent one over frames and over telemetry. */
    static List<NetworkSpec> everyNetwork() {
        return List.of(
                spec("dense", List.of(), 0, 0),
                spec("lenet", List.of(), 0, 0),
                spec("lstm", List.of(), 0, 0),
                spec("lstm", TELEMETRY, 0, 0),
                spec("multi-input", TELEMETRY, 0, 0),
                spec("resnet18", List.of(), 0, 0),
                spec("resnet50", List.of(), 0, 0),
                spec("resnet101", List.of(), 0, 0));
    }

    private static NetworkSpec spec(String name, List<String> telemetry, double weightDecay, double dropout) {
        return new NetworkSpec(name, 3, 32, 32, 4, 7, 1e-3, telemetry, 3, weightDecay, dropout);
    }

    private static INDArray[] noise(NetworkSpec spec, int samples) {
        Nd4j.getRandom().setSeed(5);
        return Networks.inputs(spec).stream()
                .map(input -> Nd4j.randn(DataType.FLOAT, input.shape(spec, samples)))
                .toArray(INDArray[]::new);
    }

    @Test
    void everyNameIsTested() {
        assertThat(everyNetwork().stream().map(NetworkSpec::name).distinct())
                .containsExactlyInAnyOrderElementsOf(Networks.names());
    }

    @ParameterizedTest
    @MethodSource("everyNetwork")
    void sameSpecificationGivesTheSameWeights(NetworkSpec spec) {
        ComputationGraph one = Networks.build(spec);
        ComputationGraph two = Networks.build(spec);
        assertThat(one.params()).isEqualTo(two.params());
    }

    @ParameterizedTest
    @MethodSource("everyNetwork")
    void ourLayersComputeWhatPlainLayersCompute(NetworkSpec spec) {
        INDArray[] inputs = noise(spec, 3);
        ComputationGraph direct = Networks.build(spec);
        ComputationGraph plain = Networks.build(spec, LayerFamily.PLAIN);
        INDArray ours = direct.outputSingle(false, inputs);
        INDArray expected = plain.outputSingle(false, inputs);
        assertThat(ours.equalsWithEps(expected, 1e-4))
                .as("%s%n%s", ours, expected)
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("everyNetwork")
    void everySampleGetsProbabilitiesThatDoNotDependOnTheOthers(NetworkSpec spec) {
        ComputationGraph graph = Networks.build(spec);
        INDArray[] inputs = noise(spec, 5);
        INDArray together = graph.outputSingle(false, inputs).dup();
        assertThat(together.shape()).containsExactly(5, 4);
        for (int sample = 0; sample < 5; sample++) {
            INDArray alone = graph.outputSingle(false, sample(inputs, sample));
            assertThat(alone.sumNumber().doubleValue()).isCloseTo(1, within(1e-5));
            for (int label = 0; label < 4; label++) {
                assertThat(alone.getDouble(0, label)).isCloseTo(together.getDouble(sample, label), within(1e-4));
            }
        }
    }

    private static INDArray[] sample(INDArray[] inputs, int sample) {
        return Stream.of(inputs)
                .map(input -> {
                    long[] shape = input.shape().clone();
                    shape[0] = 1;
                    return input.slice(sample).dup('c').reshape('c', shape);
                })
                .toArray(INDArray[]::new);
    }

    /** As torchvision counts, without the running statistics of batch normalisation. */
    @ParameterizedTest
    @CsvSource({"resnet18, 11689512", "resnet50, 25557032", "resnet101, 44549160"})
    void residualNetworksHaveThePublishedNumberOfParameters(String name, long published) {
        ComputationGraph graph = Networks.build(new NetworkSpec(name, 3, 224, 224, 1000, 1, 1e-3));
        long parameters = graph.paramTable().entrySet().stream()
                .filter(entry -> Stream.of("_mean", "_var", "_log10stdev").noneMatch(entry.getKey()::endsWith))
                .mapToLong(entry -> entry.getValue().length())
                .sum();
        assertThat(parameters).isEqualTo(published);
        graph.close();
    }

    @Test
    void layersWithWeightsAreNamedFromTheInputsToTheOutput() {
        assertThat(Networks.layersWithWeights(Networks.build(spec("lenet", List.of(), 0, 0.5))))
                .containsExactly("convolution1", "convolution2", "convolution3", "dense", "classes");
        assertThat(Networks.layersWithWeights(Networks.build(spec("multi-input", TELEMETRY, 0, 0))))
                .hasSize(6)
                .contains("telemetry-features")
                .containsSubsequence("convolution1", "convolution2", "image-features", "dense", "classes");
    }

    @ParameterizedTest
    @CsvSource({"lenet, dense", "dense, dense2", "lstm, lstm", "resnet50, average", "multi-input, dense"})
    void embeddingIsTheLastLayerBeforeTheOutputWithAndWithoutDropout(String name, String layer) {
        assertThat(Networks.embeddingLayer(spec(name, TELEMETRY, 0, 0))).isEqualTo(layer);
        assertThat(Networks.embeddingLayer(spec(name, TELEMETRY, 0, 0.3))).isEqualTo(layer);
    }

    @Test
    void dropoutChangesTrainingAndNotEvaluation() {
        NetworkSpec plain = spec("lenet", List.of(), 0, 0);
        NetworkSpec dropped = spec("lenet", List.of(), 0, 0.5);
        INDArray[] inputs = noise(plain, 8);
        ComputationGraph without = Networks.build(plain);
        ComputationGraph with = Networks.build(dropped);
        assertThat(with.outputSingle(false, inputs)).isEqualTo(without.outputSingle(false, inputs));
        assertThat(with.outputSingle(true, inputs)).isNotEqualTo(with.outputSingle(true, inputs));
        assertThat(without.outputSingle(true, inputs)).isEqualTo(without.outputSingle(true, inputs));
    }

    /** Adam takes the same step with and without, so that the difference is the decay alone. */
    @ParameterizedTest
    @ValueSource(strings = {"lenet", "lstm", "resnet18"})
    void weightDecayTakesItsShareOfEveryWeightAndLeavesTheRestAlone(String name) {
        NetworkSpec plain = spec(name, List.of(), 0, 0);
        NetworkSpec decayed = spec(name, List.of(), 10, 0);
        INDArray[] inputs = noise(plain, 4);
        INDArray[] labels = {Nd4j.eye(4).castTo(DataType.FLOAT)};
        ComputationGraph without = Networks.build(plain);
        ComputationGraph with = Networks.build(decayed);
        Map<String, INDArray> before = new TreeMap<>();
        without.paramTable().forEach((key, weights) -> before.put(key, weights.dup()));
        without.fit(inputs, labels);
        with.fit(inputs, labels);
        before.forEach((key, initial) -> {
            boolean decays = key.endsWith("_W") || key.endsWith("_RW");
            INDArray expected = without.getParam(key);
            if (decays) {
                expected = expected.sub(initial.mul(10 * decayed.learningRate()));
            }
            assertThat(with.getParam(key).equalsWithEps(expected, 1e-6))
                    .as(
                            "%s differs by %s",
                            key, with.getParam(key).sub(expected).amaxNumber())
                    .isTrue();
            assertThat(decays).as(key).isEqualTo(!with.getParam(key).equals(without.getParam(key)));
        });
    }

    @Test
    void multiInputWithoutTelemetryIsRefused() {
        assertThatThrownBy(() -> spec("multi-input", List.of(), 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "multi-input reads telemetry beside the image; name at least one number of the car in training.telemetry");
    }

    @Test
    void regularisationOutsideItsRangeIsRefused() {
        assertThatThrownBy(() -> spec("lenet", List.of(), -0.1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("improve.weight-decay is -0.1; it must be a number from 0");
        assertThatThrownBy(() -> spec("lenet", List.of(), 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("improve.dropout is 1.0; it must be from 0 to below 1");
    }

    @Test
    void differentSeedsGiveDifferentWeights() {
        ComputationGraph one = Networks.build(new NetworkSpec("lenet", 3, 32, 32, 2, 1, 1e-3));
        ComputationGraph two = Networks.build(new NetworkSpec("lenet", 3, 32, 32, 2, 2, 1e-3));
        assertThat(one.params()).isNotEqualTo(two.params());
    }

    @Test
    void smallestInputOfTheAdmissionRulesFitsLeNet() {
        ComputationGraph graph = Networks.build(new NetworkSpec("lenet", 1, 16, 16, 2, 1, 1e-3));
        assertThat(graph.outputSingle(false, Nd4j.zeros(DataType.FLOAT, 1, 1, 16, 16))
                        .columns())
                .isEqualTo(2);
    }

    @Test
    void unknownNetworkIsRefusedWithTheKnownNames() {
        assertThatThrownBy(() -> new NetworkSpec("lenet5", 3, 64, 64, 2, 1, 1e-3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Unknown network 'lenet5'; training.network must be one of [dense, lenet, lstm, multi-input, resnet101, resnet18, resnet50]");
    }

    @Test
    void inputTooSmallForTheNetworkIsRefused() {
        assertThatThrownBy(() -> new NetworkSpec("lenet", 3, 8, 64, 2, 1, 1e-3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "lenet needs inputs of at least 16×16 pixels, got 8×64; raise image.height and image.width");
    }

    @Test
    void oneClassIsRefused() {
        assertThatThrownBy(() -> new NetworkSpec("lenet", 3, 64, 64, 1, 1, 1e-3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a classifier needs at least 2");
    }
}
