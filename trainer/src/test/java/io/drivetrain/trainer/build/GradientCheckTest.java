package io.drivetrain.trainer.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.NativeThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The gradients that training uses (single precision, oneDNN, our layers) against finite differences of the loss of the
 * same network in double precision built from Deeplearning4j's layers, which share no code with ours.
 */
class GradientCheckTest {
    private static final int BATCH = 5;
    private static final int SAMPLED_WEIGHTS = 8;
    private static final double STEP = 1e-6;
    private static final NetworkSpec SPEC = new NetworkSpec("lenet", 3, 16, 16, 3, 11, 1e-3);

    @BeforeEach
    void startNativeCode() throws BackendException {
        NativeBackend.start(0);
    }

    @ParameterizedTest(name = "kernel {0}, stride {1}, bias {2}")
    @CsvSource({
        "1, 1, true",
        "1, 2, false",
        "3, 1, true",
        "3, 1, false",
        "3, 2, true",
        "5, 1, true",
        "5, 2, true",
        "7, 2, false"
    })
    void convolutionAgreesWithFiniteDifferences(int kernel, int stride, boolean bias) {
        assertGradientsAgree(family -> twoConvolutions(family, kernel, stride, bias));
    }

    @ParameterizedTest(name = "{0} x {1} pixels, kernel {2}, stride {3}")
    @CsvSource({"16, 16, 7, 2", "17, 21, 5, 2", "19, 16, 5, 3", "16, 17, 3, 1", "17, 16, 1, 2"})
    void convolutionOfDataHasTheGradientOfAnyOther(int height, int width, int kernel, int stride) {
        NetworkSpec spec = new NetworkSpec("lenet", 3, height, width, 3, 11, 1e-3);
        ComputationGraph general = oneConvolution(spec, LayerFamily.DIRECT.convolution(6, kernel, stride, true));
        ComputationGraph ofData = oneConvolution(spec, LayerFamily.DIRECT.convolutionOfData(6, kernel, stride, true));
        // As it comes back from a saved model.
        ComputationGraph restored = new ComputationGraph(
                ComputationGraphConfiguration.fromJson(ofData.getConfiguration().toJson()));
        restored.init();
        INDArray pixels = noise(new long[] {BATCH, 3, height, width}, new Random(5));
        INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, spec.classes());
        labels.getColumn(1).assign(1);
        for (ComputationGraph graph : List.of(general, ofData, restored)) {
            graph.setInputs(pixels);
            graph.setLabels(labels);
            graph.computeGradientAndScore();
        }

        assertThat(((DirectConvolution) restored.getLayer("first").conf().getLayer()).isOfData())
                .isTrue();
        for (String name : List.of("first_W", "first_b")) {
            float[] expected =
                    general.gradient().getGradientFor(name).dup().data().asFloat();
            for (ComputationGraph graph : List.of(ofData, restored)) {
                assertThat(graph.gradient().getGradientFor(name).dup().data().asFloat())
                        .as(name)
                        .containsExactly(expected, within(1e-4f));
            }
        }
    }

    private static ComputationGraph oneConvolution(NetworkSpec spec, ConvolutionLayer convolution) {
        var builder = Recipes.begin(spec);
        builder.addLayer("first", convolution, Recipes.INPUT);
        ComputationGraph graph = new ComputationGraph(Recipes.classify(builder, spec, "first"));
        graph.init();
        return graph;
    }

    @Test
    void leNetAgreesWithFiniteDifferences() {
        assertGradientsAgree(family -> new LeNet().describe(SPEC, family));
    }

    @ParameterizedTest(name = "stride {0}")
    @CsvSource({"1", "2"})
    void residualBlockAgreesWithFiniteDifferences(int stride) {
        assertGradientsAgree(family -> {
            var graph = Recipes.begin(SPEC);
            graph.addLayer("stem", family.convolutionOf(Recipes.INPUT, 6, 3, 1, false), Recipes.INPUT);
            String last = Residual.Block.BASIC.add(graph, "block", "stem", family, 6, stride == 1 ? 6 : 8, stride);
            return Recipes.classify(graph, SPEC, last);
        });
    }

    @ParameterizedTest(name = "{0} images, {1} threads")
    @CsvSource({"1, 1", "5, 1", "5, 2", "7, 3"})
    void normalisationAgreesWithThatOfDeeplearning4j(int images, int threads) {
        NativeThreads.use(threads);
        ComputationGraph ours = new ComputationGraph(normalised(LayerFamily.DIRECT));
        ours.init();
        ComputationGraph plain = new ComputationGraph(normalised(LayerFamily.PLAIN));
        plain.init();
        plain.setParams(ours.params());
        Random random = new Random(5);
        // Far from 0, where a careless variance loses its digits.
        INDArray pixels = noise(new long[] {images, 3, 16, 16}, random).addi(100);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, images, SPEC.classes());
        for (int i = 0; i < images; i++) {
            labels.putScalar(i, i % SPEC.classes(), 1);
        }

        for (ComputationGraph graph : List.of(ours, plain)) {
            graph.setInputs(pixels);
            graph.setLabels(labels);
            graph.computeGradientAndScore();
        }

        // Those of the running statistics are how far they move.
        assertThat(plain.gradient().gradientForVariable()).containsKeys("norm_mean", "norm_log10stdev");
        plain.gradient()
                .gradientForVariable()
                .forEach((name, gradient) -> assertThat(ours.gradient()
                                .getGradientFor(name)
                                .dup()
                                .data()
                                .asFloat())
                        .as(name)
                        .containsExactly(gradient.dup().data().asFloat(), within(2e-3f)));
        assertThat(ours.outputSingle(pixels).data().asFloat())
                .containsExactly(plain.outputSingle(pixels).data().asFloat(), within(2e-3f));
    }

    private static ComputationGraphConfiguration normalised(LayerFamily family) {
        var graph = Recipes.begin(SPEC);
        graph.addLayer("norm", family.normalization(), Recipes.INPUT);
        return Recipes.classify(graph, SPEC, Recipes.dense(graph, "dense", "norm", family, 4));
    }

    @Test
    void normalisationGivesTheSameBitsOnAnyNumberOfThreads() {
        float[] one = gammaGradient(1);
        assertThat(gammaGradient(2)).isEqualTo(one);
        assertThat(gammaGradient(3)).isEqualTo(one);
    }

    private static float[] gammaGradient(int threads) {
        NativeThreads.use(1);
        ComputationGraph graph = new ComputationGraph(normalised(LayerFamily.DIRECT));
        graph.init();
        INDArray pixels = noise(new long[] {7, 3, 16, 16}, new Random(5));
        INDArray labels = Nd4j.zeros(DataType.FLOAT, 7, SPEC.classes());
        labels.getColumn(0).assign(1);
        NativeThreads.use(threads);
        graph.setInputs(pixels);
        graph.setLabels(labels);
        graph.computeGradientAndScore();
        return graph.gradient().getGradientFor("norm_gamma").dup().data().asFloat();
    }

    @ParameterizedTest(name = "stride {0}, {1} channels in")
    @CsvSource({"1, 12", "1, 6", "2, 12"})
    void bottleneckBlockAgreesWithFiniteDifferences(int stride, int inputs) {
        assertGradientsAgree(family -> {
            var graph = Recipes.begin(SPEC);
            graph.addLayer("stem", family.convolutionOf(Recipes.INPUT, inputs, 3, 1, false), Recipes.INPUT);
            String last = Residual.Block.BOTTLENECK.add(graph, "block", "stem", family, inputs, 3, stride);
            return Recipes.classify(graph, SPEC, last);
        });
    }

    @Test
    void denseNetworkAgreesWithFiniteDifferences() {
        assertGradientsAgree(spec("dense", List.of(), 1));
    }

    @Test
    void multiInputNetworkAgreesWithFiniteDifferences() {
        assertGradientsAgree(spec("multi-input", List.of("speed", "yaw-rate", "brake"), 1));
    }

    @ParameterizedTest(name = "{0} frames")
    @ValueSource(ints = {1, 4})
    void lstmOverFramesAgreesWithFiniteDifferences(int length) {
        assertGradientsAgree(spec("lstm", List.of(), length));
    }

    @ParameterizedTest(name = "{0} time steps")
    @ValueSource(ints = {1, 7})
    void lstmOverTelemetryAgreesWithFiniteDifferences(int length) {
        assertGradientsAgree(spec("lstm", List.of("speed", "yaw-rate", "brake"), length));
    }

    private static NetworkSpec spec(String name, List<String> telemetry, int sequenceLength) {
        return new NetworkSpec(name, 3, 16, 16, 3, 11, 1e-3, telemetry, sequenceLength, 0, 0);
    }

    /** The second one checks the gradient at the input of the first. */
    private static ComputationGraphConfiguration twoConvolutions(
            LayerFamily family, int kernel, int stride, boolean bias) {
        var graph = Recipes.begin(SPEC);
        graph.addLayer("first", family.convolutionOf(Recipes.INPUT, 6, kernel, stride, bias), Recipes.INPUT);
        graph.addLayer(
                "relu", new ActivationLayer.Builder().activation(family.relu()).build(), "first");
        graph.addLayer("second", family.convolution(7, kernel, stride, bias), "relu");
        return Recipes.classify(graph, SPEC, "second");
    }

    private interface Recipe {
        ComputationGraphConfiguration describe(LayerFamily family);
    }

    private static void assertGradientsAgree(NetworkSpec spec) {
        assertGradientsAgree(spec, family -> Networks.describe(spec, family));
    }

    private static void assertGradientsAgree(Recipe recipe) {
        assertGradientsAgree(SPEC, recipe);
    }

    private static void assertGradientsAgree(NetworkSpec spec, Recipe recipe) {
        ComputationGraph ours = new ComputationGraph(recipe.describe(LayerFamily.DIRECT));
        ours.init();
        ComputationGraph reference = new ComputationGraph(recipe.describe(LayerFamily.PLAIN));
        reference.init();
        reference = reference.convertDataType(DataType.DOUBLE);
        reference.setParams(ours.params().castTo(DataType.DOUBLE));

        Random random = new Random(5);
        INDArray[] inputs = Networks.inputs(spec).stream()
                .map(input -> noise(input.shape(spec, BATCH), random))
                .toArray(INDArray[]::new);
        INDArray labels = Nd4j.create(DataType.FLOAT, BATCH, SPEC.classes());
        for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, i % SPEC.classes(), 1);
        }

        ours.setInputs(inputs);
        ours.setLabels(labels);
        ours.computeGradientAndScore();
        // Differences of so small a network take longer on several threads than on one.
        NativeThreads.use(1);
        INDArray[] exactInputs =
                Stream.of(inputs).map(input -> input.castTo(DataType.DOUBLE)).toArray(INDArray[]::new);
        INDArray exactLabels = labels.castTo(DataType.DOUBLE);
        int compared = 0;
        for (Map.Entry<String, INDArray> entry : reference.paramTable().entrySet()) {
            if (isRunningStatistic(entry.getKey())) {
                continue;
            }
            INDArray weights = entry.getValue();
            INDArray gradient = ours.gradient().getGradientFor(entry.getKey());
            List<Double> expected = new ArrayList<>();
            List<Double> actual = new ArrayList<>();
            for (long index : sampled(weights.length(), random)) {
                double weight = weights.getDouble(index);
                weights.putScalar(index, weight + STEP);
                double above = loss(reference, exactInputs, exactLabels);
                weights.putScalar(index, weight - STEP);
                double below = loss(reference, exactInputs, exactLabels);
                weights.putScalar(index, weight);
                expected.add((above - below) / (2 * STEP));
                actual.add(gradient.getDouble(index) / BATCH);
            }
            double scale = expected.stream().mapToDouble(Math::abs).max().orElse(0);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i))
                        .as("gradient of weight %s in %s", i, entry.getKey())
                        .isCloseTo(expected.get(i), within(1e-3 * scale + 2e-6));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(20);
    }

    private static INDArray noise(long[] shape, Random random) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    /** With batch statistics, as in training. */
    private static double loss(ComputationGraph graph, INDArray[] inputs, INDArray labels) {
        return graph.score(new MultiDataSet(inputs, new INDArray[] {labels}), true);
    }

    private static boolean isRunningStatistic(String weights) {
        return Stream.of("_mean", "_var", "_log10stdev").anyMatch(weights::endsWith);
    }

    private static long[] sampled(long length, Random random) {
        return random.longs(SAMPLED_WEIGHTS, 0, length).distinct().toArray();
    }
}
