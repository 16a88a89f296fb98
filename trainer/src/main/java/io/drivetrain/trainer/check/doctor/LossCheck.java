package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossKLD;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Whether the loss is the negative log-likelihood of what the network puts out: by its configuration, then by value. */
final class LossCheck {
    private static final double TOLERANCE = 0.02;
    private static final double UNSTEADY = 1e-4;
    /** In nats: beyond, losses bound their probabilities, each in its own way. */
    private static final double LARGEST_COMPARED = 8;

    private static final double SMALLEST_COMPARED = 1e-7;

    /** Largest count or weight by the smallest. */
    private static final double UNEQUAL = 2;
    /** In standard deviations of a difference of counts. */
    private static final double CERTAINLY = 3;
    /** Correlation of the logarithms of weights and counts; one class of importance reaches a half. */
    private static final double TOGETHER = 0.7;

    private static final String LOSSES_OF_THE_LIBRARY = "org.nd4j.linalg.lossfunctions.impl.";
    private static final String ACTIVATIONS_OF_THE_LIBRARY = "org.nd4j.linalg.activations.impl.";

    private LossCheck() {}

    /** @param counts samples of each class, of those that were looked at in train */
    static void examine(ComputationGraph graph, Probe probe, int[] counts, Findings findings) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        String output = configuration.getNetworkOutputs().get(0);
        Optional<Layer> layer = layer(configuration, output);
        Optional<ILossFunction> loss = layer.flatMap(LossCheck::loss);
        if (loss.isEmpty()) {
            findings.failed(
                    Ailment.LOSS_DOES_NOT_FIT_OUTPUT,
                    output,
                    0,
                    "The output '%s' has no loss function; a training could not begin.",
                    output);
            return;
        }
        List<IActivation> tail = tail(configuration, output, layer.get());
        String described = "%s after %s".formatted(loss.get(), tail);
        if (softmaxInHiddenLayer(configuration, output, findings)) {
            return;
        }
        if (!byConfiguration(output, loss.get(), tail, described, findings)) {
            byValue(graph, probe, counts, output, loss.get(), described, findings);
        }
    }

    private static Optional<Layer> layer(ComputationGraphConfiguration configuration, String name) {
        GraphVertex vertex = configuration.getVertices().get(name);
        return vertex instanceof LayerVertex layer
                ? Optional.of(Layers.unwrapped(layer.getLayerConf().getLayer()))
                : Optional.empty();
    }

    private static Optional<ILossFunction> loss(Layer layer) {
        if (layer instanceof BaseOutputLayer output) {
            return Optional.ofNullable(output.getLossFn());
        }
        if (layer instanceof LossLayer output) {
            return Optional.ofNullable(output.getLossFn());
        }
        return Optional.empty();
    }

    /**
     * Activations other than the identity between the last weights and the loss, from the loss backwards; and a softmax
     * that feeds those weights, which squeezes all that they can see.
     */
    private static List<IActivation> tail(ComputationGraphConfiguration configuration, String output, Layer last) {
        List<IActivation> tail = new ArrayList<>();
        Layers.activation(last)
                // What extends the identity is something else.
                .filter(activation -> activation.getClass() != ActivationIdentity.class)
                .ifPresent(tail::add);
        boolean behindWeights = !(last instanceof LossLayer);
        String at = output;
        while (configuration.getVertexInputs().getOrDefault(at, List.of()).size() == 1) {
            at = configuration.getVertexInputs().get(at).get(0);
            Optional<Layer> layer = layer(configuration, at);
            if (layer.isEmpty()) {
                break;
            }
            Optional<IActivation> activation = Layers.activation(layer.get());
            if (!behindWeights
                    || activation.filter(ActivationSoftmax.class::isInstance).isPresent()) {
                add(tail, layer.get());
            }
            if (!(layer.get() instanceof ActivationLayer || layer.get() instanceof DropoutLayer)) {
                break;
            }
        }
        return tail;
    }

    private static void add(List<IActivation> tail, Layer layer) {
        Layers.activation(layer)
                .filter(activation -> !(activation instanceof ActivationIdentity))
                .ifPresent(tail::add);
    }

    private static boolean byConfiguration(
            String output, ILossFunction loss, List<IActivation> tail, String described, Findings findings) {
        long softmaxes =
                tail.stream().filter(ActivationSoftmax.class::isInstance).count();
        boolean softmaxLast = !tail.isEmpty() && tail.get(0) instanceof ActivationSoftmax;
        boolean sigmoidLast = !tail.isEmpty()
                && (tail.get(0) instanceof ActivationSigmoid || tail.get(0) instanceof ActivationHardSigmoid);
        boolean logLikelihood = loss instanceof LossMCXENT || loss instanceof LossKLD;
        boolean binary = loss instanceof LossBinaryXENT;
        boolean ownActivation =
                !tail.isEmpty() && !tail.get(0).getClass().getName().startsWith(ACTIVATIONS_OF_THE_LIBRARY);
        boolean ofTheLibrary = loss.getClass().getName().startsWith(LOSSES_OF_THE_LIBRARY);
        Optional<Ailment> fault = Optional.empty();
        if (softmaxes > 1) {
            fault = Optional.of(Ailment.SOFTMAX_TWICE);
        } else if (sigmoidLast) {
            fault = Optional.of(Ailment.SIGMOID_WITH_MULTI_CLASS);
        } else if ((logLikelihood || binary) && !softmaxLast && !ownActivation) {
            fault = Optional.of(Ailment.LOGITS_WHERE_PROBABILITIES_EXPECTED);
        } else if (ofTheLibrary && !logLikelihood || tail.size() > 1 && softmaxLast) {
            fault = Optional.of(Ailment.LOSS_DOES_NOT_FIT_OUTPUT);
        }
        fault.ifPresent(
                ailment -> findings.failed(ailment, output, 0, "The output '%s' has the loss %s.", output, described));
        return fault.isPresent();
    }

    /** Units that compete within a hidden layer pass on hardly anything; shares of attention are no layer with weights. */
    private static boolean softmaxInHiddenLayer(
            ComputationGraphConfiguration configuration, String output, Findings findings) {
        for (String name : configuration.getVertices().keySet()) {
            Optional<Layer> hidden = layer(configuration, name).filter(FeedForwardLayer.class::isInstance);
            if (!name.equals(output)
                    && hidden.flatMap(Layers::activation)
                            .filter(ActivationSoftmax.class::isInstance)
                            .isPresent()) {
                findings.failed(
                        Ailment.SOFTMAX_TWICE,
                        name,
                        0,
                        "The hidden layer '%s' ends in a softmax, beside that of the output '%s'.",
                        name,
                        output);
                return true;
            }
        }
        return false;
    }

    private static void byValue(
            ComputationGraph graph,
            Probe probe,
            int[] counts,
            String output,
            ILossFunction loss,
            String described,
            Findings findings) {
        if (loss instanceof LossMCXENT weighted && weighted.getWeights() != null) {
            float[] weights = Arrays2d.flat(weighted.getWeights());
            for (float weight : weights) {
                if (!(weight > 0) || Float.isInfinite(weight)) {
                    findings.failed(
                            Ailment.LOSS_DOES_NOT_FIT_OUTPUT,
                            output,
                            0,
                            "The loss weighs the classes by %s; a class with a weight that is not above 0 is not learnt.",
                            Arrays.toString(weights));
                    return;
                }
            }
            if (favourTheFrequent(weights, counts)) {
                findings.failed(
                        Ailment.CLASS_WEIGHTS_INVERTED,
                        output,
                        0,
                        "The loss weighs the classes by %s, of which train has %s samples: what is frequent weighs more.",
                        Arrays.toString(weights),
                        Arrays.toString(counts));
                return;
            }
            findings.passed(
                    Ailment.LOSS_DOES_NOT_FIT_OUTPUT,
                    output,
                    1,
                    "%s, weighted by class: its value was not compared.",
                    described);
            return;
        }
        INDArray probabilities = graph.outputSingle(false, probe.inputs());
        INDArray again = graph.outputSingle(false, probe.inputs());
        if (Arrays2d.largestDifference(Arrays2d.rows(probabilities), Arrays2d.rows(again)) > UNSTEADY) {
            // Another draw has another loss; what draws is the next check's to name.
            return;
        }
        if (!sumsToOne(probabilities)) {
            boolean overBatch = probabilities.rank() == 2 && sumsToOne(probabilities.transpose());
            findings.failed(
                    overBatch ? Ailment.BATCH_MIXES_EXAMPLES : Ailment.LOGITS_WHERE_PROBABILITIES_EXPECTED,
                    output,
                    0,
                    "The outputs of a sample do not sum to 1%s; the loss is %s.",
                    overBatch ? ", those of a class over the batch do" : "",
                    described);
            return;
        }
        double expected = probe.crossEntropy(probabilities);
        double value = graph.score(new MultiDataSet(probe.inputs(), new INDArray[] {probe.labels()}), false)
                - graph.calcRegularizationScore(true);
        if (!(expected < LARGEST_COMPARED) || !Double.isFinite(value) || bounded(probabilities, probe)) {
            return;
        }
        double withAnother = probe.crossEntropy(Transforms.softmax(probabilities.dup()));
        double allowed = TOLERANCE * (1 + Math.abs(expected));
        String evidence = "The loss of %d samples is %.4f; the negative log-likelihood of the outputs is %.4f."
                .formatted(probe.size(), value, expected);
        if (Math.abs(value - expected) <= allowed || Math.abs(value - expected * probe.size()) <= allowed) {
            findings.passed(Ailment.LOSS_DOES_NOT_FIT_OUTPUT, output, 1, "%s", evidence);
        } else if (Math.abs(value - withAnother) <= allowed) {
            findings.failed(
                    Ailment.SOFTMAX_TWICE,
                    output,
                    0,
                    "%s With another softmax it would be %.4f.",
                    evidence,
                    withAnother);
        } else if (Math.abs(value + expected) <= allowed) {
            findings.failed(Ailment.LOSS_SIGN_FLIPPED, output, 0, "%s", evidence);
        } else {
            findings.failed(Ailment.LOSS_DOES_NOT_FIT_OUTPUT, output, 0, "%s", evidence);
        }
    }

    /** Whether a label has so small a probability that the loss bounds it. */
    private static boolean bounded(INDArray probabilities, Probe probe) {
        float[][] rows = Arrays2d.rows(probabilities);
        float[][] labels = Arrays2d.rows(probe.labels());
        for (int row = 0; row < rows.length; row++) {
            for (int k = 0; k < rows[row].length; k++) {
                if (labels[row][k] > 0 && rows[row][k] < SMALLEST_COMPARED) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whether weights make unequal classes more unequal still: their logarithms grow with those of the counts, and the
     * shares of the classes in the loss are less even than those of the samples.
     */
    static boolean favourTheFrequent(float[] weights, int[] counts) {
        int[] present = IntStream.range(0, Math.min(weights.length, counts.length))
                .filter(k -> counts[k] > 0)
                .toArray();
        if (present.length < 2) {
            return false;
        }
        int most = Arrays.stream(present).map(k -> counts[k]).max().orElse(0);
        int fewest = Arrays.stream(present).map(k -> counts[k]).min().orElse(0);
        if (most < UNEQUAL * fewest || most - fewest < CERTAINLY * Math.sqrt((double) most + fewest)) {
            return false;
        }
        double[] logWeights =
                Arrays.stream(present).mapToDouble(k -> Math.log(weights[k])).toArray();
        double[] logCounts =
                Arrays.stream(present).mapToDouble(k -> Math.log(counts[k])).toArray();
        double spread = Arrays.stream(logWeights).max().orElse(0)
                - Arrays.stream(logWeights).min().orElse(0);
        double[] inLoss = Arrays.stream(present)
                .mapToDouble(k -> (double) weights[k] * counts[k])
                .toArray();
        double[] inSamples = Arrays.stream(present).mapToDouble(k -> counts[k]).toArray();
        return spread > Math.log(UNEQUAL)
                && correlation(logWeights, logCounts) > TOGETHER
                && entropy(inLoss) < entropy(inSamples);
    }

    private static double correlation(double[] one, double[] other) {
        double meanOfOne = Arrays.stream(one).average().orElse(0);
        double meanOfOther = Arrays.stream(other).average().orElse(0);
        double product = 0;
        double squares = 0;
        double squaresOfOther = 0;
        for (int i = 0; i < one.length; i++) {
            product += (one[i] - meanOfOne) * (other[i] - meanOfOther);
            squares += (one[i] - meanOfOne) * (one[i] - meanOfOne);
            squaresOfOther += (other[i] - meanOfOther) * (other[i] - meanOfOther);
        }
        return product / Math.sqrt(squares * squaresOfOther);
    }

    private static double entropy(double[] parts) {
        double sum = Arrays.stream(parts).sum();
        return -Arrays.stream(parts)
                .map(part -> part / sum * Math.log(part / sum))
                .sum();
    }

    static boolean sumsToOne(INDArray probabilities) {
        for (float[] row : Arrays2d.rows(probabilities)) {
            double sum = 0;
            for (float value : row) {
                if (value < -1e-5 || value > 1 + 1e-5) {
                    return false;
                }
                sum += value;
            }
            if (Math.abs(sum - 1) > 1e-3) {
                return false;
            }
        }
        return true;
    }
}
