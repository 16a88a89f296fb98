package io.drivetrain.trainer.check.doctor;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the layers of a graph say about themselves. */
final class Layers {
    private Layers() {}

    static String name(Layer layer) {
        return layer.conf().getLayer().getLayerName();
    }

    /** The configuration inside of the wrappers that freeze a layer or take its last time step. */
    static org.deeplearning4j.nn.conf.layers.Layer configuration(Layer layer) {
        return unwrapped(layer.conf().getLayer());
    }

    static org.deeplearning4j.nn.conf.layers.Layer unwrapped(org.deeplearning4j.nn.conf.layers.Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return unwrapped(frozen.getLayer());
        }
        if (layer instanceof FrozenLayerWithBackprop frozen) {
            return unwrapped(frozen.getUnderlying());
        }
        if (layer instanceof BaseWrapperLayer wrapper) {
            return unwrapped(wrapper.getUnderlying());
        }
        return layer;
    }

    static boolean frozen(Layer layer) {
        org.deeplearning4j.nn.conf.layers.Layer configuration = layer.conf().getLayer();
        return layer instanceof org.deeplearning4j.nn.layers.FrozenLayer
                || layer instanceof org.deeplearning4j.nn.layers.FrozenLayerWithBackprop
                || configuration instanceof FrozenLayer
                || configuration instanceof FrozenLayerWithBackprop;
    }

    static List<Layer> withWeights(ComputationGraph graph) {
        return java.util.Arrays.stream(graph.getLayers())
                .filter(layer -> layer.numParams() > 0)
                .toList();
    }

    static boolean isBatchNorm(Layer layer) {
        return configuration(layer) instanceof BatchNormalization;
    }

    /** Whether a layer drops values of its input in training. */
    static boolean hasDropout(Layer layer) {
        return configuration(layer).getIDropout() != null;
    }

    static boolean hasBatchNorm(ComputationGraph graph) {
        return java.util.Arrays.stream(graph.getLayers()).anyMatch(layer -> isBatchNorm(layer) && !frozen(layer));
    }

    static boolean hasDropout(ComputationGraph graph) {
        return java.util.Arrays.stream(graph.getLayers()).anyMatch(layer -> hasDropout(layer) && !frozen(layer));
    }

    /** Whether training mode draws random numbers: dropout, or noise on weights. */
    static boolean drawsInTraining(ComputationGraph graph) {
        return hasDropout(graph) || hasWeightNoise(graph);
    }

    /**
     * Output in training mode. Where that draws random numbers by way of all activations, since
     * {@link ComputationGraph#output} opens no workspace for what they change, and throws.
     */
    static INDArray outputInTraining(ComputationGraph graph, INDArray... inputs) {
        return drawsInTraining(graph)
                ? graph.feedForward(inputs, true)
                        .get(graph.getConfiguration().getNetworkOutputs().get(0))
                : graph.output(true, inputs)[0];
    }

    private static boolean hasWeightNoise(ComputationGraph graph) {
        return java.util.Arrays.stream(graph.getLayers())
                .anyMatch(
                        layer -> configuration(layer) instanceof BaseLayer weights && weights.getWeightNoise() != null);
    }

    /** Takes dropout, noise, constraints and weight penalties off a graph, and says whether there were any. */
    static boolean withoutRegularisation(ComputationGraph graph) {
        boolean any = hasWeightNoise(graph);
        for (Layer layer : graph.getLayers()) {
            org.deeplearning4j.nn.conf.layers.Layer configuration = configuration(layer);
            any |= configuration.getIDropout() != null
                    || configuration.getConstraints() != null
                            && !configuration.getConstraints().isEmpty();
            configuration.setIDropout(null);
            configuration.setConstraints(null);
            if (configuration instanceof BaseLayer weights) {
                weights.setWeightNoise(null);
            }
        }
        return withoutPenalties(graph) || any;
    }

    /** Takes weight decay, L1 and L2 off a graph, and says whether there were any. */
    static boolean withoutPenalties(ComputationGraph graph) {
        boolean any = false;
        for (Layer layer : graph.getLayers()) {
            if (configuration(layer) instanceof BaseLayer configuration
                    && configuration.getRegularization() != null
                    && !configuration.getRegularization().isEmpty()) {
                configuration.setRegularization(List.of());
                any = true;
            }
        }
        return any;
    }

    static Optional<IActivation> activation(org.deeplearning4j.nn.conf.layers.Layer configuration) {
        if (configuration instanceof BaseLayer layer) {
            return Optional.ofNullable(layer.getActivationFn());
        }
        if (configuration instanceof ActivationLayer layer) {
            return Optional.ofNullable(layer.getActivationFn());
        }
        return Optional.empty();
    }

    /**
     * Layers whose weights may begin with 0, and do: an output that begins by saying nothing, and the scale of a
     * batch-norm that lets a shortcut alone begin (Goyal et al., 2017).
     */
    static Set<String> zeroOnPurpose(ComputationGraph graph) {
        return withWeights(graph).stream()
                .filter(layer -> isBatchNorm(layer) && allZero(layer.getParam("gamma"))
                        || configuration(layer) instanceof BaseOutputLayer && allZero(layer.getParam("W")))
                .map(Layers::name)
                .collect(Collectors.toSet());
    }

    private static boolean allZero(INDArray weights) {
        return weights != null && Arrays2d.rootMeanSquare(Arrays2d.flat(weights)) == 0;
    }
}
