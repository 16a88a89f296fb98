package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Bugs that were written down by someone who had not seen the doctor's own, on other scenes. */
class DoctorFindsStrangersBugsTest {
    private static final INDArrayIndex ALL = NDArrayIndex.all();

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    static Stream<Arguments> strangersBugs() {
        return Stream.of(inputs(), telemetry(), labels(), leakage(), network()).flatMap(bugs -> bugs);
    }

    private static Stream<Arguments> inputs() {
        return Stream.of(
                bug(
                        "numbers subtracted along the width in place of along the channels",
                        "input-wrong-statistics",
                        () -> Ward.preprocessed(Ward.lenet(), (chw, shape, into, offset) -> {
                            double[] mean = {0.2, 0.5, 0.8, 0.4};
                            for (int i = 0; i < chw.length; i++) {
                                into[offset + i] = (float) (((chw[i] & 0xff) / 255.0 - mean[i % mean.length]) / 0.2);
                            }
                        })),
                bug(
                        "test-dev normalised twice, by rounded numbers",
                        "input-normalised-twice",
                        () -> Ward.inputs(
                                Ward.lenet(), (x, indices) -> x.sub(0.45).div(0.2), "test-dev")),
                bug(
                        "divided by the variance",
                        "input-wrong-statistics",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> x.div(0.2))),
                bug(
                        "a channel missing in test-dev",
                        "input-unrelated-to-image",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> {
                                    INDArray changed = x.dup();
                                    changed.get(ALL, NDArrayIndex.interval(1, 2))
                                            .assign(0);
                                    return changed;
                                },
                                "test-dev")),
                bug(
                        "the first channel thrice",
                        "input-layout-scrambled",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> {
                            INDArray first = x.get(ALL, NDArrayIndex.interval(0, 1));
                            return Nd4j.concat(1, first, first, first);
                        })),
                bug(
                        "inputs cut off below 0",
                        "input-wrong-statistics",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> Transforms.relu(x, true))),
                bug(
                        "a gamma in test",
                        "input-wrong-statistics",
                        () -> Ward.preprocessed(
                                Ward.lenet(),
                                (chw, shape, into, offset) -> {
                                    for (int i = 0; i < chw.length; i++) {
                                        into[offset + i] =
                                                (float) ((Math.pow((chw[i] & 0xff) / 255.0, 2.2) - 0.2) / 0.15);
                                    }
                                },
                                "test")),
                bug(
                        "each image scaled by itself in test-dev only",
                        "input-wrong-statistics",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> Ward.eachByItself(x), "test-dev")),
                bug(
                        "images of one class lost",
                        "inputs-identical",
                        () -> Ward.lenet((split, signs) -> signs.withPixels((levels, sample, channel, y, x) ->
                                signs.label(sample) == 1 ? 0 : levels[signs.at(channel, y, x)]))),
                bug(
                        "every third image lost",
                        "inputs-identical",
                        () -> Ward.lenet((split, signs) -> signs.withPixels((levels, sample, channel, y, x) ->
                                sample % 3 == 1 ? 0 : levels[signs.at(channel, y, x)]))),
                bug(
                        "a NaN in one of 2,000 images",
                        "not-finite-in-inputs",
                        () -> Ward.inputs(
                                Ward.of("lenet", Ward.PLAIN, 2000, 120, Ward.Stored.asDrawn()),
                                Ward.value(777, new int[] {1, 2, 2}, Double.NaN),
                                "train")),
                bug(
                        "every second image of train mirrored",
                        "input-layout-scrambled",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> {
                                    for (int row = 0; row < indices.length; row++) {
                                        if (indices[row] % 2 == 0) {
                                            INDArray image = x.get(NDArrayIndex.interval(row, row + 1));
                                            INDArray before = image.dup();
                                            for (int column = 0; column < x.size(3); column++) {
                                                long other = x.size(3) - 1 - column;
                                                image.get(ALL, ALL, ALL, NDArrayIndex.interval(column, column + 1))
                                                        .assign(before.get(
                                                                ALL,
                                                                ALL,
                                                                ALL,
                                                                NDArrayIndex.interval(other, other + 1)));
                                            }
                                        }
                                    }
                                    return x;
                                },
                                "train")),
                bug(
                        "luminance and differences of colour in place of red, green and blue",
                        "colour-space-differs",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> {
                            INDArray red = x.get(ALL, NDArrayIndex.interval(0, 1));
                            INDArray green = x.get(ALL, NDArrayIndex.interval(1, 2));
                            INDArray blue = x.get(ALL, NDArrayIndex.interval(2, 3));
                            return Nd4j.concat(
                                    1,
                                    red.mul(0.3).add(green.mul(0.6)).add(blue.mul(0.1)),
                                    blue.sub(green),
                                    red.sub(green));
                        })),
                bug(
                        "bytes divided by 255 as whole numbers",
                        "input-truncated-to-integers",
                        () -> Ward.preprocessed(Ward.lenet(), (chw, shape, into, offset) -> {
                            for (int i = 0; i < chw.length; i++) {
                                into[offset + i] = (chw[i] & 0xff) / 255;
                            }
                        })),
                bug(
                        "stored images of test with rows and columns exchanged",
                        "input-layout-scrambled",
                        () -> Ward.of(
                                "lenet",
                                Ward.PLAIN.size(24, 24),
                                240,
                                120,
                                Ward.Stored.in(
                                        "test",
                                        signs -> signs.withPixels(
                                                (levels, sample, channel, y, x) -> levels[signs.at(channel, x, y)])))),
                bug(
                        "stored images of test in a box",
                        "image-borders-differ",
                        () -> Ward.lenet(Ward.Stored.in(
                                "test",
                                signs -> signs.withPixels((levels, sample, channel, y, x) ->
                                        y < 5 || y >= 15 ? 0 : levels[signs.at(channel, 2 * (y - 5), x)])))),
                bug(
                        "stored images of test-dev upside down",
                        "input-layout-scrambled",
                        () -> Ward.lenet(Ward.Stored.in(
                                "test-dev",
                                signs -> signs.withPixels((levels, sample, channel, y, x) ->
                                        levels[signs.at(channel, signs.height() - 1 - y, x)])))));
    }

    private static Patient multiInput() {
        return multiInput(Ward.Stored.asDrawn());
    }

    private static Patient multiInput(Ward.Stored stored) {
        return Ward.of("multi-input", Ward.PLAIN, 240, 120, stored);
    }

    private static Stream<Arguments> telemetry() {
        return Stream.of(
                bug(
                        "-999 for a speed that is missing",
                        "telemetry-sentinel",
                        () -> multiInput((split, signs) -> signs.withTelemetry(
                                (value, sample, number) -> number == 0 && sample % 10 == 4 ? -999 : value))),
                bug(
                        "65535 for a speed that is missing, in six samples of train",
                        "telemetry-sentinel",
                        () -> multiInput(Ward.Stored.in(
                                "train",
                                signs -> signs.withTelemetry(
                                        (value, sample, number) -> number == 0 && sample % 40 == 7 ? 65535 : value)))),
                bug(
                        "-1 for a speed that is missing, otherwise from 0",
                        "telemetry-sentinel",
                        () -> multiInput((split, signs) -> signs.withTelemetry((value, sample, number) ->
                                number == 1 ? value : sample % 12 == 5 ? -1 : Math.abs(value)))),
                bug(
                        "-999 in sequences of telemetry",
                        "telemetry-sentinel",
                        () -> Ward.of(
                                "lstm-telemetry",
                                Ward.PLAIN,
                                240,
                                120,
                                (split, signs) -> signs.withTelemetry(
                                        (value, sample, number) -> number == 0 && sample % 10 == 4 ? -999 : value))),
                bug(
                        "the label as a code among the telemetry",
                        "label-in-telemetry",
                        () -> multiInput((split, signs) -> signs.withTelemetry((value, sample, number) ->
                                number == 1 ? new float[] {3, 9, 1}[signs.label(sample)] : value))),
                bug(
                        "the label with a little noise among the telemetry of train",
                        "label-in-telemetry",
                        () -> multiInput(Ward.Stored.in(
                                "train",
                                signs -> signs.withTelemetry((value, sample, number) ->
                                        number == 1 ? signs.label(sample) + value : value)))),
                bug(
                        "telemetry rolled by one within the batch",
                        "labels-shuffled",
                        () -> Ward.telemetry(
                                multiInput(),
                                (x, indices) -> x.size(0) < 2
                                        ? x
                                        : Nd4j.concat(
                                                0,
                                                x.get(NDArrayIndex.interval(1, x.size(0))),
                                                x.get(NDArrayIndex.interval(0, 1))))),
                bug(
                        "telemetry centred over the batch",
                        "batch-mixes-examples",
                        () -> Ward.telemetry(multiInput(), (x, indices) -> x.subRowVector(x.mean(0)))),
                bug(
                        "telemetry of test not passed on",
                        "inputs-identical",
                        () -> Ward.telemetry(multiInput(), (x, indices) -> x.mul(0), "test")),
                bug(
                        "telemetry of test stored as 0",
                        "telemetry-sentinel",
                        () -> multiInput(
                                Ward.Stored.in("test", signs -> signs.withTelemetry((value, sample, number) -> 0)))),
                bug(
                        "speed of test in miles per hour on its way into the network",
                        "input-wrong-statistics",
                        () -> Ward.telemetry(
                                multiInput(), (x, indices) -> x.mul(2.237).add(5), "test")),
                bug(
                        "speed of test-dev in km/h",
                        "input-not-normalised",
                        () -> Ward.of(
                                "multi-input",
                                Ward.PLAIN,
                                240,
                                120,
                                Ward.Stored.in(
                                        "test-dev",
                                        signs -> signs.withTelemetry(
                                                (value, sample, number) -> number == 0 ? value * 3.6f : value)))));
    }

    private static final Signs.Kind SHORT_DRIVES = Ward.PLAIN.framesOfDrive(6);

    /** Drives of one class each, of which those of one split carry one another's labels. */
    private static Patient exchangedIn(String exchanged) {
        return Ward.of("lenet", SHORT_DRIVES, 600, 360, (split, signs) -> {
            Signs drives = Ward.ofOneClassPerDrive(signs, SHORT_DRIVES, 900 + split.hashCode());
            return split.equals(exchanged) ? drives.withLabels(Ward.exchangedBetweenDrives(drives)) : drives;
        });
    }

    private static Patient labelsOf(String split, Signs.Kind kind, java.util.function.IntUnaryOperator change) {
        return Ward.of(
                "lenet",
                kind,
                500,
                300,
                Ward.Stored.in(
                        split,
                        signs -> signs.withLabels(
                                Arrays.stream(signs.labels()).map(change).toArray())));
    }

    private static Stream<Arguments> labels() {
        return Stream.of(
                bug("labels of train dealt anew among its drives", "labels-shuffled", () -> exchangedIn("train")),
                bug("labels of test dealt anew among its drives", "labels-shuffled", () -> exchangedIn("test")),
                bug(
                        "labels of train sorted, its images not",
                        "labels-shuffled",
                        () -> Ward.lenet(Ward.Stored.in(
                                "train",
                                signs -> signs.withLabels(
                                        Arrays.stream(signs.labels()).sorted().toArray())))),
                bug(
                        "two of ten classes exchanged in test",
                        "class-order-differs",
                        () -> labelsOf("test", Ward.PLAIN.classes(10), label -> label < 2 ? 1 - label : label)),
                bug("all labels of train the same", "labels-constant", () -> labelsOf("train", Ward.PLAIN, label -> 0)),
                bug(
                        "all labels of test-dev the same",
                        "labels-constant",
                        () -> labelsOf("test-dev", Ward.PLAIN, label -> 2)),
                bug("half of the labels of test shuffled", "labels-shuffled", () -> partlyShuffled("test")),
                bug("half of the labels of train-dev shuffled", "labels-shuffled", () -> partlyShuffled("train-dev")),
                bug(
                        "as many classes as rows, and labels transposed",
                        "label-wrong-shape",
                        () -> Ward.of("lenet", Ward.PLAIN.classes(5), 240, 120, Ward.Stored.asDrawn())
                                .withSplits(split -> split.withLabels((samples, indices) -> split.labels()
                                        .encode(samples, indices)
                                        .transpose()
                                        .dup()))),
                bug(
                        "two classes encoded as one",
                        "classes-merged",
                        () -> Ward.lenet()
                                .withSplits(split -> split.withLabels((samples, indices) -> {
                                    INDArray rows = split.labels().encode(samples, indices);
                                    rows.putColumn(1, rows.getColumn(1).add(rows.getColumn(2)));
                                    rows.putColumn(2, rows.getColumn(2).mul(0));
                                    return rows;
                                }))),
                bug("labels smoothed until they say nothing, declared as soft", "labels-not-one-hot", () -> {
                    Patient patient = Ward.lenet();
                    return patient.withSplits(split -> split.withLabels((samples, indices) -> split.labels()
                                    .encode(samples, indices)
                                    .muli(0.05)
                                    .addi(0.95 / 3)))
                            .withDeclared(new Patient.Declaration(
                                    3, patient.declared().statistics(), Set.of(), true));
                }),
                bug(
                        "labels with an axis of length 1",
                        "label-wrong-shape",
                        () -> Ward.lenet()
                                .withSplits(split -> split.withLabels((samples, indices) ->
                                        split.labels().encode(samples, indices).reshape(indices.length, 3, 1)))));
    }

    /** Every second label belongs to another image. */
    private static Patient partlyShuffled(String split) {
        return Ward.of("lenet", Ward.PLAIN.classes(4), 500, 300, Ward.Stored.in(split, signs -> {
            int[] others = Faults.shuffled(signs.labels(), 6);
            return signs.withLabels(IntStream.range(0, others.length)
                    .map(i -> i % 2 == 0 ? others[i] : signs.label(i))
                    .toArray());
        }));
    }

    private static Stream<Arguments> leakage() {
        return Stream.of(
                bug(
                        "one of 5,000 images of train in test",
                        "split-leakage",
                        () -> Ward.of(
                                "lenet",
                                Ward.PLAIN,
                                5000,
                                120,
                                Ward.Stored.in(
                                        "test", signs -> signs.withSome(Signs.of(5000, Ward.PLAIN, 50), 2501, 1, 60)))),
                bug(
                        "images of test-dev in test",
                        "split-leakage",
                        () -> Ward.lenet(Ward.Stored.in(
                                "test", signs -> signs.withSome(Signs.of(120, Ward.PLAIN, 52), 10, 12, 60)))),
                bug(
                        "mirrored images of train in test",
                        "split-leakage",
                        () -> Ward.lenet(Ward.Stored.in("test", signs -> {
                            Signs train = Signs.of(240, Ward.PLAIN, 50);
                            return signs.withSome(
                                    train.withPixels((levels, sample, channel, y, x) ->
                                            levels[train.at(channel, y, train.width() - 1 - x)]),
                                    10,
                                    20,
                                    60);
                        }))));
    }

    /** Shares over the batch rather than over the classes. */
    static final class SoftmaxOverBatch extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.assign(Transforms.softmax(in.transpose().dup(), true).transpose());
        }
    }

    /** Regularises where it should predict. */
    static final class NoiseAlways extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.addi(Nd4j.randn(DataType.FLOAT, in.shape()));
        }
    }

    private static BatchNormalization norm(double decay, double epsilon) {
        return new BatchNormalization.Builder().decay(decay).eps(epsilon).build();
    }

    private static Patient withNorm(BatchNormalization norm) {
        return Ward.network(
                Ward.convolution(),
                norm,
                new ActivationLayer(new ActivationReLU()),
                Ward.pool(),
                Ward.dense(),
                Ward.output());
    }

    private static Stream<Arguments> network() {
        return Stream.of(
                bug(
                        "softmax over the batch",
                        "batch-mixes-examples",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output(new LossMCXENT(), new SoftmaxOverBatch()))),
                bug(
                        "softmax in a hidden layer, not the last",
                        "softmax-twice",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(64, Activation.SOFTMAX),
                                Ward.dense(),
                                Ward.output())),
                bug(
                        "a class of weight 0 in the loss",
                        "loss-does-not-fit-output",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output(
                                        new LossMCXENT(Nd4j.createFromArray(1f, 0f, 1f)), new ActivationSoftmax()))),
                bug(
                        "an epsilon of 1,000 in batch-norm",
                        "batch-norm-inactive-in-training",
                        () -> withNorm(norm(0.9, 1e3))),
                bug("a decay of 0 in batch-norm", "batch-norm-statistics-of-one-batch", () -> withNorm(norm(0, 1e-5))),
                bug(
                        "a decay of 0.999999 in batch-norm",
                        "batch-norm-statistics-not-updated",
                        () -> withNorm(norm(0.999999, 1e-5))),
                bug(
                        "all units of a layer begin equal",
                        "weights-not-initialised",
                        () -> Ward.tampered(Ward.lenet(), graph -> {
                            INDArray weights = graph.getLayer("dense").getParam("W");
                            INDArray first = weights.getColumn(0).dup();
                            for (int unit = 0; unit < weights.size(1); unit++) {
                                weights.putColumn(unit, first);
                            }
                        })),
                bug(
                        "biases that no update moves",
                        "weights-do-not-move",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            List<INDArray> biases = graph.paramTable().keySet().stream()
                                    .filter(name -> name.endsWith("_b"))
                                    .sorted()
                                    .map(name -> graph.paramTable().get(name))
                                    .toList();
                            List<INDArray> before =
                                    biases.stream().map(INDArray::dup).toList();
                            graph.fit(inputs, new INDArray[] {labels});
                            for (int i = 0; i < biases.size(); i++) {
                                biases.get(i).assign(before.get(i));
                            }
                            return graph.score();
                        })),
                bug(
                        "an update that makes a weight NaN, which a ReLU hides",
                        "not-finite-in-weights",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            graph.fit(inputs, new INDArray[] {labels});
                            graph.params().putScalar(10, Double.NaN);
                            return graph.score();
                        })),
                bug(
                        "a layer that adds noise in evaluation, too",
                        "dropout-active-in-evaluation",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                new ActivationLayer(new NoiseAlways()),
                                Ward.output())),
                bug(
                        "classes of the labels rotated in the training step",
                        "training-step-wrong",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            INDArray last = labels.get(ALL, NDArrayIndex.interval(2, 3));
                            graph.fit(inputs, new INDArray[] {
                                Nd4j.concat(1, last, labels.get(ALL, NDArrayIndex.interval(0, 2)))
                            });
                            return graph.score();
                        })),
                bug(
                        "an augmentation that leaves nothing of the image",
                        "training-step-wrong",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            INDArray noise = Nd4j.randn(DataType.FLOAT, inputs[0].shape());
                            graph.fit(new INDArray[] {inputs[0].mul(0.01).add(noise)}, new INDArray[] {labels});
                            return graph.score();
                        })),
                bug(
                        "a copy of the network, made before the training, predicts",
                        "prediction-differs-from-network",
                        () -> {
                            Patient healthy = Ward.lenet();
                            ComputationGraph copy = healthy.network().get();
                            return healthy.withPredictStep((graph, inputs) -> copy.outputSingle(false, inputs));
                        }),
                bug(
                        "labels as whole numbers of 64 bits",
                        "wrong-data-type",
                        () -> Ward.lenet()
                                .withSplits(split -> split.withLabels((samples, indices) ->
                                        split.labels().encode(samples, indices).castTo(DataType.INT64)))));
    }

    private static Arguments bug(String name, String check, Supplier<Patient> patient) {
        return Arguments.of(name, check, patient);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("strangersBugs")
    void isFoundByItsNameFirstOfAll(String name, String check, Supplier<Patient> patient) throws InterruptedException {
        Diagnosis.first(name, check, patient.get());
    }
}
