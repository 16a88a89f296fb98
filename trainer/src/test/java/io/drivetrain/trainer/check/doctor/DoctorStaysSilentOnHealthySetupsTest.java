package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

class DoctorStaysSilentOnHealthySetupsTest {
    private static final Scenes.Look LOOK = Scenes.Look.STANDARD;

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    static Stream<Arguments> healthySetups() {
        return Stream.of(
                healthy("lenet, the standard scenes", Patients::lenet),
                healthy("lenet with Drivetrain's learning rate", () -> scenes(LOOK, 3e-4)),
                healthy("lenet, two classes", () -> scenes(LOOK.withClasses(2), 1e-3)),
                healthy("lenet, ten classes", () -> scenes(LOOK.withClasses(10).withSide(32), 1e-3)),
                healthy("lenet, imbalanced classes", () -> scenes(LOOK.withImbalance(), 1e-3)),
                healthy("lenet, one channel", () -> scenes(LOOK.withChannels(1), 1e-3)),
                healthy("lenet, grey images in three channels", () -> scenes(LOOK.withGrey(), 1e-3)),
                healthy("lenet, a constant channel", () -> scenes(LOOK.withConstantChannel(1), 1e-3)),
                healthy("lenet, dark images", () -> scenes(LOOK.withBrightness(0.08), 1e-3)),
                healthy("lenet, bright images", () -> scenes(LOOK.withBrightness(1.6), 1e-3)),
                healthy("lenet, 10 % label noise", () -> scenes(LOOK.withLabelNoise(0.1), 1e-3)),
                healthy("lenet, drives of one frame", () -> scenes(LOOK.withFramesPerDrive(1), 1e-3)),
                healthy("lenet, long drives", () -> scenes(LOOK.withFramesPerDrive(24), 1e-3)),
                healthy("lenet, a lot of noise", () -> scenes(LOOK.withNoise(60), 1e-3)),
                healthy("lenet, hardly any noise", () -> scenes(LOOK.withNoise(3), 1e-3)),
                healthy("lenet, forty samples in all", () -> Patients.of("lenet", LOOK, 40, 8, 1e-3)),
                healthy("lenet, train alone", () -> {
                    Patient all = Patients.lenet();
                    return new Patient(
                            all.train(), List.of(), all.network(), all.trainStep(), all.predictStep(), all.declared());
                }),
                healthy("lenet, darker and noisier target domain", () -> {
                    Patient all = Patients.lenet();
                    Scenes night = Scenes.of(120, LOOK.withBrightness(0.5).withNoise(40), 77);
                    return all.withOther("test-dev", split -> split.withSamples(night));
                }),
                healthy("resnet18", () -> Patients.of("resnet18", LOOK.withSide(32), 120, 100, 1e-3)),
                healthy("a network with batch-norm", () -> tiny(network -> network.batchNorm = true)),
                healthy("a network with dropout", () -> tiny(network -> network.retain = 0.5)),
                healthy(
                        "batch-norm and dropout",
                        () -> tiny(network -> {
                            network.batchNorm = true;
                            network.retain = 0.7;
                        })),
                healthy(
                        "dropout and noise on the weights of every layer",
                        () -> Ward.network(
                                common -> common.dropOut(0.9).weightNoise(new DropConnect(0.9)),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())),
                healthy(
                        "noise on the weights of every layer",
                        () -> Ward.network(
                                common -> common.weightNoise(new DropConnect(0.9)),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())),
                healthy("weight decay", () -> tiny(network -> network.weightDecay = 1e-4)),
                healthy("L2", () -> tiny(network -> network.l2 = 1e-3)),
                healthy("stochastic gradient descent", () -> tiny(network -> network.updater = new Sgd(0.05))),
                healthy("momentum", () -> tiny(network -> network.updater = new Nesterovs(0.01, 0.9))),
                healthy("RMSProp", () -> tiny(network -> network.updater = new RmsProp(1e-3))),
                healthy(
                        "tanh with Glorot",
                        () -> tiny(network -> {
                            network.hidden = Activation.TANH;
                            network.weightInit = WeightInit.XAVIER;
                        })),
                healthy("leaky ReLU", () -> tiny(network -> network.hidden = Activation.LEAKYRELU)),
                healthy("three more dense layers", () -> tiny(network -> network.extraDense = 3)),
                healthy("a first layer frozen on purpose", () -> {
                    Supplier<ComputationGraph> network = () -> new TransferLearning.GraphBuilder(
                                    TinyNetwork.standard().build())
                            .setFeatureExtractor("convolution")
                            .build();
                    return declared(
                            Patients.of(LOOK, Patients.TRAIN, Patients.OTHER, network), Set.of("convolution"), false);
                }),
                healthy(
                        "label smoothing that is declared",
                        () -> declared(
                                Patients.lenet()
                                        .withSplits(split -> split.withLabels((samples, indices) -> split.labels()
                                                .encode(samples, indices)
                                                .muli(0.9)
                                                .addi(0.1 / LOOK.classes()))),
                                Set.of(),
                                true)),
                healthy("-1..1 scaling without recorded statistics", () -> {
                    Patient all = Patients.lenet();
                    ChannelStatistics half = new ChannelStatistics(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
                    return all.withSplits(split ->
                                    split.withInputs(Patient.InputStep.pixels(Preprocessing.normalising(half))))
                            .withDeclared(new Patient.Declaration(3, Optional.empty(), Set.of(), false));
                }));
    }

    /** What a stranger would call healthy, on other scenes. */
    static Stream<Arguments> strangersSetups() {
        Signs.Kind plain = Ward.PLAIN;
        Signs.Kind longDrives = plain.framesOfDrive(12);
        return Stream.of(
                healthy("lstm", () -> Ward.of("lstm", plain, 240, 120, Ward.Stored.asDrawn())),
                healthy(
                        "two classes, 95 to 5",
                        () -> Ward.of("lenet", plain.classes(2).rare(0.1), 400, 200, Ward.Stored.asDrawn())),
                healthy(
                        "seventeen classes, dense",
                        () -> Ward.of("dense", plain.classes(17), 400, 150, Ward.Stored.asDrawn())),
                healthy(
                        "sixty samples, multi-input",
                        () -> Ward.of("multi-input", plain, 60, 24, Ward.Stored.asDrawn())),
                healthy(
                        "20 % label noise, ten classes",
                        () -> Ward.of("lenet", plain.classes(10).labelNoise(0.2), 400, 200, Ward.Stored.asDrawn())),
                healthy(
                        "contrast of 4 %",
                        () -> Ward.of("lenet", plain.contrast(0.04), 240, 120, Ward.Stored.asDrawn())),
                healthy(
                        "drives of one class each",
                        () -> Ward.of(
                                "lenet",
                                longDrives,
                                480,
                                240,
                                (split, signs) -> Ward.ofOneClassPerDrive(signs, longDrives, 900 + split.hashCode()))),
                healthy(
                        "telemetry that is often missing or never varies",
                        () -> Ward.of(
                                "multi-input",
                                plain,
                                240,
                                120,
                                (split, signs) -> signs.withTelemetry((value, sample, number) ->
                                        number == 1 ? 0.5f : sample % 3 == 0 ? Float.NaN : value))),
                healthy(
                        "faster drives in test-dev",
                        () -> Ward.of(
                                "multi-input",
                                plain,
                                240,
                                120,
                                Ward.Stored.in(
                                        "test-dev",
                                        signs -> signs.withTelemetry(
                                                (value, sample, number) -> number == 0 ? value + 8 : value)))),
                healthy(
                        "a warm colour cast in test",
                        () -> Ward.lenet(Ward.Stored.in(
                                "test",
                                signs -> signs.withPixels((levels, sample, channel, y, x) ->
                                        levels[signs.at(channel, y, x)] + 40 * (1 - channel))))),
                healthy(
                        "every twentieth image black",
                        () -> Ward.lenet((split, signs) -> signs.withPixels((levels, sample, channel, y, x) ->
                                sample % 20 == 1 ? 0 : levels[signs.at(channel, y, x)]))),
                healthy(
                        "a rate of 0.05 for stochastic gradient descent, which overshoots at first",
                        () -> Ward.network(
                                common -> common.updater(new Sgd(0.05)),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())),
                healthy(
                        "class weights that differ tenfold",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output(
                                        new LossMCXENT(Nd4j.createFromArray(0.5f, 5f, 1f)), new ActivationSoftmax()))),
                healthy(
                        "an output that begins with 0",
                        () -> Ward.tampered(
                                Ward.lenet(),
                                graph -> graph.getOutputLayer(0).getParam("W").assign(0))),
                healthy(
                        "cars that stand in two of five frames",
                        () -> Ward.of(
                                "multi-input",
                                plain,
                                240,
                                120,
                                (split, signs) -> signs.withTelemetry(
                                        (value, sample, number) -> number == 0 && sample % 5 < 2 ? 0 : value))),
                healthy(
                        "an indicator, and a speed from which four of five labels follow",
                        () -> Ward.of(
                                "multi-input",
                                plain,
                                240,
                                120,
                                (split, signs) -> signs.withTelemetry((value, sample, number) -> number == 1
                                        ? sample % 9 == 2 ? 1 : 0
                                        : 10 * (sample % 5 == 0 ? sample % 3 : signs.label(sample)) + value / 10))),
                healthy(
                        "a night in test-dev and test, on a road brighter than the sky",
                        () -> Ward.of(
                                "lenet",
                                plain,
                                240,
                                120,
                                (split, signs) -> split.startsWith("train")
                                        ? signs
                                        : signs.withPixels((levels, sample, channel, y, x) ->
                                                levels[signs.at(channel, y, x)] * 0.2 + 4.0 * y))),
                healthy(
                        "one label in eight wrong in train-dev",
                        () -> Ward.of(
                                "lenet",
                                plain,
                                500,
                                300,
                                Ward.Stored.in(
                                        "train-dev",
                                        signs -> signs.withLabels(java.util.stream.IntStream.range(0, signs.size())
                                                .map(i -> i % 8 == 3 ? (signs.label(i) + 1) % 3 : signs.label(i))
                                                .toArray())))),
                healthy(
                        "labels smoothed by 0.3",
                        () -> declared(
                                Ward.lenet()
                                        .withSplits(split -> split.withLabels((samples, indices) -> split.labels()
                                                .encode(samples, indices)
                                                .muli(0.7)
                                                .addi(0.1))),
                                Set.of(),
                                true)));
    }

    private static Patient scenes(Scenes.Look look, double learningRate) {
        return Patients.of("lenet", look, Patients.TRAIN, Patients.OTHER, learningRate);
    }

    private static Patient tiny(Consumer<TinyNetwork> change) {
        TinyNetwork network = TinyNetwork.standard();
        change.accept(network);
        return Patients.of(LOOK, Patients.TRAIN, Patients.OTHER, network.supplier());
    }

    private static Patient declared(Patient patient, Set<String> frozen, boolean softLabels) {
        return patient.withDeclared(new Patient.Declaration(
                patient.declared().classes(), patient.declared().statistics(), frozen, softLabels));
    }

    private static Arguments healthy(String name, Supplier<Patient> patient) {
        return Arguments.of(name, patient);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"healthySetups", "strangersSetups"})
    void nothingFails(String name, Supplier<Patient> patient) throws InterruptedException {
        Examination examination = Doctor.examine(patient.get(), Settings.standard(3));
        assertThat(examination.failed()).as(name).isEmpty();
        assertThat(examination.healthy()).isTrue();
        assertThat(examination.findings())
                .as("a healthy set-up is examined to the end")
                .anySatisfy(finding -> assertThat(finding.getCheck()).isEqualTo("fails-on-reference-set"))
                .allSatisfy(finding -> assertThat(finding.getScore()).isBetween(0.0, 1.0));
    }
}
