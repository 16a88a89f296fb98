package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Faulty pieces that tests plant into a healthy set-up. */
final class Faults {
    private Faults() {}

    /** Changes the arrays that a split's input step gives. */
    interface InputChange {
        INDArray of(INDArray pixels);
    }

    static Patient withInputs(Patient patient, InputChange change) {
        return patient.withSplits(split -> withInputs(split, change));
    }

    static SplitSource withInputs(SplitSource split, InputChange change) {
        return split.withInputs((samples, indices) -> {
            INDArray[] inputs = split.inputs().read(samples, indices);
            inputs[0] = change.of(inputs[0]);
            return inputs;
        });
    }

    static Patient withLabels(Patient patient, InputChange change) {
        return patient.withSplits(split -> withLabels(split, change));
    }

    static SplitSource withLabels(SplitSource split, InputChange change) {
        return split.withLabels((samples, indices) -> change.of(split.labels().encode(samples, indices)));
    }

    static Patient preprocessed(Patient patient, Preprocessing preprocessing) {
        return patient.withSplits(split -> split.withInputs(Patient.InputStep.pixels(preprocessing)));
    }

    static Patient normalisedBy(Patient patient, ChannelStatistics statistics) {
        return preprocessed(patient, Preprocessing.normalising(statistics));
    }

    static ChannelStatistics statistics(Patient patient) {
        return patient.declared().statistics().orElseThrow();
    }

    static Patient declaring(Patient patient, ChannelStatistics statistics) {
        return patient.withDeclared(new Patient.Declaration(
                patient.declared().classes(),
                java.util.Optional.of(statistics),
                patient.declared().frozenLayers(),
                false));
    }

    static int[] shuffled(int[] labels, long seed) {
        int[] order = LinearModel.shuffled(labels.length, new Random(seed));
        return Arrays.stream(order).map(i -> labels[i]).toArray();
    }

    static int[] mapped(int[] labels, int... mapping) {
        return Arrays.stream(labels).map(label -> mapping[label]).toArray();
    }

    /** Each image with its channels in another order. */
    static byte[][] channelsReversed(Scenes scenes) {
        int plane = scenes.side() * scenes.side();
        return Arrays.stream(scenes.pixels())
                .map(image -> {
                    byte[] other = new byte[image.length];
                    for (int i = 0; i < image.length; i++) {
                        other[i] = image[(scenes.channels() - 1 - i / plane) * plane + i % plane];
                    }
                    return other;
                })
                .toArray(byte[][]::new);
    }

    /** Each image a little brighter and noisier, as after another compression. */
    static byte[][] compressedAgain(Scenes scenes) {
        Random random = new Random(8);
        return Arrays.stream(scenes.pixels())
                .map(image -> {
                    byte[] other = new byte[image.length];
                    for (int i = 0; i < image.length; i++) {
                        int level = (image[i] & 0xff) + 3 + random.nextInt(5) - 2;
                        other[i] = (byte) Math.max(0, Math.min(255, level));
                    }
                    return other;
                })
                .toArray(byte[][]::new);
    }

    /** Takes its activations, and so its softmax, itself: fed with probabilities, softmax is applied twice. */
    static final class LossOnLogits extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public double computeScore(
                INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
            INDArray probabilities = activation.getActivation(preOutput.dup(), true);
            return super.computeScore(
                    labels, probabilities, new org.nd4j.linalg.activations.impl.ActivationSoftmax(), mask, average);
        }
    }

    /** The likelihood instead of its opposite. */
    static final class FlippedLoss extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public double computeScore(
                INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
            return -super.computeScore(labels, preOutput, activation, mask, average);
        }

        @Override
        public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
            return super.computeGradient(labels, preOutput, activation, mask).negi();
        }
    }

    /** The right value with a gradient of the opposite sign. */
    static final class FlippedGradient extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
            return super.computeGradient(labels, preOutput, activation, mask).negi();
        }
    }

    /** The right value with a gradient many times too large. */
    static final class HugeGradient extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
            return super.computeGradient(labels, preOutput, activation, mask).muli(1e5);
        }
    }

    /** The right value with a gradient that is no number. */
    static final class BrokenGradient extends LossMCXENT {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
            return super.computeGradient(labels, preOutput, activation, mask).divi(0);
        }
    }

    /** Divides by the mean of the batch. */
    static final class BatchCentred extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return in.subiRowVector(in.mean(0));
        }

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon, null);
        }
    }

    /** Gives every example the activations of its neighbour. */
    static final class Neighbour extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            INDArray before = in.dup();
            for (int row = 0; row < in.rows(); row++) {
                in.putRow(row, before.getRow((row + 1) % in.rows()).add(before.getRow(row)));
            }
            return in;
        }
    }

    /** A logarithm of what may be negative. */
    static final class Logarithm extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public INDArray getActivation(INDArray in, boolean training) {
            return Transforms.log(in, false);
        }
    }

    /** Learns nothing of what lies before it. */
    static final class Detached extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon.mul(0), null);
        }
    }

    /** A backward pass with a factor that does not belong there. */
    static final class WrongDerivative extends ActivationIdentity {
        private static final long serialVersionUID = 1L;

        @Override
        public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
            return new Pair<>(epsilon.mul(5), null);
        }
    }

    static ILossFunction lossOnLogits() {
        return new LossOnLogits();
    }

    /** Sets parameters of a fresh graph. */
    interface Tampering {
        void with(ComputationGraph graph);
    }

    static Patient tampered(Patient patient, Tampering tampering) {
        return patient.withNetwork(() -> {
            ComputationGraph graph = patient.network().get();
            tampering.with(graph);
            return graph;
        });
    }

    /** Updates by the patient's own step, after something was done to the graph's layers. */
    static Patient trainedAfter(Patient patient, java.util.function.Consumer<Layer> change) {
        return patient.withTrainStep((graph, inputs, labels) -> {
            for (Layer layer : graph.getLayers()) {
                change.accept(layer);
            }
            return patient.trainStep().update(graph, inputs, labels);
        });
    }
}
