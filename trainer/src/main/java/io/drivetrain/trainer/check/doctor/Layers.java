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
