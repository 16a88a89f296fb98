package io.drivetrain.trainer.check.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.hipparchus.distribution.discrete.BinomialDistribution;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights as training begins with them, and what flows through the layers, from the input on. */
final class ActivationCheck {
    /** A unit with symmetric random weights is off for one input, or for inputs all alike, with this probability. */
    private static final double DEAD_BY_CHANCE = 0.5;

    private static final double LEVEL = 1e-3;
    private static final double SATURATED = 0.99;
    private static final double MOST_AT_ENDS = 0.6;
    /** He and Glorot keep the scale from layer to layer; shortcuts add up to a factor of about 10. */
    private static final double LARGEST_GROWTH = 100;

    private static final double LARGEST_SHRINKAGE = 1e-4;
    /** First loss in nats, and in parts of that of guessing; He and Glorot begin within a few times the latter. */
    private static final double CERTAIN = 10;

    private static final double CERTAIN_TIMES_GUESSING = 4;

    /** Of the units of a layer: random numbers of 32 bits do not repeat in a row. */
    private static final double MOST_COPIES = 0.1;

    private static final int FEWEST_WEIGHTS = 4;
    private static final int MOST_WEIGHTS = 16;

    private ActivationCheck() {}

    static void examine(ComputationGraph graph, Probe probe, Patient patient, Findings findings) {
        if (!weights(graph, findings)) {
            return;
        }
        Set<String> zeroOnPurpose = Layers.zeroOnPurpose(graph);
        Map<String, INDArray> activations = graph.feedForward(probe.inputs(), true);
        double inputScale = 0;
        for (INDArray input : probe.inputs()) {
            inputScale = Math.max(inputScale, Arrays2d.rootMeanSquare(Arrays2d.flat(input)));
        }
        String output = graph.getConfiguration().getNetworkOutputs().get(0);
        INDArray out = activations.get(output);
        if (out == null
                || out.size(0) != probe.size()
                || out.size(1) != patient.declared().classes()) {
            findings.failed(
                    Ailment.OUTPUT_WRONG_SHAPE,
                    output,
                    0,
                    "The output of %d samples has shape %s; %d classes are declared.",
                    probe.size(),
                    out == null ? "none" : Arrays.toString(out.shape()),
                    patient.declared().classes());
            return;
        }
        for (String name : graph.getConfiguration().getTopologicalOrderStr()) {
            INDArray activation = activations.get(name);
            if (activation == null
                    || graph.getConfiguration().getNetworkInputs().contains(name)) {
                continue;
            }
            float[] values = Arrays2d.flat(activation);
            int notFinite = Arrays2d.firstNotFinite(values);
            if (notFinite >= 0) {
                findings.failed(
                        Ailment.ACTIVATIONS_NOT_FINITE,
                        name,
                        0,
                        "The first NaN or infinite number on the way forward is value %d of %d of '%s'.",
                        notFinite,
                        values.length,
                        name);
                return;
            }
            if (zeroOnPurpose.contains(name)) {
                continue;
            }
            if (!name.equals(output) && !alive(graph.getLayer(name), name, activation, values, patient, findings)) {
                return;
            }
            double scale = Arrays2d.rootMeanSquare(values);
            if (!name.equals(output) && !inScale(name, scale, inputScale, findings)) {
                return;
            }
        }
        double loss = patient.declared().trained() || !LossCheck.sumsToOne(out) ? 0 : probe.crossEntropy(out);
        double guessing = Math.log(patient.declared().classes());
        if (loss > CERTAIN && loss > CERTAIN_TIMES_GUESSING * guessing) {
            findings.failed(
                    Ailment.SATURATED_UNITS,
                    output,
                    0,
                    "Before any update the loss of %d samples is %.1f nats, that of guessing %.1f: '%s' is certain of what it has not seen.",
                    probe.size(),
                    loss,
                    guessing,
                    output);
            return;
        }
        findings.passed(
                Ailment.ACTIVATIONS_NOT_FINITE,
                "",
                1,
                "All layers of %d parameters give finite numbers of moderate size for %d samples.",
                graph.numParams(),
                probe.size());
    }

    private static boolean weights(ComputationGraph graph, Findings findings) {
        Set<String> zeroOnPurpose = Layers.zeroOnPurpose(graph);
        for (Layer layer : Layers.withWeights(graph)) {
            Map<String, float[]> values = new HashMap<>();
            for (var parameter : layer.paramTable().entrySet()) {
                values.put(parameter.getKey(), Arrays2d.flat(parameter.getValue()));
                int notFinite = Arrays2d.firstNotFinite(values.get(parameter.getKey()));
                if (notFinite >= 0) {
                    findings.failed(
                            Ailment.WEIGHTS_NOT_FINITE,
                            Layers.name(layer),
                            0,
                            "Value %d of parameter %s of layer %s is NaN or infinite before training.",
                            notFinite,
                            parameter.getKey(),
                            Layers.name(layer));
                    return false;
                }
            }
            if (Layers.isBatchNorm(layer) || zeroOnPurpose.contains(Layers.name(layer))) {
                continue;
            }
            for (String key : layer.conf().getLayer().initializer().weightKeys(Layers.configuration(layer))) {
                INDArray weight = layer.getParam(key);
                if (weight != null && unitsAreEqual(weight, values.get(key))) {
                    findings.failed(
                            Ailment.WEIGHTS_NOT_INITIALISED,
                            Layers.name(layer),
                            0,
                            "All %d units of layer %s have the same weights %s, and would have for ever.",
                            units(weight),
                            Layers.name(layer),
                            key);
                    return false;
                }
                int copies = weight == null ? 0 : copiesOfUnits(weight, values.get(key));
                if (copies > 0 && copies >= MOST_COPIES * units(weight)) {
                    findings.failed(
                            Ailment.WEIGHTS_NOT_INITIALISED,
                            Layers.name(layer),
                            1 - (double) copies / units(weight),
                            "%d of %d units of layer %s have the weights %s of another one bit for bit, and would have for ever.",
                            copies,
                            units(weight),
                            Layers.name(layer),
                            key);
                    return false;
                }
                if (weight != null && weight.length() > 1 && constant(values.get(key))) {
                    findings.failed(
                            Ailment.WEIGHTS_NOT_INITIALISED,
                            Layers.name(layer),
                            0,
                            "All %d weights %s of layer %s are %s.",
                            weight.length(),
                            key,
                            Layers.name(layer),
                            weight.getFloat(0));
                    return false;
                }
            }
        }
        return true;
    }

    private static int units(INDArray weight) {
        return (int) weight.size(weight.rank() == 2 ? 1 : 0);
    }

    /** Dense weights hold a unit in each column, those of a convolution in each first index. */
    private static boolean unitsAreEqual(INDArray weight, float[] values) {
        int units = units(weight);
        if (weight.rank() != 2 && weight.rank() != 4 || units < 2 || constant(values)) {
            return false;
        }
        int perUnit = values.length / units;
        for (int unit = 1; unit < units; unit++) {
            for (int i = 0; i < perUnit; i++) {
                float here = weight.rank() == 2 ? values[i * units + unit] : values[unit * perUnit + i];
                float first = weight.rank() == 2 ? values[i * units] : values[i];
                if (here != first) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Units whose first weights, several of them and not all the same, are those of a unit before. */
    private static int copiesOfUnits(INDArray weight, float[] values) {
        int units = units(weight);
        int perUnit = values.length / units;
        if (weight.rank() != 2 && weight.rank() != 4 || perUnit < FEWEST_WEIGHTS) {
            return 0;
        }
        Set<List<Float>> seen = new HashSet<>();
        int copies = 0;
        for (int unit = 0; unit < units; unit++) {
            List<Float> weights = new ArrayList<>();
            for (int i = 0; i < Math.min(perUnit, MOST_WEIGHTS); i++) {
                weights.add(weight.rank() == 2 ? values[i * units + unit] : values[unit * perUnit + i]);
            }
            copies += weights.stream().distinct().count() > 1 && !seen.add(weights) ? 1 : 0;
        }
        return copies;
    }

    private static boolean constant(float[] values) {
        for (float value : values) {
            if (value != values[0]) {
                return false;
            }
        }
        return true;
    }

    private static boolean alive(
            Layer layer, String name, INDArray activation, float[] values, Patient patient, Findings findings) {
        Optional<IActivation> function = layer == null
                ? Optional.empty()
                : Layers.activation(Layers.configuration(layer))
                        .filter(activationFunction -> !(activationFunction instanceof ActivationIdentity));
        if (function.isEmpty() || activation.rank() < 2) {
            return true;
        }
        if (Layers.configuration(layer) instanceof AbstractLSTM) {
            return gatesHalfOpen(name, values, findings);
        }
        if (function.get() instanceof ActivationTanH
                || function.get() instanceof ActivationHardTanH
                || function.get() instanceof ActivationSigmoid) {
            return unsaturated(function.get(), name, values, findings);
        }
        int units = (int) activation.size(1);
        int dead = units - alive(values, (int) activation.size(0), units);
        // Units of a trained network are on for few samples each.
        boolean beyondChance = units - dead == 0
                || !patient.declared().trained()
                        && new BinomialDistribution(units, DEAD_BY_CHANCE).probability(dead - 1, units) < LEVEL;
        if (dead > 0 && beyondChance) {
            findings.failed(
                    Ailment.DEAD_UNITS,
                    name,
                    1 - (double) dead / units,
                    "%d of %d units of %s are 0 for all %d samples; random weights leave at most about half of them off.",
                    dead,
                    units,
                    name,
                    activation.size(0));
            return false;
        }
        return true;
    }

    private static int alive(float[] values, int examples, int units) {
        int perUnit = values.length / (examples * units);
        int alive = 0;
        for (int unit = 0; unit < units; unit++) {
            boolean fires = false;
            for (int example = 0; example < examples && !fires; example++) {
                int from = (example * units + unit) * perUnit;
                for (int i = from; i < from + perUnit && !fires; i++) {
                    fires = values[i] != 0;
                }
            }
            alive += fires ? 1 : 0;
        }
        return alive;
    }

    /** A memory whose gates are all open or all closed puts out -1, 0 and 1, and learns nothing. */
    private static boolean gatesHalfOpen(String name, float[] values, Findings findings) {
        int atEnds = 0;
        for (float value : values) {
            atEnds += Math.abs(value) > SATURATED || Math.abs(value) < 1 - SATURATED ? 1 : 0;
        }
        if (atEnds > MOST_AT_ENDS * values.length && Arrays2d.rootMeanSquare(values) > 0.1) {
            findings.failed(
                    Ailment.SATURATED_UNITS,
                    name,
                    1 - (double) atEnds / values.length,
                    "%d of %d values of %s are within 0.01 of -1, 0 or 1: its gates are open or closed, where their derivative is about 0.",
                    atEnds,
                    values.length,
                    name);
            return false;
        }
        return true;
    }

    private static boolean unsaturated(IActivation function, String name, float[] values, Findings findings) {
        int saturated = 0;
        for (float value : values) {
            double level = function instanceof ActivationSigmoid ? Math.abs(2 * value - 1) : Math.abs(value);
            saturated += level > SATURATED ? 1 : 0;
        }
        if (saturated * 2L > values.length) {
            findings.failed(
                    Ailment.SATURATED_UNITS,
                    name,
                    1 - (double) saturated / values.length,
                    "%d of %d values of %s are within 1 %% of the ends of %s, where its derivative is about 0.",
                    saturated,
                    values.length,
                    name,
                    function);
            return false;
        }
        return true;
    }

    private static boolean inScale(String name, double scale, double inputScale, Findings findings) {
        if (scale > LARGEST_GROWTH * Math.max(1, inputScale)) {
            findings.failed(
                    Ailment.ACTIVATIONS_EXPLODE,
                    name,
                    inputScale / scale,
                    "Activations of %s have a root mean square of %.3g, inputs %.3g.",
                    name,
                    scale,
                    inputScale);
            return false;
        }
        if (scale < LARGEST_SHRINKAGE * Math.min(1, inputScale)) {
            findings.failed(
                    Ailment.ACTIVATIONS_VANISH,
                    name,
                    scale / inputScale,
                    "Activations of %s have a root mean square of %.3g, inputs %.3g.",
                    name,
                    scale,
                    inputScale);
            return false;
        }
        return true;
    }
}
