package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossCosineProximity;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossPoisson;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A fourth list, written down before any check was read: more networks, sequences, telemetry, steps of the training. */
class DoctorFindsFurtherBugsTest {
    private static final INDArrayIndex ALL = NDArrayIndex.all();

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    static Stream<Arguments> furtherBugs() {
        return Stream.of(
                        shapes(),
                        inputs(),
                        sequences(),
                        telemetry(),
                        labels(),
                        leakage(),
                        losses(),
                        layers(),
                        steps(),
                        rates(),
                        further())
                .flatMap(bugs -> bugs);
    }

    private static Patient of(String network) {
        return Ward.of(network, Ward.PLAIN, 240, 120, Ward.Stored.asDrawn());
    }

    private static Patient small(IActivation before) {
        return Ward.network(Ward.convolution(), Ward.pool(), Ward.dense(), new ActivationLayer(before), Ward.output());
    }

    private static Patient ended(ILossFunction loss, IActivation activation) {
        return Ward.network(Ward.convolution(), Ward.pool(), Ward.dense(), Ward.output(loss, activation));
    }

    private static Patient updated(IUpdate updater) {
        return Ward.network(
                common -> common.updater(updater.get()), Ward.convolution(), Ward.pool(), Ward.dense(), Ward.output());
    }

    private interface IUpdate {
        org.nd4j.linalg.learning.config.IUpdater get();
    }

    private static Stream<Arguments> shapes() {
        return Stream.of(
                bug(
                        "a channel of opacity",
                        "input-wrong-shape",
                        () -> Ward.inputs(of("resnet18"), (x, indices) -> {
                            INDArray opaque = Nd4j.ones(DataType.FLOAT, x.size(0), 1, x.size(2), x.size(3));
                            return Nd4j.concat(1, x, opaque);
                        })),
                bug(
                        "images as one long row for lenet",
                        "input-wrong-shape",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> x.reshape(x.size(0), -1))),
                bug(
                        "an axis of length 1 before the channels",
                        "input-wrong-shape",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> x.reshape(x.size(0), 1, x.size(1), x.size(2), x.size(3)))),
                bug(
                        "image and telemetry exchanged",
                        "input-wrong-shape",
                        () -> of("multi-input")
                                .withSplits(split -> split.withInputs((samples, indices) -> {
                                    INDArray[] read = split.inputs().read(samples, indices);
                                    return new INDArray[] {read[1], read[0]};
                                }))),
                bug(
                        "telemetry left away",
                        "input-wrong-shape",
                        () -> of("multi-input")
                                .withSplits(split -> split.withInputs((samples, indices) ->
                                        new INDArray[] {split.inputs().read(samples, indices)[0]}))),
                bug(
                        "one label row for the whole batch",
                        "label-wrong-shape",
                        () -> of("dense")
                                .withSplits(split -> split.withLabels((samples, indices) ->
                                        split.labels().encode(samples, indices).get(NDArrayIndex.interval(0, 1))))),
                bug(
                        "predictions of all but the last sample",
                        "output-wrong-shape",
                        () -> Ward.lenet().withPredictStep((graph, inputs) -> {
                            INDArray all = graph.outputSingle(false, inputs);
                            return all.size(0) < 2 ? all : all.get(NDArrayIndex.interval(0, all.size(0) - 1));
                        })),
                bug("four classes declared, three known", "label-wrong-shape", () -> {
                    Patient patient = Ward.lenet();
                    Patient.Declaration declared = patient.declared();
                    return patient.withDeclared(new Patient.Declaration(
                            4, declared.statistics(), declared.frozenLayers(), declared.softLabels()));
                }),
                bug(
                        "inputs of half precision",
                        "wrong-data-type",
                        () -> Ward.inputs(of("resnet18"), (x, indices) -> x.castTo(DataType.FLOAT16))),
                bug(
                        "a network of doubles",
                        "wrong-data-type",
                        () -> Ward.network(
                                common -> common.dataType(DataType.DOUBLE),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())));
    }

    private static INDArray bytes(INDArray normalised, Patient patient) {
        ChannelStatistics statistics = Faults.statistics(patient);
        INDArray levels = normalised.dup();
        for (int c = 0; c < levels.size(1); c++) {
            INDArray plane = levels.get(ALL, NDArrayIndex.interval(c, c + 1));
            plane.muli(statistics.deviation().get(c)).addi(statistics.mean().get(c));
        }
        return levels;
    }

    private static INDArray normalised(INDArray levels, Patient patient) {
        ChannelStatistics statistics = Faults.statistics(patient);
        for (int c = 0; c < levels.size(1); c++) {
            INDArray plane = levels.get(ALL, NDArrayIndex.interval(c, c + 1));
            plane.subi(statistics.mean().get(c)).divi(statistics.deviation().get(c));
        }
        return levels;
    }

    /** Something done to levels from 0 to 1, before they are normalised. */
    private static Patient beforeNormalising(Patient patient, Ward.BatchChange change, String... splits) {
        return Ward.inputs(patient, (x, indices) -> normalised(change.of(bytes(x, patient), indices), patient), splits);
    }

    private static INDArray rows(INDArray x, int[] indices, RowChange change) {
        INDArray changed = x.dup();
        for (int row = 0; row < x.size(0); row++) {
            INDArray image = x.get(NDArrayIndex.interval(row, row + 1)).dup();
            changed.get(NDArrayIndex.interval(row, row + 1)).assign(change.of(image, indices[row]));
        }
        return changed;
    }

    private interface RowChange {
        INDArray of(INDArray image, int index);
    }

    private static INDArray mirrored(INDArray x) {
        INDArray changed = x.dup();
        for (int column = 0; column < x.size(3); column++) {
            long other = x.size(3) - 1 - column;
            changed.get(ALL, ALL, ALL, NDArrayIndex.interval(column, column + 1))
                    .assign(x.get(ALL, ALL, ALL, NDArrayIndex.interval(other, other + 1)));
        }
        return changed;
    }

    /** The flat numbers of each image, read from another place on. */
    private static INDArray from(INDArray x, IntUnaryOperator place) {
        int size = (int) (x.length() / x.size(0));
        float[] read = x.dup('c').data().asFloat();
        float[] changed = new float[read.length];
        for (int i = 0; i < read.length; i++) {
            changed[i] = read[i / size * size + Math.floorMod(place.applyAsInt(i % size), size)];
        }
        return Nd4j.create(changed, x.shape(), 'c');
    }

    private static Stream<Arguments> inputs() {
        int width = Ward.PLAIN.width();
        int height = Ward.PLAIN.height();
        return Stream.of(
                bug(
                        "each image stretched to its own darkest and brightest",
                        "input-wrong-statistics",
                        () -> beforeNormalising(
                                of("resnet18"),
                                (x, indices) -> rows(x, indices, (image, index) -> {
                                    double least = image.minNumber().doubleValue();
                                    double most = image.maxNumber().doubleValue();
                                    return image.sub(least).div(most - least);
                                }))),
                bug(
                        "negatives in test-dev",
                        "input-wrong-statistics",
                        () -> beforeNormalising(of("dense"), (x, indices) -> x.rsub(1), "test-dev")),
                bug(
                        "one mean and one deviation for all channels",
                        "input-wrong-statistics",
                        () -> Ward.preprocessed(of("dense"), (chw, shape, into, offset) -> {
                            for (int i = 0; i < chw.length; i++) {
                                into[offset + i] = (float) (((chw[i] & 0xff) / 255.0 - 0.47) / 0.22);
                            }
                        })),
                bug(
                        "normalised inputs cut to -1..1",
                        "input-wrong-statistics",
                        () -> Ward.inputs(of("resnet18"), (x, indices) -> Transforms.hardTanh(x, true))),
                bug(
                        "train-dev as bytes",
                        "input-range-0-255",
                        () -> beforeNormalising(Ward.lenet(), (x, indices) -> x.mul(255), "train-dev")),
                bug(
                        "brighter by 60 with an overflow, in test",
                        "input-wrong-statistics",
                        () -> Ward.preprocessed(
                                Ward.lenet(),
                                (chw, shape, into, offset) -> {
                                    for (int i = 0; i < chw.length; i++) {
                                        into[offset + i] =
                                                (float) ((((chw[i] & 0xff) + 60 & 0xff) / 255.0 - 0.5) / 0.2);
                                    }
                                },
                                "test")),
                bug(
                        "random brightness left on in test-dev",
                        "input-wrong-statistics",
                        () -> beforeNormalising(
                                Ward.lenet(),
                                (x, indices) -> rows(
                                        x,
                                        indices,
                                        (image, index) -> image.mul(0.4 + 1.2 * new Random(index * 77L).nextDouble())),
                                "test-dev")),
                bug(
                        "random mirroring left on in test",
                        "input-layout-scrambled",
                        () -> Ward.inputs(
                                of("resnet18"),
                                (x, indices) -> rows(
                                        x,
                                        indices,
                                        (image, index) ->
                                                new Random(index * 77L).nextBoolean() ? mirrored(image) : image),
                                "test")),
                bug(
                        "the middle enlarged in test",
                        "input-layout-scrambled",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> from(x, i -> {
                                    int column = i % width;
                                    int row = i / width % height;
                                    int channel = i / width / height;
                                    return (channel * height + height / 4 + row / 2) * width + width / 4 + column / 2;
                                }),
                                "test")),
                bug(
                        "read from the fourteenth byte on, after a header that is not there",
                        "input-layout-scrambled",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> from(x, i -> i + 14))),
                bug(
                        "rows read with padding that is not there",
                        "input-layout-scrambled",
                        () -> Ward.inputs(of("dense"), (x, indices) -> from(x, i -> i + i / width * 4))),
                bug(
                        "the last image of a batch left out of the buffer",
                        "batch-mixes-examples",
                        () -> Ward.inputs(Ward.lenet(), (x, indices) -> {
                            INDArray changed = x.dup();
                            changed.get(NDArrayIndex.interval(x.size(0) - 1, x.size(0)))
                                    .assign(0);
                            return changed;
                        })),
                bug(
                        "the first image of the batch in every row",
                        "inputs-identical",
                        () -> Ward.inputs(
                                of("resnet18"),
                                (x, indices) ->
                                        rows(x, indices, (image, index) -> x.get(NDArrayIndex.interval(0, 1))))),
                bug(
                        "an index that begins again after 32",
                        "inputs-identical",
                        () -> Ward.lenet()
                                .withSplits(split -> split.withInputs((samples, indices) -> split.inputs()
                                        .read(
                                                samples,
                                                IntStream.of(indices)
                                                        .map(i -> i % 32)
                                                        .toArray())))),
                bug("test reads the images of train", "input-unrelated-to-image", () -> {
                    Patient patient = Ward.lenet();
                    SplitSource train = patient.train();
                    return patient.withOther(
                            "test",
                            split -> split.withInputs(
                                    (samples, indices) -> train.inputs().read(train.samples(), indices)));
                }),
                bug(
                        "hue, saturation and value in train-dev",
                        "colour-space-differs",
                        () -> beforeNormalising(Ward.lenet(), (x, indices) -> hsv(x), "train-dev")),
                bug(
                        "grey in test-dev",
                        "colour-space-differs",
                        () -> beforeNormalising(
                                of("resnet18"),
                                (x, indices) -> {
                                    INDArray grey = x.get(ALL, NDArrayIndex.interval(0, 1))
                                            .mul(0.299)
                                            .add(x.get(ALL, NDArrayIndex.interval(1, 2))
                                                    .mul(0.587))
                                            .add(x.get(ALL, NDArrayIndex.interval(2, 3))
                                                    .mul(0.114));
                                    return Nd4j.concat(1, grey, grey, grey);
                                },
                                "test-dev")),
                bug(
                        "a pixel of test that is infinite",
                        "not-finite-in-inputs",
                        () -> Ward.inputs(
                                of("dense"), Ward.value(17, new int[] {0, 3, 3}, Double.NEGATIVE_INFINITY), "test")),
                bug(
                        "levels in steps of 32",
                        "input-wrong-statistics",
                        () -> beforeNormalising(
                                Ward.lenet(),
                                (x, indices) -> Transforms.floor(x.mul(8), true).div(8))),
                bug(
                        "green and blue exchanged on their way, in train-dev",
                        "channel-order-swapped",
                        () -> Ward.inputs(
                                of("resnet18"),
                                (x, indices) -> Nd4j.concat(
                                        1,
                                        x.get(ALL, NDArrayIndex.interval(0, 1)),
                                        x.get(ALL, NDArrayIndex.interval(2, 3)),
                                        x.get(ALL, NDArrayIndex.interval(1, 2))),
                                "train-dev")),
                bug(
                        "the camera of every drive of train stands still",
                        "labels-contradict",
                        () -> Ward.lenet(Ward.Stored.in("train", signs -> {
                            byte[][] still = new byte[signs.size()][];
                            for (int i = 0; i < still.length; i++) {
                                still[i] = signs.pixels()[signs.drive(i) * 6];
                            }
                            return new Signs(
                                    still, signs.labels(), signs.drives(), signs.telemetry(), 3, height, width);
                        }))),
                bug(
                        "the lower half of the stored images of test-dev grey",
                        "image-borders-differ",
                        () -> Ward.lenet(Ward.Stored.in(
                                "test-dev",
                                signs -> signs.withPixels((levels, sample, channel, y, x) ->
                                        y >= height / 2 ? 128 : levels[signs.at(channel, y, x)])))));
    }

    private static INDArray hsv(INDArray x) {
        float[] read = x.dup('c').data().asFloat();
        int plane = (int) (x.size(2) * x.size(3));
        float[] hsv = new float[3];
        for (int row = 0; row < x.size(0); row++) {
            for (int i = 0; i < plane; i++) {
                int at = row * 3 * plane + i;
                java.awt.Color.RGBtoHSB(
                        Math.round(255 * read[at]),
                        Math.round(255 * read[at + plane]),
                        Math.round(255 * read[at + 2 * plane]),
                        hsv);
                for (int c = 0; c < 3; c++) {
                    read[at + c * plane] = hsv[c];
                }
            }
        }
        return Nd4j.create(read, x.shape(), 'c');
    }

    private static Stream<Arguments> sequences() {
        int frame = Ward.PLAIN.channels() * Ward.PLAIN.height() * Ward.PLAIN.width();
        return Stream.of(
                bug(
                        "frames in the opposite order of time in test-dev",
                        "labels-shuffled",
                        () -> Ward.inputs(
                                of("lstm"),
                                (x, indices) -> from(x, i -> (2 - i / frame) * frame + i % frame),
                                "test-dev")),
                bug(
                        "frames without the labelled one",
                        "inputs-identical",
                        () -> Ward.inputs(of("lstm"), (x, indices) -> {
                            INDArray changed = x.dup();
                            changed.get(ALL, NDArrayIndex.interval(2 * frame, 3 * frame))
                                    .assign(0);
                            return changed;
                        })),
                bug(
                        "frames before the labelled one of the neighbour in the batch",
                        "batch-mixes-examples",
                        () -> Ward.inputs(of("lstm"), (x, indices) -> {
                            INDArray changed = x.dup();
                            for (int row = 0; row < x.size(0); row++) {
                                long other = (row + 1) % x.size(0);
                                changed.get(NDArrayIndex.interval(row, row + 1), NDArrayIndex.interval(0, 2 * frame))
                                        .assign(x.get(
                                                NDArrayIndex.interval(other, other + 1),
                                                NDArrayIndex.interval(0, 2 * frame)));
                            }
                            return changed;
                        })),
                bug(
                        "frames normalised twice",
                        "input-normalised-twice",
                        () -> Ward.inputs(
                                of("lstm"), (x, indices) -> x.sub(0.45).div(0.22))),
                bug(
                        "frames as bytes",
                        "input-range-0-255",
                        () -> Ward.inputs(
                                of("lstm"),
                                (x, indices) -> x.mul(0.22).add(0.45).mul(255))),
                bug(
                        "sequences of telemetry as time × telemetry",
                        "input-wrong-shape",
                        () -> Ward.inputs(
                                of("lstm-telemetry"),
                                (x, indices) -> x.permute(0, 2, 1).dup('c'))),
                bug(
                        "sequences of telemetry, not normalised",
                        "input-not-normalised",
                        () -> Ward.inputs(of("lstm-telemetry"), (x, indices) -> {
                            INDArray raw = x.dup();
                            raw.get(ALL, NDArrayIndex.interval(0, 1)).muli(3.4).addi(14);
                            raw.get(ALL, NDArrayIndex.interval(1, 2)).muli(0.1);
                            return raw;
                        })),
                bug(
                        "NaN for telemetry from before a drive began",
                        "not-finite-in-inputs",
                        () -> Ward.inputs(of("lstm-telemetry"), (x, indices) -> {
                            for (int row = 0; row < indices.length; row++) {
                                if (indices[row] % 6 == 0) {
                                    x.putScalar(new long[] {row, 0, 0}, Double.NaN);
                                }
                            }
                            return x;
                        })),
                bug("predictions smoothed with those of the batch before", "dropout-active-in-evaluation", () -> {
                    INDArray[] before = {null};
                    return of("lstm-telemetry").withPredictStep((graph, inputs) -> {
                        INDArray own = graph.outputSingle(false, inputs).dup();
                        INDArray smoothed = before[0] == null || before[0].size(0) != own.size(0)
                                ? own.mul(0.5).add(0.5 / 3)
                                : own.mul(0.5).add(before[0].mul(0.5));
                        before[0] = smoothed;
                        return smoothed;
                    });
                }),
                bug(
                        "an LSTM with weights a hundred times too large",
                        "saturated-units",
                        () -> Ward.tampered(of("lstm"), graph -> {
                            graph.getLayer("lstm").getParam("W").muli(100);
                            graph.getLayer("lstm").getParam("RW").muli(100);
                        })),
                bug(
                        "gates of an LSTM shut by their bias",
                        "activations-vanish",
                        () -> Ward.tampered(
                                of("lstm"),
                                graph -> graph.getLayer("lstm").getParam("b").assign(-30))),
                bug(
                        "labels of sequences late by one frame in train",
                        "labels-shuffled",
                        () -> of("lstm")
                                .withTrain(split -> split.withLabels((samples, indices) -> split.labels()
                                        .encode(
                                                samples,
                                                IntStream.of(indices)
                                                        .map(i -> Math.max(0, i - 1))
                                                        .toArray())))));
    }

    private static Stream<Arguments> telemetry() {
        return Stream.of(
                bug(
                        "speed and yaw rate exchanged in test",
                        "input-layout-scrambled",
                        () -> Ward.telemetry(
                                of("multi-input"),
                                (x, indices) -> Nd4j.concat(
                                        1,
                                        x.get(ALL, NDArrayIndex.interval(1, 2)),
                                        x.get(ALL, NDArrayIndex.interval(0, 1))),
                                "test")),
                bug(
                        "telemetry of the sample after",
                        "labels-shuffled",
                        () -> of("multi-input")
                                .withSplits(split -> split.withInputs((samples, indices) -> {
                                    INDArray[] read = split.inputs().read(samples, indices);
                                    INDArray[] next = split.inputs()
                                            .read(
                                                    samples,
                                                    IntStream.of(indices)
                                                            .map(i -> (i + 1) % samples.size())
                                                            .toArray());
                                    return new INDArray[] {read[0], next[1]};
                                }))),
                bug(
                        "telemetry that is missing passed on as NaN",
                        "not-finite-in-inputs",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> {
                            for (int row = 0; row < indices.length; row++) {
                                if (indices[row] % 9 == 4) {
                                    x.putScalar(row, 1, Double.NaN);
                                }
                            }
                            return x;
                        })),
                bug(
                        "telemetry not passed on at all",
                        "inputs-identical",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> x.mul(0))),
                bug(
                        "telemetry as the car sent it",
                        "input-not-normalised",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> {
                            INDArray raw = x.dup();
                            raw.get(ALL, NDArrayIndex.interval(0, 1)).muli(3.4).addi(14);
                            raw.get(ALL, NDArrayIndex.interval(1, 2)).muli(0.1);
                            return raw;
                        })),
                bug(
                        "telemetry as whole numbers",
                        "input-truncated-to-integers",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> Transforms.round(x, true))),
                bug(
                        "telemetry normalised twice",
                        "input-normalised-twice",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> {
                            INDArray twice = x.dup();
                            twice.get(ALL, NDArrayIndex.interval(0, 1)).subi(14).divi(3.4);
                            twice.get(ALL, NDArrayIndex.interval(1, 2)).divi(0.1);
                            return twice;
                        })),
                bug(
                        "9999 for a yaw rate that is missing, in test",
                        "telemetry-sentinel",
                        () -> Ward.of(
                                "multi-input",
                                Ward.PLAIN,
                                240,
                                120,
                                Ward.Stored.in(
                                        "test",
                                        signs -> signs.withTelemetry((value, sample, number) ->
                                                number == 1 && sample % 20 == 4 ? 9999 : value)))),
                bug(
                        "telemetry as doubles",
                        "wrong-data-type",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> x.castTo(DataType.DOUBLE))),
                bug(
                        "the label, coded by two flags",
                        "label-in-telemetry",
                        () -> Ward.of(
                                "multi-input",
                                Ward.PLAIN,
                                240,
                                120,
                                (split, signs) -> signs.withTelemetry((value, sample, number) -> number == 0
                                        ? signs.label(sample) == 0 ? 1 : 0
                                        : signs.label(sample) == 1 ? 1 : 0))));
    }

    private static Patient relabelled(String network, Signs.Kind kind, String split, IntUnaryOperator change) {
        return Ward.of(
                network,
                kind,
                600,
                360,
                Ward.Stored.in(
                        split,
                        signs -> signs.withLabels(
                                IntStream.of(signs.labels()).map(change).toArray())));
    }

    private static Stream<Arguments> labels() {
        return Stream.of(
                bug(
                        "twelve classes of train-dev in the order of the alphabet",
                        "class-order-differs",
                        () -> relabelled(
                                "dense",
                                Ward.PLAIN.classes(12),
                                "train-dev",
                                label -> List.of("0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9")
                                        .indexOf(Integer.toString(label)))),
                bug(
                        "both classes exchanged in test-dev",
                        "class-order-differs",
                        () -> relabelled("resnet18", Ward.PLAIN.classes(2), "test-dev", label -> 1 - label)),
                bug(
                        "classes of train counted from 1, the last at 0",
                        "class-order-differs",
                        () -> relabelled("lenet", Ward.PLAIN.classes(5), "train", label -> (label + 1) % 5)),
                bug(
                        "class names of test in other letters",
                        "class-order-differs",
                        () -> Ward.lenet()
                                .withOther(
                                        "test", split -> split.withClasses(List.of("Class-0", "Class-1", "Class-2")))),
                bug(
                        "one class name less in test-dev",
                        "class-order-differs",
                        () -> Ward.lenet()
                                .withOther("test-dev", split -> split.withClasses(List.of("class-0", "class-1")))),
                bug(
                        "labels of test from the last to the first",
                        "labels-shuffled",
                        () -> Ward.of(
                                "multi-input",
                                Ward.PLAIN.classes(4),
                                400,
                                300,
                                Ward.Stored.in(
                                        "test",
                                        signs -> signs.withLabels(IntStream.range(0, signs.size())
                                                .map(i -> signs.label(signs.size() - 1 - i))
                                                .toArray())))),
                bug(
                        "every second label of train-dev lost to the first class",
                        "labels-shuffled",
                        () -> Ward.of(
                                "lenet",
                                Ward.PLAIN.classes(4),
                                500,
                                300,
                                Ward.Stored.in(
                                        "train-dev",
                                        signs -> signs.withLabels(IntStream.range(0, signs.size())
                                                .map(i -> i % 2 == 0 ? 0 : signs.label(i))
                                                .toArray())))),
                bug(
                        "every frame of train labelled as the first of its drive",
                        "labels-shuffled",
                        () -> Ward.lenet(Ward.Stored.in(
                                "train",
                                signs -> signs.withLabels(IntStream.range(0, signs.size())
                                        .map(i -> signs.label(i / 6 * 6))
                                        .toArray())))),
                bug(
                        "labels from 0 to 255",
                        "labels-not-one-hot",
                        () -> Faults.withLabels(of("resnet18"), y -> y.mul(255))),
                bug(
                        "a 0 for the class among ones",
                        "labels-not-one-hot",
                        () -> Faults.withLabels(of("dense"), y -> y.rsub(1))),
                bug(
                        "a NaN in one label of test",
                        "not-finite-in-labels",
                        () -> Ward.lenet()
                                .withOther(
                                        "test",
                                        split -> split.withLabels((samples, indices) -> {
                                            INDArray rows = split.labels().encode(samples, indices);
                                            for (int row = 0; row < indices.length; row++) {
                                                if (indices[row] == 99) {
                                                    rows.putScalar(row, 1, Double.NaN);
                                                }
                                            }
                                            return rows;
                                        }))),
                bug(
                        "two classes stored as one in train-dev",
                        "classes-merged",
                        () -> relabelled("lenet", Ward.PLAIN.classes(4), "train-dev", label -> label == 3 ? 2 : label)),
                bug(
                        "probabilities of a teacher that nobody declared",
                        "labels-not-one-hot",
                        () -> Ward.lenet()
                                .withTrain(split -> split.withLabels((samples, indices) -> {
                                    INDArray rows = split.labels().encode(samples, indices);
                                    return Transforms.softmax(
                                            rows.mul(4).add(Nd4j.rand(DataType.FLOAT, rows.shape())), true);
                                }))));
    }

    private static Patient copied(int count, Signs.PixelChange change) {
        Signs train = Signs.of(240, Ward.PLAIN.size(32, 40), 50);
        return Ward.of(
                "lenet",
                Ward.PLAIN.size(32, 40),
                240,
                120,
                Ward.Stored.in("test", signs -> signs.withSome(train.withPixels(change), 40, count, 30)));
    }

    private static Stream<Arguments> leakage() {
        Signs train = Signs.of(240, Ward.PLAIN.size(32, 40), 50);
        return Stream.of(
                bug(
                        "train-dev is train",
                        "split-leakage",
                        () -> Ward.lenet(Ward.Stored.in("train-dev", signs -> Signs.of(240, Ward.PLAIN, 50)))),
                bug(
                        "copies of train in test with red and blue exchanged",
                        "split-leakage",
                        () -> copied(24, (levels, sample, channel, y, x) -> levels[train.at(2 - channel, y, x)])),
                bug(
                        "copies of train in test with less contrast",
                        "split-leakage",
                        () -> copied(
                                24, (levels, sample, channel, y, x) -> 0.7 * levels[train.at(channel, y, x)] + 40)),
                bug(
                        "copies of train in test with the time burnt into two rows",
                        "split-leakage",
                        () -> copied(
                                24,
                                (levels, sample, channel, y, x) -> y > 29
                                        ? (x * (sample + 3) % 7 < 3 ? 255 : 0)
                                        : levels[train.at(channel, y, x)])),
                bug(
                        "copies of train in test, one pixel changed in each",
                        "split-leakage",
                        () -> copied(
                                3,
                                (levels, sample, channel, y, x) ->
                                        y == 5 && x == sample % 30 ? 0 : levels[train.at(channel, y, x)])),
                bug(
                        "ids of test-dev again in test",
                        "split-leakage",
                        () -> of("multi-input")
                                .withOther("test", split -> split.withIds(i -> "test-dev/" + i, split.driveId()))),
                bug(
                        "a drive of train-dev in test-dev",
                        "split-leakage",
                        () -> of("dense")
                                .withOther(
                                        "test-dev",
                                        split -> split.withIds(
                                                split.sampleId(),
                                                i -> i < 6 ? "train-dev-drive-2" : "test-dev-drive-" + i / 6))));
    }

    /** The value of labels as given, the gradient of labels that are smoothed. */
    static final class SmoothedGradient extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
            return super.computeGradient(labels.mul(0.4).add(0.2), preOutput, activation, mask);
        }
    }

    /** The sum over the batch where its mean is expected, in value and gradient. */
    static final class TimesBatch extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public double computeScore(
                INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
            return labels.size(0) * super.computeScore(labels, preOutput, activation, mask, average);
        }

        @Override
        public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
            return super.computeGradient(labels, preOutput, activation, mask).muli(labels.size(0));
        }
    }

    /** A softmax that is nearly a maximum. */
    static final class ColdSoftmax extends ActivationSoftmax {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return super.getActivation(in.muli(100), training);
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            Pair<INDArray, INDArray> result = super.backprop(in.mul(100), epsilon);
            return new Pair<>(result.getFirst().mul(100), result.getSecond());
        }
    }

    private static Stream<Arguments> losses() {
        return Stream.of(
                bug(
                        "absolute error with softmax",
                        "loss-does-not-fit-output",
                        () -> ended(new LossMAE(), new ActivationSoftmax())),
                bug(
                        "loss of Poisson with softmax",
                        "loss-does-not-fit-output",
                        () -> ended(new LossPoisson(), new ActivationSoftmax())),
                bug(
                        "cosine proximity with softmax",
                        "loss-does-not-fit-output",
                        () -> ended(new LossCosineProximity(), new ActivationSoftmax())),
                bug(
                        "absolute error of logits",
                        "loss-does-not-fit-output",
                        () -> ended(new LossMAE(), new ActivationIdentity())),
                bug(
                        "cross-entropy of what a hard sigmoid gives",
                        "sigmoid-with-multi-class",
                        () -> ended(new LossMCXENT(), Activation.HARDSIGMOID.getActivationFunction())),
                bug(
                        "cross-entropy of softplus",
                        "logits-where-probabilities-expected",
                        () -> ended(new LossMCXENT(), Activation.SOFTPLUS.getActivationFunction())),
                bug(
                        "the gradient of smoothed labels, the loss of plain ones",
                        "gradient-wrong",
                        () -> ended(new SmoothedGradient(), new ActivationSoftmax())),
                bug(
                        "a loss summed over the batch with stochastic gradient descent",
                        "learning-rate-too-high",
                        () -> Ward.network(
                                common -> common.updater(new Sgd(0.05)),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output(new TimesBatch(), new ActivationSoftmax()))),
                bug(
                        "a softmax of a hundredfold logits",
                        "saturated-units",
                        () -> ended(new LossMCXENT(), new ColdSoftmax())),
                bug(
                        "log-probabilities given as predictions",
                        "logits-where-probabilities-expected",
                        () -> Ward.lenet()
                                .withPredictStep(
                                        (graph, inputs) -> Transforms.log(graph.outputSingle(false, inputs), true))),
                bug(
                        "a tanh between logits and softmax",
                        "loss-does-not-fit-output",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.dense(3, Activation.TANH),
                                new org.deeplearning4j.nn.conf.layers.LossLayer.Builder(new LossMCXENT())
                                        .activation(Activation.SOFTMAX)
                                        .build())));
    }

    /** Everything divided by the largest of the batch. */
    static final class OverLargest extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.divi(in.amaxNumber().doubleValue() + 1e-6);
        }
    }

    /** Sums over all examples before. */
    static final class Cumulative extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.assign(in.cumsum(0));
        }
    }

    /** A reshape in the other order. */
    static final class Reshaped extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.assign(
                    in.dup('c').reshape('c', in.size(1), in.size(0)).transpose().dup('c'));
        }
    }

    /** A ReLU whose backward pass takes all units for firing. */
    static final class LeakingBackwards extends ActivationReLU {
        private static final long serialVersionUID = 1L;

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon, null);
        }
    }

    /** Nothing of what is before it. */
    static final class TimesZero extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.muli(0);
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon.mul(0), null);
        }
    }

    /** A square root of what may be negative. */
    static final class SquareRoot extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.assign(Transforms.sqrt(in, true));
        }
    }

    private static Patient normalised(Consumer<BatchNormalization.Builder> change) {
        BatchNormalization.Builder norm = new BatchNormalization.Builder();
        change.accept(norm);
        return Ward.network(
                Ward.convolution(),
                norm.build(),
                new ActivationLayer(new ActivationReLU()),
                Ward.pool(),
                Ward.dense(),
                Ward.output());
    }

    private static void eachParameter(ComputationGraph graph, String suffix, Consumer<INDArray> change) {
        graph.paramTable().forEach((name, values) -> {
            if (name.endsWith(suffix)) {
                change.accept(values);
            }
        });
    }

    private static Stream<Arguments> layers() {
        return Stream.of(
                bug("divided by the largest of the batch", "batch-mixes-examples", () -> small(new OverLargest())),
                bug("summed over the examples before", "batch-mixes-examples", () -> small(new Cumulative())),
                bug("reshaped in the other order", "batch-mixes-examples", () -> small(new Reshaped())),
                bug(
                        "a ReLU that passes all gradients",
                        "gradient-wrong",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(32, Activation.IDENTITY),
                                new ActivationLayer(new LeakingBackwards()),
                                Ward.output())),
                bug("a branch times 0", "activations-vanish", () -> small(new TimesZero())),
                bug(
                        "a square root of negative numbers",
                        "not-finite-in-activations",
                        () -> Ward.network(
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(32, Activation.IDENTITY),
                                new ActivationLayer(new SquareRoot()),
                                Ward.output())),
                bug(
                        "hard tanh far from 0",
                        "saturated-units",
                        () -> Ward.tampered(
                                Ward.network(
                                        Ward.convolution(),
                                        Ward.pool(),
                                        Ward.dense(32, Activation.HARDTANH),
                                        Ward.output()),
                                graph -> graph.getLayer("layer2").getParam("W").muli(60))),
                bug(
                        "half of the filters of resnet18's first layer the same",
                        "weights-not-initialised",
                        () -> Ward.tampered(of("resnet18"), graph -> {
                            INDArray filters = graph.paramTable().entrySet().stream()
                                    .filter(entry -> entry.getValue().rank() == 4)
                                    .findFirst()
                                    .orElseThrow()
                                    .getValue();
                            INDArray first =
                                    filters.get(NDArrayIndex.interval(0, 1)).dup();
                            for (int unit = 0; unit < filters.size(0) / 2; unit++) {
                                filters.get(NDArrayIndex.interval(unit, unit + 1))
                                        .assign(first);
                            }
                        })),
                bug(
                        "resnet18 with all shifts of its batch-norm at -30",
                        "dead-units",
                        () -> Ward.tampered(
                                of("resnet18"), graph -> eachParameter(graph, "_beta", p -> p.assign(-30)))),
                bug(
                        "running deviation of resnet18 held at 100 after each update",
                        "batch-norm-statistics-not-updated",
                        () -> Ward.tampered(
                                        of("resnet18"), graph -> eachParameter(graph, "_log10stdev", p -> p.assign(2)))
                                .withTrainStep((graph, inputs, labels) -> {
                                    graph.fit(inputs, new INDArray[] {labels});
                                    eachParameter(graph, "_log10stdev", p -> p.assign(2));
                                    return graph.score();
                                })),
                bug(
                        "running statistics set back after each update",
                        "batch-norm-statistics-not-updated",
                        () -> normalised(norm -> {}).withTrainStep((graph, inputs, labels) -> {
                            graph.fit(inputs, new INDArray[] {labels});
                            eachParameter(graph, "_mean", p -> p.assign(0));
                            eachParameter(graph, "_var", p -> p.assign(1));
                            eachParameter(graph, "_log10stdev", p -> p.assign(0));
                            return graph.score();
                        })),
                bug(
                        "a batch-norm after the softmax's logits over the wrong axis",
                        "batch-mixes-examples",
                        () -> small(new OverExamples())),
                bug(
                        "the mean of two predictions with dropout",
                        "dropout-active-in-evaluation",
                        () -> Ward.network(
                                        Ward.convolution(),
                                        Ward.pool(),
                                        Ward.dense(),
                                        new org.deeplearning4j.nn.conf.layers.DropoutLayer.Builder(0.5).build(),
                                        Ward.output())
                                .withPredictStep((graph, inputs) -> graph.output(true, inputs)[0]
                                        .dup()
                                        .addi(graph.output(true, inputs)[0])
                                        .divi(2))),
                bug(
                        "predictions as one and zeros",
                        "prediction-differs-from-network",
                        () -> Ward.lenet().withPredictStep((graph, inputs) -> {
                            INDArray p = graph.outputSingle(false, inputs);
                            INDArray rows = Nd4j.zeros(DataType.FLOAT, p.shape());
                            for (int row = 0; row < p.size(0); row++) {
                                rows.putScalar(row, p.getRow(row).argMax().getInt(0), 1);
                            }
                            return rows;
                        })),
                bug(
                        "predicted classes from the last to the first",
                        "prediction-differs-from-network",
                        () -> of("resnet18").withPredictStep((graph, inputs) -> {
                            INDArray p = graph.outputSingle(false, inputs);
                            return Nd4j.concat(
                                    1,
                                    p.get(ALL, NDArrayIndex.interval(2, 3)),
                                    p.get(ALL, NDArrayIndex.interval(1, 2)),
                                    p.get(ALL, NDArrayIndex.interval(0, 1)));
                        })),
                bug(
                        "predictions sorted by the first class",
                        "prediction-differs-from-network",
                        () -> of("dense")
                                .withPredictStep((graph, inputs) -> Nd4j.sortRows(
                                        graph.outputSingle(false, inputs).dup(), 0, true))));
    }

    /** Each unit's values less their mean and over their deviation, along the examples, in evaluation, too. */
    static final class OverExamples extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            if (in.size(0) < 2) {
                return in;
            }
            INDArray mean = in.mean(0);
            INDArray deviation = in.std(0).addi(1e-3);
            return in.subiRowVector(mean).diviRowVector(deviation);
        }
    }

    private static Patient fed(String network, Ward.BatchChange change) {
        return of(network).withTrainStep((graph, inputs, labels) -> {
            INDArray[] fed = inputs.clone();
            fed[0] = change.of(inputs[0], null);
            graph.fit(fed, new INDArray[] {labels});
            return graph.score();
        });
    }

    private static Stream<Arguments> steps() {
        return Stream.of(
                bug(
                        "noise on the weights after each update",
                        "training-step-wrong",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            graph.fit(inputs, new INDArray[] {labels});
                            graph.params()
                                    .addi(Nd4j.randn(
                                                    DataType.FLOAT,
                                                    graph.params().shape())
                                            .mul(0.3));
                            return graph.score();
                        })),
                bug(
                        "a copy of the network trains",
                        "weights-do-not-move",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            ComputationGraph copy = graph.clone();
                            copy.fit(inputs, new INDArray[] {labels});
                            return copy.score();
                        })),
                bug(
                        "images of the training step from the last to the first",
                        "training-step-wrong",
                        () -> fed("lenet", (x, indices) -> {
                            INDArray changed = x.dup();
                            for (int row = 0; row < x.size(0); row++) {
                                long other = x.size(0) - 1 - row;
                                changed.get(NDArrayIndex.interval(row, row + 1))
                                        .assign(x.get(NDArrayIndex.interval(other, other + 1)));
                            }
                            return changed;
                        })),
                bug(
                        "images of the training step times 255",
                        "training-step-wrong",
                        () -> fed("lenet", (x, indices) -> x.mul(255))),
                bug(
                        "the update of telemetry's layers undone",
                        "weights-do-not-move",
                        () -> of("multi-input").withTrainStep((graph, inputs, labels) -> {
                            INDArray weights =
                                    graph.getLayer("telemetry-features").getParam("W");
                            INDArray before = weights.dup();
                            graph.fit(inputs, new INDArray[] {labels});
                            weights.assign(before);
                            return graph.score();
                        })),
                bug(
                        "a step that says the loss of 0",
                        "training-step-wrong",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            graph.fit(inputs, new INDArray[] {labels});
                            return 0;
                        })),
                bug(
                        "a step that says the loss of the whole batch",
                        "training-step-wrong",
                        () -> Ward.lenet().withTrainStep((graph, inputs, labels) -> {
                            graph.fit(inputs, new INDArray[] {labels});
                            return graph.score() * labels.size(0);
                        })));
    }

    private static Stream<Arguments> rates() {
        return Stream.of(
                bug(
                        "an epsilon of 1,000 for Adam",
                        "weights-do-not-move",
                        () -> updated(() ->
                                Adam.builder().learningRate(1e-3).epsilon(1e3).build())),
                bug(
                        "gradients clipped to a millionth",
                        "weights-do-not-move",
                        () -> Ward.network(
                                common -> common.updater(new Sgd(0.05))
                                        .gradientNormalization(GradientNormalization.ClipElementWiseAbsoluteValue)
                                        .gradientNormalizationThreshold(1e-6),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())),
                bug(
                        "a rate of 100 for the biases",
                        "learning-rate-too-high",
                        () -> Ward.network(
                                common -> common.biasUpdater(new Sgd(100)),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())));
    }

    private static Patient drawn(int classes, Signs.PixelChange change, String... splits) {
        return Ward.of(
                "lenet",
                Ward.PLAIN.classes(classes),
                240,
                120,
                (split, signs) -> List.of(splits).contains(split) ? signs.withPixels(change) : signs);
    }

    private static Patient grey(String... splits) {
        return Ward.lenet((split, signs) -> List.of(splits).contains(split)
                ? signs.withPixels((levels, sample, channel, y, x) ->
                        (levels[signs.at(0, y, x)] + levels[signs.at(1, y, x)] + levels[signs.at(2, y, x)]) / 3.0)
                : signs);
    }

    private static Stream<Arguments> further() {
        int width = Ward.PLAIN.width();
        int height = Ward.PLAIN.height();
        Signs train = Signs.of(240, Ward.PLAIN, 50);
        Signs ofTwo = Signs.of(240, Ward.PLAIN.classes(2), 50);
        return Stream.of(
                bug(
                        "a mark for the class drawn into a corner of the images of train",
                        "label-in-image",
                        () -> drawn(
                                3,
                                (levels, sample, channel, y, x) -> y < 2 && x < 2
                                        ? 40 + 80 * train.label(sample)
                                        : levels[train.at(channel, y, x)],
                                "train")),
                bug(
                        "a frame around the images of one of two classes, compressed",
                        "label-in-image",
                        () -> drawn(
                                2,
                                (levels, sample, channel, y, x) ->
                                        ofTwo.label(sample) == 1 && (y == 3 || y == 16 || x == 5 || x == 22)
                                                ? 250 - (sample * 7 + x + y) % 5
                                                : ofTwo.label(sample) == 0 && y == 3 && x == 5
                                                        ? 20 + sample % 3
                                                        : levels[ofTwo.at(channel, y, x)],
                                "train")),
                bug(
                        "telemetry of test cut to -1..1",
                        "input-wrong-statistics",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> Transforms.hardTanh(x, true), "test")),
                bug(
                        "every third speed of test-dev passed on as 0",
                        "input-wrong-statistics",
                        () -> Ward.telemetry(
                                of("multi-input"),
                                (x, indices) -> {
                                    for (int row = 0; row < indices.length; row++) {
                                        if (indices[row] % 3 == 0) {
                                            x.putScalar(row, 0, 0);
                                        }
                                    }
                                    return x;
                                },
                                "test-dev")),
                bug(
                        "noise in place of telemetry",
                        "input-unrelated-to-image",
                        () -> Ward.telemetry(of("multi-input"), (x, indices) -> {
                            for (int row = 0; row < indices.length; row++) {
                                Random random = new Random(indices[row] * 31L);
                                x.putScalar(row, 0, random.nextGaussian());
                                x.putScalar(row, 1, random.nextGaussian());
                            }
                            return x;
                        })),
                bug(
                        "sequences of telemetry in the opposite order of time in test",
                        "labels-shuffled",
                        () -> of("lstm-telemetry")
                                .withOther(
                                        "test",
                                        split -> split.withInputs((samples, indices) -> {
                                            INDArray read = split.inputs().read(samples, indices)[0];
                                            INDArray changed = read.dup();
                                            for (int time = 0; time < 3; time++) {
                                                changed.get(ALL, ALL, NDArrayIndex.interval(time, time + 1))
                                                        .assign(read.get(
                                                                ALL, ALL, NDArrayIndex.interval(2 - time, 3 - time)));
                                            }
                                            return new INDArray[] {changed};
                                        }))),
                bug(
                        "sequences of telemetry normalised twice",
                        "input-normalised-twice",
                        () -> Ward.inputs(of("lstm-telemetry"), (x, indices) -> {
                            INDArray twice = x.dup();
                            twice.get(ALL, NDArrayIndex.interval(0, 1)).subi(14).divi(3.4);
                            twice.get(ALL, NDArrayIndex.interval(1, 2)).divi(0.1);
                            return twice;
                        })),
                bug(
                        "sequences of telemetry as whole numbers",
                        "input-truncated-to-integers",
                        () -> Ward.inputs(of("lstm-telemetry"), (x, indices) -> Transforms.round(x, true))),
                bug("the batch before in place of this one", "labels-shuffled", () -> {
                    Patient patient = Ward.lenet();
                    return patient.withTrain(split -> {
                        INDArray[] before = {null};
                        return split.withInputs((samples, indices) -> {
                            INDArray own = split.inputs().read(samples, indices)[0];
                            INDArray given = before[0] == null || before[0].size(0) != own.size(0) ? own : before[0];
                            before[0] = own;
                            return new INDArray[] {given.dup()};
                        });
                    });
                }),
                bug(
                        "tiles of the image in another order",
                        "input-layout-scrambled",
                        () -> Ward.inputs(
                                of("resnet18"),
                                (x, indices) -> from(x, i -> {
                                    int row = i / width % height;
                                    return i + ((row + height / 2) % height - row) * width;
                                }))),
                bug(
                        "odd and even rows exchanged",
                        "input-layout-scrambled",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> from(x, i -> {
                                    int row = i / width % height;
                                    int column = i % width;
                                    int channel = i / width / height;
                                    int other = row < height / 2 ? 2 * row : 2 * (row - height / 2) + 1;
                                    return (channel * height + other) * width + column;
                                }))),
                bug(
                        "images of test-dev negative as stored colours, with other primaries",
                        "colour-space-differs",
                        () -> beforeNormalising(
                                Ward.lenet(),
                                (x, indices) -> {
                                    INDArray red = x.get(ALL, NDArrayIndex.interval(0, 1));
                                    INDArray green = x.get(ALL, NDArrayIndex.interval(1, 2));
                                    INDArray blue = x.get(ALL, NDArrayIndex.interval(2, 3));
                                    return Nd4j.concat(
                                            1,
                                            red.sub(green).mul(4),
                                            Transforms.max(red.dup(), blue.dup()),
                                            Transforms.sqrt(red.mul(blue).addi(1e-3), true));
                                },
                                "test-dev")),
                bug("a rate below 0", "gradient-sign-flipped", () -> updated(() -> new Adam(-1e-3))),
                bug(
                        "a rate of 0 to begin with, for ever",
                        "weights-do-not-move",
                        () -> Ward.network(
                                common -> common.updater(new Adam(new org.nd4j.linalg.schedule.MapSchedule.Builder(
                                                org.nd4j.linalg.schedule.ScheduleType.ITERATION)
                                        .add(0, 0)
                                        .build())),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())),
                bug(
                        "an average over 1,000 updates in Adam",
                        "momentum-too-long",
                        () -> updated(() ->
                                Adam.builder().learningRate(1e-3).beta1(0.999).build())),
                bug(
                        "weights of a norm of at most 0.001",
                        "regularisation-too-strong",
                        () -> Ward.network(
                                common -> common.constrainWeights(
                                        new org.deeplearning4j.nn.conf.constraint.MaxNormConstraint(1e-3, 1)),
                                Ward.convolution(),
                                Ward.pool(),
                                Ward.dense(),
                                Ward.output())),
                bug(
                        "dense units of which a third begin as copies",
                        "weights-not-initialised",
                        () -> Ward.tampered(of("multi-input"), graph -> {
                            INDArray weights = graph.getLayer("dense").getParam("W");
                            for (int unit = 0; unit < weights.size(1) / 3; unit++) {
                                weights.putColumn(
                                        unit,
                                        weights.getColumn(weights.size(1) - 1).dup());
                            }
                        })),
                bug(
                        "predictions of twice as many columns",
                        "output-wrong-shape",
                        () -> of("dense").withPredictStep((graph, inputs) -> {
                            INDArray p = graph.outputSingle(false, inputs);
                            return Nd4j.concat(1, p, p);
                        })),
                bug(
                        "bytes normalised by statistics of 0 to 1, in all splits",
                        "input-range-0-255",
                        () -> beforeNormalising(of("resnet18"), (x, indices) -> x.mul(255))),
                bug("stored images of test grey, those of test-dev not", "colour-space-differs", () -> grey("test")),
                bug("stored images of train-dev grey", "colour-space-differs", () -> grey("train-dev")),
                bug(
                        "each image less its own mean",
                        "input-wrong-statistics",
                        () -> Ward.inputs(
                                Ward.lenet(),
                                (x, indices) -> rows(
                                        x,
                                        indices,
                                        (image, index) ->
                                                image.sub(image.meanNumber().doubleValue())))));
    }

    private static Arguments bug(String name, String check, Supplier<Patient> patient) {
        return Arguments.of(name, check, patient);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("furtherBugs")
    void isFoundByItsNameFirstOfAll(String name, String check, Supplier<Patient> patient) throws InterruptedException {
        Diagnosis.first(name, check, patient.get());
    }
}
