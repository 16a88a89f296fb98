package io.drivetrain.trainer.check.doctor;

import static io.drivetrain.trainer.check.doctor.Faults.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

class DoctorFindsPlantedBugsTest {
    private static final Scenes.Look LOOK = Scenes.Look.STANDARD;
    private static final Scenes TRAIN = Scenes.of(Patients.TRAIN, LOOK, 1);
    private static final Scenes TRAIN_DEV = Scenes.of(Patients.OTHER, LOOK, 2);
    private static final Scenes TEST_DEV = Scenes.of(Patients.OTHER, LOOK, 3);

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    static Stream<Arguments> plantedBugs() {
        return Stream.of(shapesAndTypes(), preprocessing(), labels(), leakage(), losses(), modes(), flows(), updates())
                .flatMap(bugs -> bugs);
    }

    private static Stream<Arguments> shapesAndTypes() {
        return Stream.of(
                bug(
                        "images as channels last",
                        "input-wrong-shape",
                        p -> withInputs(p, x -> x.permute(0, 2, 3, 1).dup('c'))),
                bug(
                        "one row too few",
                        "input-wrong-shape",
                        p -> withInputs(
                                p,
                                x -> x.size(0) < 2
                                        ? x
                                        : x.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(1, x.size(0))))),
                bug(
                        "network for another size of image",
                        "input-wrong-shape",
                        p -> p.withNetwork(new TinyNetwork(LOOK.withSide(32)).supplier())),
                bug(
                        "labels as one column",
                        "label-wrong-shape",
                        p -> withLabels(
                                p, y -> y.argMax(1).castTo(DataType.FLOAT).reshape(y.size(0), 1))),
                bug(
                        "labels of one class more",
                        "label-wrong-shape",
                        p -> p.withSplits(split -> split.withLabels(Patient.LabelStep.oneHot(4)))),
                bug("output of one class more", "output-wrong-shape", p -> p.withNetwork(tiny(n -> n.outputs = 4))),
                bug("inputs as doubles", "wrong-data-type", p -> withInputs(p, x -> x.castTo(DataType.DOUBLE))),
                bug("inputs as bytes", "wrong-data-type", p -> withInputs(p, x -> x.castTo(DataType.INT8))),
                bug("labels as integers", "wrong-data-type", p -> withLabels(p, y -> y.castTo(DataType.INT32))),
                bug("empty train", "split-empty", p -> p.withTrain(split -> split.withSamples(Scenes.of(0, LOOK, 1)))),
                bug(
                        "class index beyond the classes",
                        "label-out-of-range",
                        p -> p.withTrain(
                                split -> split.withSamples(TRAIN.withLabels(mapped(TRAIN.labels(), 1, 2, 3))))),
                bug(
                        "a step that throws",
                        "step-fails",
                        p -> p.withTrain(split -> split.withInputs((samples, indices) -> {
                            throw new IllegalStateException("no such file");
                        }))));
    }

    private static Stream<Arguments> preprocessing() {
        return Stream.of(
                bug("pixels as they are, 0 to 255", "input-range-0-255", p -> preprocessed(p, plain(1))),
                bug("mean subtracted from 0 to 255", "input-range-0-255", p -> preprocessed(p, plainLess(1, 110))),
                bug(
                        "pixels from 0 to 1, not normalised",
                        "input-not-normalised",
                        p -> preprocessed(p, plain(1 / 255f))),
                bug(
                        "mean subtracted, not divided",
                        "input-not-normalised",
                        p -> normalisedBy(p, new ChannelStatistics(statistics(p).mean(), List.of(1.0, 1.0, 1.0)))),
                bug(
                        "divided, mean not subtracted",
                        "input-not-normalised",
                        p -> normalisedBy(
                                p,
                                new ChannelStatistics(
                                        List.of(0.0, 0.0, 0.0), statistics(p).deviation()))),
                bug("normalised twice", "input-normalised-twice", p -> withInputs(p, x -> twice(x, statistics(p)))),
                bug("scaled twice", "input-normalised-twice", p -> preprocessed(p, plain(1 / 255f / 255f))),
                bug(
                        "scaled twice, then normalised",
                        "input-normalised-twice",
                        p -> preprocessed(p, scaledThenNormalised(statistics(p)))),
                bug(
                        "statistics of 0 to 255 recorded",
                        "input-wrong-statistics",
                        p -> declaring(
                                p,
                                new ChannelStatistics(
                                        statistics(p).mean().stream()
                                                .map(m -> m * 255)
                                                .toList(),
                                        statistics(p).deviation().stream()
                                                .map(d -> d * 255)
                                                .toList()))),
                bug(
                        "mean and deviation exchanged",
                        "input-wrong-statistics",
                        p -> normalisedBy(
                                p,
                                new ChannelStatistics(
                                        statistics(p).deviation(), statistics(p).mean()))),
                bug(
                        "statistics of ImageNet",
                        "input-wrong-statistics",
                        p -> normalisedBy(
                                p, new ChannelStatistics(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)))),
                bug(
                        "statistics of ImageNet recorded",
                        "input-wrong-statistics",
                        p -> declaring(
                                p, new ChannelStatistics(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)))),
                bug("test-dev normalised by its own statistics", "input-wrong-statistics", p -> {
                    Scenes night = Scenes.of(Patients.OTHER, LOOK.withBrightness(0.4), 9);
                    return p.withOther(
                            "test-dev",
                            split -> split.withSamples(night)
                                    .withInputs(Patient.InputStep.pixels(
                                            Preprocessing.normalising(Patients.statistics(night)))));
                }),
                bug(
                        "train-dev not normalised",
                        "input-not-normalised",
                        p -> p.withOther(
                                "train-dev", split -> split.withInputs(Patient.InputStep.pixels(plain(1 / 255f))))),
                bug(
                        "channels reversed in test-dev's preprocessing",
                        "channel-order-swapped",
                        p -> p.withOther(
                                "test-dev", split -> Faults.withInputs(split, DoctorFindsPlantedBugsTest::reversed))),
                bug(
                        "channels reversed in test's stored pixels",
                        "channel-order-swapped",
                        p -> p.withOther(
                                "test-dev",
                                split -> split.withSamples(TEST_DEV.withPixels(channelsReversed(TEST_DEV))))),
                bug(
                        "recorded statistics in the other channel order",
                        "channel-order-swapped",
                        p -> declaring(p, reversed(statistics(p)))),
                bug(
                        "normalised in the other channel order",
                        "channel-order-swapped",
                        p -> normalisedBy(p, reversed(statistics(p)))),
                bug("bytes read as signed", "bytes-read-as-signed", p -> preprocessed(p, signed(statistics(p)))),
                bug(
                        "normalised in whole numbers",
                        "input-truncated-to-integers",
                        p -> withInputs(p, x -> Transforms.floor(x, true))),
                bug(
                        "images upside down in test-dev",
                        "input-layout-scrambled",
                        p -> p.withOther(
                                "test-dev", split -> Faults.withInputs(split, DoctorFindsPlantedBugsTest::upsideDown))),
                bug(
                        "rows and columns exchanged",
                        "input-layout-scrambled",
                        p -> withInputs(p, x -> x.permute(0, 1, 3, 2).dup('c'))),
                bug(
                        "channels interleaved",
                        "input-layout-scrambled",
                        p -> withInputs(p, x -> x.permute(0, 2, 3, 1).dup('c').reshape('c', x.shape()))),
                bug(
                        "noise instead of the image",
                        "input-unrelated-to-image",
                        p -> p.withSplits(split -> split.withInputs(
                                (samples, indices) -> noise(split.inputs().read(samples, indices), indices)))),
                bug(
                        "one buffer for all images",
                        "inputs-identical",
                        p -> withInputs(p, x -> Nd4j.zeros(DataType.FLOAT, x.shape()))),
                bug(
                        "NaN in some images",
                        "not-finite-in-inputs",
                        p -> p.withTrain(split -> split.withInputs((samples, indices) -> {
                            INDArray[] x = split.inputs().read(samples, indices);
                            for (int row = 0; row < indices.length; row++) {
                                if (indices[row] % 50 == 7) {
                                    x[0].putScalar(new long[] {row, 1, 3, 4}, Double.NaN);
                                }
                            }
                            return x;
                        }))),
                bug(
                        "division by a deviation of zero",
                        "not-finite-in-inputs",
                        p -> normalisedBy(p, new ChannelStatistics(statistics(p).mean(), List.of(0.2, 0.0, 0.2)))),
                bug(
                        "each batch normalised by itself",
                        "batch-mixes-examples",
                        p -> withInputs(p, x -> x.sub(x.meanNumber()).div(x.stdNumber()))));
    }

    private static Stream<Arguments> labels() {
        return Stream.of(
                bug(
                        "labels of train shuffled",
                        "labels-shuffled",
                        p -> p.withTrain(split -> split.withSamples(TRAIN.withLabels(shuffled(TRAIN.labels(), 4))))),
                bug(
                        "labels of train-dev shuffled",
                        "labels-shuffled",
                        p -> p.withOther(
                                "train-dev",
                                split -> split.withSamples(TRAIN_DEV.withLabels(shuffled(TRAIN_DEV.labels(), 4))))),
                bug(
                        "images rolled by one within the batch",
                        "labels-shuffled",
                        p -> withInputs(p, DoctorFindsPlantedBugsTest::rolled)),
                bug(
                        "labels rolled by one within the batch",
                        "labels-shuffled",
                        p -> withLabels(p, DoctorFindsPlantedBugsTest::rolled)),
                bug(
                        "label of the next sample",
                        "labels-shuffled",
                        p -> p.withSplits(split -> split.withLabels((samples, indices) -> split.labels()
                                .encode(
                                        samples,
                                        IntStream.of(indices)
                                                .map(i -> (i + 1) % samples.size())
                                                .toArray())))),
                bug(
                        "class indices from 1",
                        "labels-off-by-one",
                        p -> withLabels(
                                p, y -> Nd4j.concat(1, y.get(NDALL, interval(2, 3)), y.get(NDALL, interval(0, 2))))),
                bug(
                        "all labels the first class",
                        "labels-constant",
                        p -> withLabels(p, y -> {
                            INDArray first = Nd4j.zeros(DataType.FLOAT, y.shape());
                            first.putColumn(0, Nd4j.ones(DataType.FLOAT, y.size(0)));
                            return first;
                        })),
                bug(
                        "soft labels that nobody declared",
                        "labels-not-one-hot",
                        p -> withLabels(p, y -> y.mul(0.7).add(0.1))),
                bug("labels of zeros", "labels-not-one-hot", p -> withLabels(p, y -> y.mul(0))),
                bug(
                        "two ones in a label",
                        "labels-not-one-hot",
                        p -> withLabels(p, y -> {
                            INDArray changed = y.dup();
                            changed.putColumn(1, Nd4j.ones(DataType.FLOAT, y.size(0)));
                            return changed;
                        })),
                bug(
                        "-1 and 1 instead of 0 and 1",
                        "labels-not-one-hot",
                        p -> withLabels(p, y -> y.mul(2).sub(1))),
                bug("NaN in labels", "not-finite-in-labels", p -> withLabels(p, y -> y.div(0))),
                bug(
                        "class list of test-dev in another order",
                        "class-order-differs",
                        p -> p.withOther(
                                "test-dev", split -> split.withClasses(List.of("class-1", "class-0", "class-2")))),
                bug(
                        "encoded classes of train-dev in another order",
                        "class-order-differs",
                        p -> p.withOther(
                                "train-dev",
                                split -> Faults.withLabels(
                                        split,
                                        y -> Nd4j.concat(
                                                1,
                                                y.get(NDALL, interval(1, 2)),
                                                y.get(NDALL, interval(0, 1)),
                                                y.get(NDALL, interval(2, 3)))))),
                bug(
                        "stored classes of test-dev in another order",
                        "class-order-differs",
                        p -> p.withOther(
                                "test-dev",
                                split -> split.withSamples(TEST_DEV.withLabels(mapped(TEST_DEV.labels(), 1, 2, 0))))));
    }

    private static Stream<Arguments> leakage() {
        return Stream.of(
                bug(
                        "a drive in train and in test",
                        "split-leakage",
                        p -> p.withOther(
                                "test",
                                split -> split.withIds(
                                        split.sampleId(), i -> i < 4 ? "train-drive-3" : "test-drive-" + i / 4))),
                bug(
                        "the same samples in train and test-dev",
                        "split-leakage",
                        p -> p.withOther("test-dev", split -> split.withIds(i -> "train/" + i, split.driveId()))),
                bug(
                        "the same pixels under other ids",
                        "split-leakage",
                        p -> p.withOther("test-dev", split -> split.withSamples(TEST_DEV.withFirstOf(TRAIN, 3)))),
                bug(
                        "the same images compressed again",
                        "split-leakage",
                        p -> p.withOther(
                                "train-dev",
                                split -> split.withSamples(
                                        TRAIN_DEV.withFirstOf(TRAIN.withPixels(compressedAgain(TRAIN)), 30)))));
    }

    private static Stream<Arguments> losses() {
        return Stream.of(
                bug(
                        "a softmax layer before the softmax",
                        "softmax-twice",
                        p -> p.withNetwork(tiny(n -> n.beforeOutput.add(new DenseLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build())))),
                bug(
                        "softmax into a loss that takes logits",
                        "softmax-twice",
                        p -> p.withNetwork(tiny(n -> n.output = output(lossOnLogits(), Activation.SOFTMAX)))),
                bug(
                        "softmax after the network's softmax",
                        "softmax-twice",
                        p -> p.withPredictStep((graph, inputs) -> Transforms.softmax(
                                graph.outputSingle(false, inputs).dup()))),
                bug(
                        "sigmoid with cross-entropy",
                        "sigmoid-with-multi-class",
                        p -> p.withNetwork(tiny(n -> n.outputActivation = Activation.SIGMOID))),
                bug(
                        "sigmoid with binary cross-entropy",
                        "sigmoid-with-multi-class",
                        p -> p.withNetwork(tiny(n -> {
                            n.outputActivation = Activation.SIGMOID;
                            n.loss = LossFunction.XENT;
                        }))),
                bug(
                        "no softmax before cross-entropy",
                        "logits-where-probabilities-expected",
                        p -> p.withNetwork(tiny(n -> n.outputActivation = Activation.IDENTITY))),
                bug(
                        "tanh before cross-entropy",
                        "logits-where-probabilities-expected",
                        p -> p.withNetwork(tiny(n -> n.outputActivation = Activation.TANH))),
                bug(
                        "logits given as predictions",
                        "logits-where-probabilities-expected",
                        p -> p.withPredictStep(
                                (graph, inputs) -> Transforms.log(graph.outputSingle(false, inputs), true))),
                bug(
                        "squared error with softmax",
                        "loss-does-not-fit-output",
                        p -> p.withNetwork(tiny(n -> n.loss = LossFunction.MSE))),
                bug(
                        "binary cross-entropy with softmax",
                        "loss-does-not-fit-output",
                        p -> p.withNetwork(tiny(n -> n.loss = LossFunction.XENT))),
                bug(
                        "hinge loss with softmax",
                        "loss-does-not-fit-output",
                        p -> p.withNetwork(tiny(n -> n.loss = LossFunction.HINGE))),
                bug(
                        "ReLU between logits and softmax",
                        "loss-does-not-fit-output",
                        p -> p.withNetwork(tiny(n -> {
                            n.beforeOutput.add(new DenseLayer.Builder()
                                    .nOut(3)
                                    .activation(Activation.RELU)
                                    .build());
                            n.output = new LossLayer.Builder(LossFunction.MCXENT)
                                    .activation(Activation.SOFTMAX)
                                    .build();
                        }))),
                bug(
                        "a loss of the wrong sign",
                        "loss-sign-flipped",
                        p -> p.withNetwork(tiny(n -> n.output = output(new FlippedLoss(), Activation.SOFTMAX)))));
    }

    private static Stream<Arguments> modes() {
        return Stream.of(
                bug(
                        "dropout active in evaluation",
                        "dropout-active-in-evaluation",
                        p -> p.withNetwork(tiny(n -> n.retain = 0.5))
                                .withPredictStep((graph, inputs) -> graph.output(true, inputs)[0])),
                bug(
                        "batch statistics in evaluation",
                        "batch-norm-in-training-mode-in-evaluation",
                        p -> p.withNetwork(tiny(n -> n.batchNorm = true))
                                .withPredictStep((graph, inputs) -> graph.output(true, inputs)[0])),
                bug(
                        "dropout inactive in training",
                        "dropout-inactive-in-training",
                        p -> trainedAfter(
                                p.withNetwork(tiny(n -> n.retain = 0.5)),
                                layer -> Layers.configuration(layer).setIDropout(null))),
                bug(
                        "running statistics that never move",
                        "batch-norm-statistics-not-updated",
                        p -> p.withNetwork(tiny(n -> {
                            n.batchNorm = true;
                            n.batchNormDecay = 1;
                        }))),
                bug(
                        "activations centred over the batch",
                        "batch-mixes-examples",
                        p -> p.withNetwork(tiny(n -> n.beforeOutput.add(new ActivationLayer(new BatchCentred()))))),
                bug(
                        "activations of the neighbour",
                        "batch-mixes-examples",
                        p -> p.withNetwork(tiny(n -> n.beforeOutput.add(new ActivationLayer(new Neighbour()))))),
                bug(
                        "predictions centred over the batch",
                        "prediction-differs-from-network",
                        p -> p.withPredictStep((graph, inputs) -> rolled(graph.outputSingle(false, inputs)))));
    }

    private static Stream<Arguments> flows() {
        return Stream.of(
                bug(
                        "NaN in a weight",
                        "not-finite-in-weights",
                        p -> tampered(
                                p,
                                graph -> graph.getLayer("dense").getParam("W").putScalar(3, Double.NaN))),
                bug(
                        "infinite bias",
                        "not-finite-in-weights",
                        p -> tampered(
                                p,
                                graph -> graph.getLayer("dense").getParam("b").putScalar(3, Double.POSITIVE_INFINITY))),
                bug(
                        "all weights zero",
                        "weights-not-initialised",
                        p -> p.withNetwork(tiny(n -> n.weightInit = WeightInit.ZERO))),
                bug(
                        "all weights equal",
                        "weights-not-initialised",
                        p -> p.withNetwork(tiny(n -> n.weightInit = WeightInit.ONES))),
                bug(
                        "logarithm of negative activations",
                        "not-finite-in-activations",
                        p -> p.withNetwork(tiny(n -> n.beforeOutput.add(new ActivationLayer(new Logarithm()))))),
                bug("units that a bias kills", "dead-units", p -> p.withNetwork(tiny(n -> n.denseBias = -50))),
                bug(
                        "tanh at its ends",
                        "saturated-units",
                        p -> p.withNetwork(tiny(n -> {
                            n.hidden = Activation.TANH;
                            n.denseBias = 20;
                        }))),
                bug(
                        "weights of deviation 1 in a deep network",
                        "activations-explode",
                        p -> p.withNetwork(tiny(n -> {
                                    n.weightInit = WeightInit.NORMAL;
                                    n.extraDense = 4;
                                })
                                .andScaled(30))),
                bug(
                        "tiny weights in a deep network",
                        "activations-vanish",
                        p -> p.withNetwork(tiny(n -> n.extraDense = 4).andScaled(0.01))),
                bug(
                        "sigmoids in a deep network",
                        "vanishing-gradients",
                        p -> p.withNetwork(tiny(n -> {
                            n.hidden = Activation.SIGMOID;
                            n.weightInit = WeightInit.XAVIER;
                            n.extraDense = 8;
                        }))),
                bug(
                        "a loss gradient times 100,000",
                        "exploding-gradients",
                        p -> p.withNetwork(tiny(n -> n.output = output(new HugeGradient(), Activation.SOFTMAX)))),
                bug(
                        "NaN in the gradient",
                        "not-finite-in-gradients",
                        p -> p.withNetwork(tiny(n -> n.output = output(new BrokenGradient(), Activation.SOFTMAX)))),
                bug(
                        "layers cut off from the loss",
                        "layer-without-gradient",
                        p -> p.withNetwork(tiny(n -> n.beforeOutput.add(new ActivationLayer(new Detached()))))),
                bug(
                        "a derivative five times too large",
                        "gradient-wrong",
                        p -> p.withNetwork(tiny(n -> n.beforeOutput.add(new ActivationLayer(new WrongDerivative()))))),
                bug(
                        "the gradient of the opposite loss",
                        "loss-sign-flipped",
                        p -> p.withNetwork(tiny(n -> n.output = output(new FlippedGradient(), Activation.SOFTMAX)))));
    }

    private static Stream<Arguments> updates() {
        return Stream.of(
                bug(
                        "learning rate of zero",
                        "weights-do-not-move",
                        p -> p.withNetwork(tiny(n -> n.updater = new Adam(0)))),
                bug(
                        "learning rate of zero for SGD",
                        "weights-do-not-move",
                        p -> p.withNetwork(tiny(n -> n.updater = new Sgd(0)))),
                bug(
                        "an update that is never applied",
                        "weights-do-not-move",
                        p -> p.withTrainStep((graph, inputs, labels) -> graph.score(
                                new org.nd4j.linalg.dataset.MultiDataSet(inputs, new INDArray[] {labels})))),
                bug(
                        "one layer with a learning rate of zero",
                        "weights-do-not-move",
                        p -> p.withNetwork(tiny(n -> n.denseUpdater = new Sgd(0)))),
                bug(
                        "one layer with a learning rate of almost zero",
                        "weights-do-not-move",
                        p -> p.withNetwork(tiny(n -> n.denseUpdater = new Adam(1e-12)))),
                bug(
                        "a layer frozen by accident",
                        "weights-do-not-move",
                        p -> p.withNetwork(() -> new TransferLearning.GraphBuilder(
                                        TinyNetwork.standard().build())
                                .setFeatureExtractor("dense")
                                .build())),
                bug(
                        "a frozen layer that moves",
                        "frozen-layer-moves",
                        p -> p.withDeclared(new Patient.Declaration(
                                3, p.declared().statistics(), java.util.Set.of("convolution1"), false))),
                bug(
                        "an update uphill",
                        "gradient-sign-flipped",
                        p -> p.withTrainStep((graph, inputs, labels) -> {
                            INDArray before = graph.params().dup();
                            graph.fit(inputs, new INDArray[] {labels});
                            graph.params().assign(before.mul(2).sub(graph.params()));
                            return graph.score();
                        })),
                bug(
                        "learning rate of 1 for Adam",
                        "learning-rate-too-high",
                        p -> p.withNetwork(tiny(n -> n.updater = new Adam(1)))),
                bug(
                        "learning rate of 10 for SGD",
                        "learning-rate-too-high",
                        p -> p.withNetwork(tiny(n -> n.updater = new Sgd(10)))),
                bug(
                        "learning rate of 10 for lenet",
                        "learning-rate-too-high",
                        p -> p.withNetwork(Patients.network("lenet", LOOK, 10))),
                bug(
                        "learning rate of 0.0000001 for Adam",
                        "learning-rate-too-low",
                        p -> p.withNetwork(tiny(n -> n.updater = new Adam(1e-7)))),
                bug(
                        "learning rate of 0.000001 for lenet",
                        "learning-rate-too-low",
                        p -> p.withNetwork(Patients.network("lenet", LOOK, 1e-6))),
                bug(
                        "learning rate of 0.00001 for SGD",
                        "learning-rate-too-low",
                        p -> p.withNetwork(tiny(n -> n.updater = new Sgd(1e-5)))),
                bug("L2 of 100", "regularisation-too-strong", p -> p.withNetwork(tiny(n -> n.l2 = 100))),
                bug(
                        "weight decay of 500",
                        "regularisation-too-strong",
                        p -> p.withNetwork(tiny(n -> n.weightDecay = 500))),
                bug(
                        "a train step that loses the labels",
                        "training-step-wrong",
                        p -> p.withTrainStep((graph, inputs, labels) -> {
                            graph.fit(inputs, new INDArray[] {labels.mul(0).add(1.0 / 3)});
                            return graph.score();
                        })));
    }

    private static final org.nd4j.linalg.indexing.INDArrayIndex NDALL = org.nd4j.linalg.indexing.NDArrayIndex.all();

    private static org.nd4j.linalg.indexing.INDArrayIndex interval(int from, int to) {
        return org.nd4j.linalg.indexing.NDArrayIndex.interval(from, to);
    }

    /** A supplier of networks whose weights can be multiplied. */
    private interface Tiny extends Supplier<ComputationGraph> {
        default Supplier<ComputationGraph> andScaled(double factor) {
            return () -> {
                ComputationGraph graph = get();
                graph.params().muli(factor);
                return graph;
            };
        }
    }

    private static Tiny tiny(Consumer<TinyNetwork> change) {
        TinyNetwork network = TinyNetwork.standard();
        change.accept(network);
        return network::build;
    }

    private static OutputLayer output(ILossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nOut(3)
                .weightInit(WeightInit.XAVIER)
                .activation(activation)
                .build();
    }

    private static Preprocessing plain(float factor) {
        return plainLess(factor, 0);
    }

    private static Preprocessing plainLess(float factor, float less) {
        return (chw, shape, into, offset) -> {
            for (int i = 0; i < chw.length; i++) {
                into[offset + i] = factor * ((chw[i] & 0xff) - less);
            }
        };
    }

    private static Preprocessing signed(ChannelStatistics statistics) {
        return (chw, shape, into, offset) -> {
            for (int i = 0; i < chw.length; i++) {
                int channel = i / (shape.height() * shape.width());
                into[offset + i] = (float) ((chw[i] / 255.0 - statistics.mean().get(channel))
                        / statistics.deviation().get(channel));
            }
        };
    }

    private static INDArray twice(INDArray x, ChannelStatistics statistics) {
        INDArray result = x.dup();
        for (int channel = 0; channel < 3; channel++) {
            result.get(NDALL, interval(channel, channel + 1))
                    .subi(statistics.mean().get(channel))
                    .divi(statistics.deviation().get(channel));
        }
        return result;
    }

    private static Preprocessing scaledThenNormalised(ChannelStatistics statistics) {
        return (chw, shape, into, offset) -> {
            for (int i = 0; i < chw.length; i++) {
                int channel = i / (shape.height() * shape.width());
                into[offset + i] = (float)
                        (((chw[i] & 0xff) / 255.0 / 255.0 - statistics.mean().get(channel))
                                / statistics.deviation().get(channel));
            }
        };
    }

    private static INDArray upsideDown(INDArray x) {
        INDArray result = x.dup();
        for (int y = 0; y < x.size(2); y++) {
            result.get(NDALL, NDALL, interval(y, y + 1))
                    .assign(x.get(NDALL, NDALL, interval((int) x.size(2) - 1 - y, (int) x.size(2) - y)));
        }
        return result;
    }

    private static INDArray reversed(INDArray x) {
        return Nd4j.concat(1, x.get(NDALL, interval(2, 3)), x.get(NDALL, interval(1, 2)), x.get(NDALL, interval(0, 1)));
    }

    private static ChannelStatistics reversed(ChannelStatistics statistics) {
        return new ChannelStatistics(
                List.of(
                        statistics.mean().get(2),
                        statistics.mean().get(1),
                        statistics.mean().get(0)),
                List.of(
                        statistics.deviation().get(2),
                        statistics.deviation().get(1),
                        statistics.deviation().get(0)));
    }

    private static INDArray[] noise(INDArray[] like, int[] indices) {
        INDArray noise = Nd4j.create(DataType.FLOAT, like[0].shape());
        for (int row = 0; row < indices.length; row++) {
            java.util.Random random = new java.util.Random(indices[row]);
            float[] values = new float[(int) (noise.length() / noise.size(0))];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            long[] shape = noise.shape().clone();
            shape[0] = 1;
            noise.get(interval(row, row + 1)).assign(Nd4j.create(values, shape, 'c'));
        }
        return new INDArray[] {noise};
    }

    private static INDArray rolled(INDArray rows) {
        long size = rows.size(0);
        return size < 2 ? rows : Nd4j.concat(0, rows.get(interval(1, (int) size)), rows.get(interval(0, 1)));
    }

    private interface Planting {
        Patient into(Patient healthy);
    }

    private static Arguments bug(String name, String check, Planting planting) {
        return Arguments.of(name, check, planting);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("plantedBugs")
    void isFoundByItsNameFirstOfAll(String name, String check, Planting planting) throws InterruptedException {
        Examination examination = Diagnosis.first(name, check, planting.into(Patients.lenet()));
        assertThat(examination.healthy()).isFalse();
        assertThat(examination.primary().orElseThrow().getAdvice()).endsWith(".");
    }
}
