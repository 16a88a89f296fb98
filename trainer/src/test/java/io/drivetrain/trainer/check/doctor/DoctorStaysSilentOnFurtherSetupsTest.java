package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Set-ups that are unusual and meant so. */
class DoctorStaysSilentOnFurtherSetupsTest {
    private static final Signs.Kind PLAIN = Ward.PLAIN;

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    private static Patient stored(String network, Ward.Stored stored) {
        return Ward.of(network, PLAIN, 240, 120, stored);
    }

    private static Patient plain(String network, Signs.Kind kind, int train, int other) {
        return Ward.of(network, kind, train, other, Ward.Stored.asDrawn());
    }

    static Stream<Arguments> furtherSetups() {
        return Stream.of(
                healthy(
                        "grey images of 16×16",
                        () -> plain("lenet", PLAIN.channels(1).grey(true).size(16, 16), 240, 120)),
                healthy(
                        "images of 48×96 in four channels",
                        () -> plain("lenet", PLAIN.channels(4).size(48, 96), 200, 100)),
                healthy(
                        "two classes, 95 to 5, lstm",
                        () -> plain("lstm", PLAIN.classes(2).rare(0.1), 400, 200)),
                healthy("twenty-four samples of train and twelve of the others", () -> plain("lenet", PLAIN, 24, 12)),
                healthy("one drive in each split", () -> plain("lenet", PLAIN.framesOfDrive(240), 240, 120)),
                healthy("lstm over telemetry", () -> plain("lstm-telemetry", PLAIN, 240, 120)),
                healthy(
                        "lstm over telemetry, drives of one frame",
                        () -> plain("lstm-telemetry", PLAIN.framesOfDrive(1), 240, 120)),
                healthy(
                        "night in test-dev only",
                        () -> stored(
                                "lenet",
                                Ward.Stored.in(
                                        "test-dev",
                                        signs -> signs.withPixels((levels, sample, channel, y, x) ->
                                                0.15 * levels[signs.at(channel, y, x)])))),
                healthy(
                        "rain in test-dev: less contrast, and blurred",
                        () -> stored(
                                "lenet",
                                Ward.Stored.in(
                                        "test-dev",
                                        signs -> signs.withPixels((levels, sample, channel, y, x) -> 40
                                                + 0.6
                                                        / 5
                                                        * (levels[signs.at(channel, y, x)]
                                                                + levels[signs.at(channel, y - 1, x)]
                                                                + levels[signs.at(channel, y + 1, x)]
                                                                + levels[signs.at(channel, y, x - 1)]
                                                                + levels[signs.at(channel, y, x + 1)]))))),
                healthy(
                        "a bonnet at the bottom of every image",
                        () -> stored(
                                "lenet",
                                (split, signs) -> signs.withPixels((levels, sample, channel, y, x) ->
                                        y > 16 ? 25 : levels[signs.at(channel, y, x)]))),
                healthy(
                        "a clock in the corner of every image",
                        () -> stored(
                                "lenet",
                                (split, signs) -> signs.withPixels((levels, sample, channel, y, x) -> y < 3 && x < 10
                                        ? x * (sample + 5) % 7 < 3 ? 255 : 0
                                        : levels[signs.at(channel, y, x)]))),
                healthy(
                        "train sorted by class",
                        () -> stored(
                                "lenet",
                                Ward.Stored.in(
                                        "train",
                                        signs -> signs.inOrder(IntStream.range(0, signs.size())
                                                .boxed()
                                                .sorted(java.util.Comparator.comparingInt(signs::label))
                                                .toArray(Integer[]::new))))),
                healthy(
                        "samples of the rare class repeated in train",
                        () -> Ward.of("lenet", PLAIN.rare(0.3), 300, 150, Ward.Stored.in("train", signs -> {
                            Integer[] rare = IntStream.range(0, signs.size())
                                    .filter(i -> signs.label(i) != 0)
                                    .boxed()
                                    .toArray(Integer[]::new);
                            return signs.inOrder(IntStream.range(0, 2 * signs.size())
                                    .mapToObj(i -> i < signs.size() ? i : rare[i % rare.length])
                                    .sorted()
                                    .toArray(Integer[]::new));
                        }))),
                healthy(
                        "a class that test does not have",
                        () -> Ward.of(
                                "lenet",
                                PLAIN.classes(4),
                                400,
                                240,
                                Ward.Stored.in(
                                        "test",
                                        signs -> signs.inOrder(IntStream.range(0, signs.size())
                                                .filter(i -> signs.label(i) != 3)
                                                .boxed()
                                                .toArray(Integer[]::new))))),
                healthy(
                        "another balance of classes in test-dev",
                        () -> Ward.of(
                                "lenet",
                                PLAIN,
                                400,
                                300,
                                Ward.Stored.in(
                                        "test-dev",
                                        signs -> signs.inOrder(IntStream.range(0, signs.size())
                                                .filter(i -> signs.label(i) == 0 || i % 6 == 1)
                                                .boxed()
                                                .toArray(Integer[]::new))))),
                healthy(
                        "class weights by the inverse of frequency, 80 to 20",
                        () -> Ward.of("lenet", PLAIN.rare(0.3), 400, 200, Ward.Stored.asDrawn())
                                .withNetwork(Ward.network(
                                                Ward.convolution(),
                                                Ward.pool(),
                                                Ward.dense(),
                                                Ward.output(
                                                        new LossMCXENT(Nd4j.createFromArray(0.42f, 3.3f, 3.3f)),
                                                        new ActivationSoftmax()))
                                        .network())),
                healthy("an augmentation that mirrors, moves and adds noise", () -> augmented(Ward.lenet())),
                healthy("a warm start after thirty updates", () -> {
                    Patient fresh = Ward.lenet();
                    ComputationGraph graph = fresh.network().get().clone();
                    int[] indices = IntStream.range(0, 64).toArray();
                    INDArray[] inputs =
                            fresh.train().inputs().read(fresh.train().samples(), indices);
                    INDArray labels =
                            fresh.train().labels().encode(fresh.train().samples(), indices);
                    for (int i = 0; i < 30; i++) {
                        graph.fit(inputs, new INDArray[] {labels});
                    }
                    return fresh.withNetwork(graph::clone)
                            .withDeclared(
                                    new Patient.Declaration(3, java.util.Optional.empty(), Set.of(), false, true));
                }),
                healthy(
                        "gradients clipped to a norm of 1",
                        () -> layers(common -> common.gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                .gradientNormalizationThreshold(1))),
                healthy(
                        "a rate that warms up over ten updates",
                        () -> layers(common -> common.updater(new Adam(new MapSchedule.Builder(ScheduleType.ITERATION)
                                .add(0, 1e-4)
                                .add(5, 5e-4)
                                .add(10, 1e-3)
                                .build())))),
                healthy(
                        "swish, and the mean over all places",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.convolution(),
                                new GlobalPoolingLayer.Builder(PoolingType.AVG).build(),
                                Ward.dense(64, Activation.SWISH),
                                Ward.output())),
                healthy(
                        "the recipe's own dropout and weight decay",
                        () -> Ward.lenet()
                                .withNetwork(() -> Networks.build(new NetworkSpec(
                                        "lenet",
                                        3,
                                        PLAIN.height(),
                                        PLAIN.width(),
                                        3,
                                        11,
                                        3e-4,
                                        java.util.List.of(),
                                        1,
                                        0.01,
                                        0.5)))),
                healthy(
                        "a counter, and telemetry in other units",
                        () -> stored(
                                "multi-input",
                                (split, signs) -> signs.withTelemetry(
                                        (value, sample, number) -> number == 0 ? value * 1000 : sample % 100))),
                healthy(
                        "telemetry with one outlier",
                        () -> stored(
                                "multi-input",
                                Ward.Stored.in(
                                        "train",
                                        signs -> signs.withTelemetry((value, sample, number) ->
                                                number == 0 && sample == 100 ? 60 : value)))),
                healthy(
                        "drives of test from another town: all turned towards green",
                        () -> stored(
                                "dense",
                                Ward.Stored.in(
                                        "test",
                                        signs -> signs.withPixels((levels, sample, channel, y, x) ->
                                                levels[signs.at(channel, y, x)] + (channel == 1 ? 25 : -5))))),
                healthy(
                        "inputs blurred a little in all splits",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> {
                            INDArray blurred = x.dup();
                            long rows = x.size(2);
                            INDArray inner = blurred.get(
                                    NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(1, rows - 1));
                            inner.addi(x.get(
                                            NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(0, rows - 2)))
                                    .addi(x.get(NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.interval(2, rows)))
                                    .divi(3);
                            return blurred;
                        })),
                healthy(
                        "noise of augmentation in the inputs of train",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> {
                                    for (int row = 0; row < indices.length; row++) {
                                        Random random = new Random(indices[row]);
                                        INDArray image = x.get(NDArrayIndex.interval(row, row + 1));
                                        float[] noise = new float[(int) image.length()];
                                        for (int i = 0; i < noise.length; i++) {
                                            noise[i] = (float) (0.1 * random.nextGaussian());
                                        }
                                        image.addi(Nd4j.create(noise, image.shape(), 'c'));
                                    }
                                    return x;
                                },
                                "train")),
                healthy("each image scaled by itself, and no statistics recorded", () -> {
                    Patient patient = Ward.lenet();
                    return Ward.inputs(patient, (x, indices) -> Ward.eachByItself(x))
                            .withDeclared(new Patient.Declaration(3, java.util.Optional.empty(), Set.of(), false));
                }),
                healthy(
                        "speed by its logarithm in all splits, slower in test",
                        () -> Ward.telemetry(
                                stored(
                                        "multi-input",
                                        Ward.Stored.in(
                                                "test",
                                                signs -> signs.withTelemetry((value, sample, number) ->
                                                        number == 0 ? Math.abs(value - 9) + 1 : value))),
                                (x, indices) -> {
                                    for (int row = 0; row < indices.length; row++) {
                                        x.putScalar(
                                                row, 0, Math.log(Math.max(0.1, 14 + 3.4 * x.getDouble(row, 0))) - 2.6);
                                    }
                                    return x;
                                })),
                healthy(
                        "nights of few levels in test-dev and test",
                        () -> stored(
                                "lenet",
                                (split, signs) -> split.startsWith("train")
                                        ? signs
                                        : signs.withPixels((levels, sample, channel, y, x) ->
                                                levels[signs.at(channel, y, x)] * 0.06))),
                healthy(
                        "a flag, and a gear that follows the label in part",
                        () -> stored(
                                "multi-input",
                                (split, signs) -> signs.withTelemetry((value, sample, number) -> number == 0
                                        ? sample % 4 == 0 ? sample % 3 : signs.label(sample)
                                        : sample % 2))),
                healthy(
                        "a camera without colours in test-dev and test",
                        () -> stored(
                                "lenet",
                                (split, signs) -> split.startsWith("train")
                                        ? signs
                                        : signs.withPixels((levels, sample, channel, y, x) -> (levels[signs.at(0, y, x)]
                                                        + levels[signs.at(1, y, x)]
                                                        + levels[signs.at(2, y, x)])
                                                / 3.0))),
                healthy(
                        "a white frame around all images",
                        () -> stored(
                                "lenet",
                                (split, signs) -> signs.withPixels((levels, sample, channel, y, x) ->
                                        y < 2 || y > 17 ? 255 : levels[signs.at(channel, y, x)]))));
    }

    private static Patient layers(
            java.util.function.Consumer<org.deeplearning4j.nn.conf.NeuralNetConfiguration.Builder> common) {
        return Ward.network(common, Ward.convolution(), Ward.pool(), Ward.dense(), Ward.output());
    }

    private static Patient soft(Patient patient) {
        return patient.withSplits(split -> split.withLabels((samples, indices) ->
                        split.labels().encode(samples, indices).muli(0.85).addi(0.05)))
                .withDeclared(new Patient.Declaration(3, patient.declared().statistics(), Set.of(), true));
    }

    private static Patient augmented(Patient patient) {
        Random random = new Random(4);
        return patient.withTrainStep((graph, inputs, labels) -> {
            INDArray x = inputs[0].dup();
            for (int row = 0; row < x.size(0); row++) {
                INDArray image = x.get(NDArrayIndex.interval(row, row + 1));
                image.muli(0.8 + 0.4 * random.nextDouble());
                if (random.nextInt(4) == 0) {
                    image.get(
                                    NDArrayIndex.all(),
                                    NDArrayIndex.all(),
                                    NDArrayIndex.interval(3, 7),
                                    NDArrayIndex.interval(3, 7))
                            .assign(0);
                }
            }
            x.addi(Nd4j.randn(DataType.FLOAT, x.shape()).muli(0.1));
            graph.fit(new INDArray[] {x}, new INDArray[] {labels});
            return graph.score();
        });
    }

    private static Arguments healthy(String name, Supplier<Patient> patient) {
        return Arguments.of(name, patient);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("furtherSetups")
    void nothingFails(String name, Supplier<Patient> patient) throws InterruptedException {
        Examination examination = Doctor.examine(patient.get(), Settings.standard(3));
        assertThat(examination.failed()).as(name).isEmpty();
        assertThat(examination.findings())
                .as("a healthy set-up is examined to the end")
                .anySatisfy(finding -> assertThat(finding.getCheck()).isEqualTo("overfit-one-batch-plateaus"));
    }
}
