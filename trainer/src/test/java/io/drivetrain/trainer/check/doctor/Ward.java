package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.fit.FitCheckup;
import io.drivetrain.trainer.fit.FitRequest;
import io.drivetrain.trainer.fit.FitSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** Set-ups on {@link Signs} with the batches that a fit would read, and networks of a few layers. */
final class Ward {
    static final Signs.Kind PLAIN = Signs.Kind.PLAIN;
    private static final List<String> SPLITS = List.of("train", "train-dev", "test-dev", "test");
    private static final double RATE = 3e-4;
    private static final long SEED = 50;

    private Ward() {}

    /** Changes the samples of a split before anything reads them. */
    interface Stored {
        Signs of(String split, Signs signs);

        static Stored asDrawn() {
            return (split, signs) -> signs;
        }

        static Stored in(String changed, UnaryOperator<Signs> change) {
            return (split, signs) -> split.equals(changed) ? change.apply(signs) : signs;
        }
    }

    static Patient lenet() {
        return lenet(Stored.asDrawn());
    }

    static Patient lenet(Stored stored) {
        return of("lenet", PLAIN, 240, 120, stored);
    }

    /**
     * @param network of {@code Networks.names()}, or {@code lstm-telemetry}
     * @param train samples
     * @param other samples of each other split
     */
    static Patient of(String network, Signs.Kind kind, int train, int other, Stored stored) {
        List<Signs> signs = new ArrayList<>();
        for (int i = 0; i < SPLITS.size(); i++) {
            signs.add(stored.of(SPLITS.get(i), Signs.of(i == 0 ? train : other, kind, SEED + i)));
        }
        FitRequest request =
                new FitRequest(signs.get(0), signs.get(1), spec(network, kind), new FitSettings(2, 2, 32, 5, 2));
        List<FitCheckup.NamedSplit> splits = new ArrayList<>();
        for (int i = 0; i < SPLITS.size(); i++) {
            String name = SPLITS.get(i);
            Signs of = signs.get(i);
            splits.add(new FitCheckup.NamedSplit(
                    name, of, index -> name + "/" + index, index -> name + "-drive-" + of.drive(index)));
        }
        List<String> classes = IntStream.range(0, kind.classes())
                .mapToObj(label -> "class-" + label)
                .toList();
        FitCheckup.Outcome outcome = FitCheckup.of(request, classes, splits.get(0), splits.subList(1, splits.size()));
        return ((FitCheckup.Outcome.Ready) outcome).checkup().patient();
    }

    private static NetworkSpec spec(String network, Signs.Kind kind) {
        boolean telemetry = network.equals("multi-input") || network.equals("lstm-telemetry");
        boolean sequence = network.startsWith("lstm");
        return new NetworkSpec(
                sequence ? "lstm" : network,
                kind.channels(),
                kind.height(),
                kind.width(),
                kind.classes(),
                11,
                RATE,
                telemetry ? List.of("speed", "yaw-rate") : List.of(),
                sequence ? 3 : 1,
                0,
                0);
    }

    /** The plain set-up with a network of these layers, one after another. */
    static Patient network(Layer... layers) {
        return network(common -> {}, layers);
    }

    static Patient network(Consumer<NeuralNetConfiguration.Builder> common, Layer... layers) {
        return lenet().withNetwork(build(common, layers));
    }

    private static Supplier<ComputationGraph> build(Consumer<NeuralNetConfiguration.Builder> common, Layer... layers) {
        return () -> {
            NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder()
                    .seed(5)
                    .updater(new Adam(1e-3))
                    .weightInit(WeightInit.RELU)
                    .activation(Activation.IDENTITY);
            common.accept(builder);
            var graph = builder.graphBuilder()
                    .addInputs("pixels")
                    .setInputTypes(InputType.convolutional(PLAIN.height(), PLAIN.width(), PLAIN.channels()));
            String last = "pixels";
            for (int i = 0; i < layers.length; i++) {
                graph.addLayer("layer" + i, layers[i].clone(), last);
                last = "layer" + i;
            }
            graph.setOutputs(last);
            graph.validateOutputLayerConfig(false);
            ComputationGraph network = new ComputationGraph(graph.build());
            network.init();
            return network;
        };
    }

    static Layer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(12)
                .convolutionMode(ConvolutionMode.Same)
                .activation(new ActivationReLU())
                .build();
    }

    static Layer pool() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    static Layer dense(int units, Activation activation) {
        return new DenseLayer.Builder().nOut(units).activation(activation).build();
    }

    static Layer dense() {
        return dense(32, Activation.RELU);
    }

    static Layer output() {
        return output(new LossMCXENT(), Activation.SOFTMAX.getActivationFunction());
    }

    static Layer output(ILossFunction loss, IActivation activation) {
        return new OutputLayer.Builder(loss)
                .nOut(PLAIN.classes())
                .weightInit(WeightInit.XAVIER)
                .activation(activation)
                .build();
    }

    /** Changes one of the arrays of a batch. */
    interface BatchChange {
        INDArray of(INDArray array, int[] indices);
    }

    /** The first input of the named splits, or of all if none is named. */
    static Patient inputs(Patient patient, BatchChange change, String... splits) {
        return changed(patient, 0, change, List.of(splits));
    }

    /** The telemetry of the same. */
    static Patient telemetry(Patient patient, BatchChange change, String... splits) {
        return changed(patient, 1, change, List.of(splits));
    }

    private static Patient changed(Patient patient, int input, BatchChange change, List<String> splits) {
        return patient.withSplits(split -> !splits.isEmpty() && !splits.contains(split.name())
                ? split
                : split.withInputs((samples, indices) -> {
                    INDArray[] read = split.inputs().read(samples, indices);
                    read[input] = change.of(read[input], indices);
                    return read;
                }));
    }

    static Patient preprocessed(Patient patient, Preprocessing preprocessing, String... splits) {
        List<String> named = List.of(splits);
        return patient.withSplits(split -> named.isEmpty() || named.contains(split.name())
                ? split.withInputs(Patient.InputStep.pixels(preprocessing))
                : split);
    }

    static Patient tampered(Patient patient, Consumer<ComputationGraph> change) {
        return patient.withNetwork(() -> {
            ComputationGraph graph = patient.network().get().clone();
            change.accept(graph);
            return graph;
        });
    }

    /** A set of drives of one class each. */
    static Signs ofOneClassPerDrive(Signs like, Signs.Kind kind, long seed) {
        Signs pool = Signs.of(like.size() * 6, kind, seed);
        List<List<Integer>> byClass = new ArrayList<>();
        for (int label = 0; label < kind.classes(); label++) {
            int wanted = label;
            byClass.add(IntStream.range(0, pool.size())
                    .filter(i -> pool.label(i) == wanted)
                    .boxed()
                    .toList());
        }
        int[] next = new int[kind.classes()];
        byte[][] pixels = new byte[like.size()][];
        int[] labels = new int[like.size()];
        for (int i = 0; i < like.size(); i++) {
            labels[i] = like.drive(i) % kind.classes();
            pixels[i] = pool.pixels()[byClass.get(labels[i]).get(next[labels[i]]++)];
        }
        return new Signs(pixels, labels, like.drives(), like.telemetry(), like.channels(), like.height(), like.width());
    }

    /** The labels of whole drives, dealt anew among them. */
    static int[] exchangedBetweenDrives(Signs signs) {
        int[] ofDrive = new int[signs.drive(signs.size() - 1) + 1];
        for (int i = 0; i < signs.size(); i++) {
            ofDrive[signs.drive(i)] = signs.label(i);
        }
        int[] other = Faults.shuffled(ofDrive, 5);
        return IntStream.range(0, signs.size()).map(i -> other[signs.drive(i)]).toArray();
    }

    /** Each image less its mean, in parts of its own deviation. */
    static INDArray eachByItself(INDArray images) {
        INDArray changed = images.dup();
        for (int row = 0; row < changed.size(0); row++) {
            INDArray image = changed.get(NDArrayIndex.interval(row, row + 1));
            double mean = image.meanNumber().doubleValue();
            double deviation = image.stdNumber().doubleValue();
            image.subi(mean).divi(deviation);
        }
        return changed;
    }

    /**
     * Another value in one place of one sample.
     *
     * @param place channel, row and column
     */
    static BatchChange value(int sample, int[] place, double value) {
        return (x, indices) -> {
            for (int row = 0; row < indices.length; row++) {
                if (indices[row] == sample) {
                    x.putScalar(new long[] {row, place[0], place[1], place[2]}, value);
                }
            }
            return x;
        };
    }
}
