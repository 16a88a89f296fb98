package io.drivetrain.trainer.check.doctor;

import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.SampleStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A training set-up under examination. Each step from a stored sample to a prediction can be replaced, so that a real
 * set-up is examined as it is and a fault can be planted where it would be.
 *
 * @param train the split that weights are fitted to
 * @param others the splits that a model is judged by, in the order train-dev, test-dev, test; may be empty
 * @param network gives a graph of its own on every call, with the same weights, as training begins with them
 * @param trainStep one update of the weights
 * @param predictStep class probabilities in evaluation mode
 * @param declared what the set-up says about itself
 */
public record Patient(
        SplitSource train,
        List<SplitSource> others,
        Supplier<ComputationGraph> network,
        TrainStep trainStep,
        PredictStep predictStep,
        Declaration declared) {
    public Patient {
        others = List.copyOf(others);
    }

    /**
     * A patient that trains and predicts by Deeplearning4j's own means and freezes nothing.
     *
     * @param recorded statistics that the splits are normalised by
     */
    public static Patient of(
            SplitSource train,
            List<SplitSource> others,
            Supplier<ComputationGraph> network,
            ChannelStatistics recorded) {
        return new Patient(
                train,
                others,
                network,
                TrainStep.fit(),
                PredictStep.output(),
                new Declaration(train.classes().size(), Optional.of(recorded), Set.of(), false));
    }

    /**
     * From samples to what the network is fed with, one array for each input of the graph, a row for each index. The arrays
     * are new ones, which the caller may close.
     */
    @FunctionalInterface
    public interface InputStep {
        INDArray[] read(SampleStore samples, int[] indices);

        /** One NCHW array of floats, each image by itself. */
        static InputStep pixels(Preprocessing preprocessing) {
            return (samples, indices) -> {
                PixelShape shape = new PixelShape(samples.channels(), samples.height(), samples.width());
                float[] values = new float[indices.length * shape.bytes()];
                byte[] pixels = new byte[shape.bytes()];
                for (int row = 0; row < indices.length; row++) {
                    samples.readPixels(indices[row], pixels, 0);
                    preprocessing.apply(pixels, shape, values, row * shape.bytes());
                }
                return new INDArray[] {
                    Nd4j.create(
                            values, new long[] {indices.length, shape.channels(), shape.height(), shape.width()}, 'c')
                };
            };
        }
    }

    /** From samples to the array that the network's output is compared with, a row for each index. */
    @FunctionalInterface
    public interface LabelStep {
        INDArray encode(SampleStore samples, int[] indices);

        /** One-hot rows of floats. */
        static LabelStep oneHot(int classes) {
            return (samples, indices) -> {
                INDArray rows = Nd4j.zeros(DataType.FLOAT, indices.length, classes);
                for (int row = 0; row < indices.length; row++) {
                    rows.putScalar(row, samples.label(indices[row]), 1);
                }
                return rows;
            };
        }
    }

    /** Updates the weights of a graph once and returns the loss of the batch before the update, in nats. */
    @FunctionalInterface
    public interface TrainStep {
        double update(ComputationGraph graph, INDArray[] inputs, INDArray labels);

        /** Deeplearning4j's own. */
        static TrainStep fit() {
            return (graph, inputs, labels) -> {
                graph.fit(inputs, new INDArray[] {labels});
                return graph.score();
            };
        }
    }

    /** Class probabilities of a batch, {@code size × classes}. */
    @FunctionalInterface
    public interface PredictStep {
        INDArray probabilities(ComputationGraph graph, INDArray[] inputs);

        /** Deeplearning4j's own, in evaluation mode. */
        static PredictStep output() {
            return (graph, inputs) -> graph.outputSingle(false, inputs);
        }
    }

    /**
     * What a set-up says about itself.
     *
     * @param classes number of classes
     * @param statistics that the inputs are normalised by; empty where the set-up records none
     * @param frozenLayers names of the layers whose weights shall not move
     * @param softLabels whether label rows may be other than one-hot, as with label smoothing
     * @param trained whether the network begins with the weights of a trained model, which may know the samples
     */
    public record Declaration(
            int classes,
            Optional<ChannelStatistics> statistics,
            Set<String> frozenLayers,
            boolean softLabels,
            boolean trained) {
        public Declaration {
            frozenLayers = Set.copyOf(frozenLayers);
        }

        /** Of a network that begins with fresh weights. */
        public Declaration(
                int classes, Optional<ChannelStatistics> statistics, Set<String> frozenLayers, boolean softLabels) {
            this(classes, statistics, frozenLayers, softLabels, false);
        }
    }

    /** The same with a changed train split. */
    public Patient withTrain(UnaryOperator<SplitSource> change) {
        return new Patient(change.apply(train), others, network, trainStep, predictStep, declared);
    }

    /** The same with the other split of that name changed. */
    public Patient withOther(String name, UnaryOperator<SplitSource> change) {
        List<SplitSource> changed = others.stream()
                .map(split -> split.name().equals(name) ? change.apply(split) : split)
                .toList();
        return new Patient(train, changed, network, trainStep, predictStep, declared);
    }

    /** The same with every split changed. */
    public Patient withSplits(UnaryOperator<SplitSource> change) {
        return new Patient(
                change.apply(train), others.stream().map(change).toList(), network, trainStep, predictStep, declared);
    }

    /** The same with another network. */
    public Patient withNetwork(Supplier<ComputationGraph> other) {
        return new Patient(train, others, other, trainStep, predictStep, declared);
    }

    /** The same with another update. */
    public Patient withTrainStep(TrainStep other) {
        return new Patient(train, others, network, other, predictStep, declared);
    }

    /** The same with another prediction. */
    public Patient withPredictStep(PredictStep other) {
        return new Patient(train, others, network, trainStep, other, declared);
    }

    /** The same with another declaration. */
    public Patient withDeclared(Declaration other) {
        return new Patient(train, others, network, trainStep, predictStep, other);
    }
}
