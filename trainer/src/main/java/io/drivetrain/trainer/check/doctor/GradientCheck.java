package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** The backward pass: finite, of moderate size in every layer, and the slope of the loss. */
final class GradientCheck {
    /** Of the layer with the largest: Adam's step does not shrink with the gradient, its signal does. */
    private static final double VANISHED = 1e-5;
    /** Root mean square of the gradient over that of the weights. */
    private static final double EXPLODED = 100;
    /** The same with batch-norm, under which the size of weights is free and gradients grow with depth without harm. */
    private static final double EXPLODED_UNDER_BATCH_NORM = 1000;
    /** Of weights: a layer that begins near 0 has a gradient of the usual size. */
    private static final double SMALL_ON_PURPOSE = 0.01;
    /** Relative change of the loss along the gradient, large against rounding and small against curvature. */
    private static final double CHANGE = 0.01;

    /** A flipped loss gives -1; another negative ratio, a backward pass that is wrong on the way. */
    private static final double OPPOSITE = 0.05;
    /** Loss in nats that cannot fall by as much as rounding allows to see. */
    private static final double KNOWN_BY_HEART = 0.05;
    /** In nats; the logarithm of the smallest probability that is told from 0 is near -28. */
    private static final double LARGEST_COMPARED = 15;

    private static final String OF_THE_LIBRARY = "org.nd4j.linalg.";
    private static final int EXAMPLES = 4;
    private static final double DIFFERENCE = 1e-4;
    private static final double LEAST_COSINE = 0.95;

    private GradientCheck() {}

    static void examine(ComputationGraph graph, Probe probe, Patient patient, Settings settings, Findings findings) {
        Set<String> frozen = patient.declared().frozenLayers();
        boolean byAccident = false;
        for (Layer layer : Layers.withWeights(graph)) {
            if (Layers.frozen(layer) && !frozen.contains(Layers.name(layer))) {
                byAccident = true;
                findings.failed(
                        Ailment.WEIGHTS_DO_NOT_MOVE,
                        Layers.name(layer),
                        0,
                        "Layer %s is wrapped as frozen, and not declared so.",
                        Layers.name(layer));
            }
        }
        if (byAccident) {
            return;
        }
        Nd4j.getRandom().setSeed(settings.seed());
        Map<String, float[]> gradients = Gradients.of(graph, probe);
        if (sizes(graph, gradients, frozen, findings)) {
            slope(graph, probe, gradients, findings);
            if (!findings.anyFailed()) {
                slopeOfLoss(graph, patient.declared().classes(), findings);
            }
        }
    }

    /** A loss or a last activation of one's own: its gradient by differences, on numbers of twice the precision. */
    private static void slopeOfLoss(ComputationGraph graph, int classes, Findings findings) {
        org.deeplearning4j.nn.conf.layers.Layer output = Layers.configuration(graph.getOutputLayer(0));
        Optional<IActivation> activation = Layers.activation(output);
        if (!(output instanceof BaseOutputLayer last)
                || activation.isEmpty()
                || Stream.of(last.getLossFn(), activation.get())
                        .allMatch(one -> one.getClass().getName().startsWith(OF_THE_LIBRARY))) {
            return;
        }
        double[][] numbers = new double[EXAMPLES][classes];
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, EXAMPLES, classes);
        Random random = new Random(EXAMPLES);
        for (int row = 0; row < EXAMPLES; row++) {
            labels.putScalar(row, row % classes, 1);
            Arrays.setAll(numbers[row], unused -> random.nextGaussian());
        }
        double[][] gradient;
        double product = 0;
        double squares = 0;
        double squaresByDifference = 0;
        try {
            gradient = last.getLossFn()
                    .computeGradient(labels, Nd4j.create(numbers), activation.get(), null)
                    .castTo(DataType.DOUBLE)
                    .toDoubleMatrix();
            for (int row = 0; row < EXAMPLES; row++) {
                for (int k = 0; k < classes; k++) {
                    double before = numbers[row][k];
                    numbers[row][k] = before + DIFFERENCE;
                    double up =
                            last.getLossFn().computeScore(labels, Nd4j.create(numbers), activation.get(), null, false);
                    numbers[row][k] = before - DIFFERENCE;
                    double down =
                            last.getLossFn().computeScore(labels, Nd4j.create(numbers), activation.get(), null, false);
                    numbers[row][k] = before;
                    double slope = (up - down) / (2 * DIFFERENCE);
                    product += slope * gradient[row][k];
                    squares += gradient[row][k] * gradient[row][k];
                    squaresByDifference += slope * slope;
                }
            }
        } catch (RuntimeException e) {
            // A loss may take numbers of one precision only.
            return;
        }
        double cosine = product / Math.sqrt(squares * squaresByDifference);
        if (cosine < LEAST_COSINE) {
            findings.failed(
                    Ailment.GRADIENT_WRONG,
                    Layers.name(graph.getOutputLayer(0)),
                    Math.max(0, cosine),
                    "The gradient that %s after %s gives and that of its value by differences have a cosine of %.3f.",
                    last.getLossFn(),
                    activation.get(),
                    cosine);
        }
    }

    private static boolean sizes(
            ComputationGraph graph, Map<String, float[]> gradients, Set<String> frozen, Findings findings) {
        Map<String, Double> byLayer = new LinkedHashMap<>();
        double exploded = Layers.hasBatchNorm(graph) ? EXPLODED_UNDER_BATCH_NORM : EXPLODED;
        for (Layer layer : Layers.withWeights(graph)) {
            String name = Layers.name(layer);
            if (Layers.frozen(layer) || frozen.contains(name) || Layers.isBatchNorm(layer)) {
                continue;
            }
            double largest = 0;
            for (String key : layer.paramTable().keySet()) {
                float[] gradient = gradients.get(name + "_" + key);
                if (gradient == null) {
                    continue;
                }
                if (Arrays2d.firstNotFinite(gradient) >= 0) {
                    findings.failed(
                            Ailment.GRADIENTS_NOT_FINITE,
                            lastNotFinite(graph, gradients),
                            0,
                            "On the way back from the loss, the gradient is first NaN or infinite in layer %s.",
                            lastNotFinite(graph, gradients));
                    return false;
                }
                largest = Math.max(largest, Arrays2d.rootMeanSquare(gradient));
            }
            byLayer.put(name, largest);
            double weights = Arrays2d.rootMeanSquare(Arrays2d.flat(layer.params()));
            if (largest > exploded * Math.max(weights, SMALL_ON_PURPOSE)) {
                findings.failed(
                        Ailment.GRADIENTS_EXPLODE,
                        name,
                        weights / largest,
                        "The gradient of layer %s has a root mean square of %.3g, its weights %.3g.",
                        name,
                        largest,
                        weights);
                return false;
            }
        }
        double most =
                byLayer.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
        for (var entry : byLayer.entrySet()) {
            if (entry.getValue() == 0) {
                findings.failed(
                        Ailment.LAYER_WITHOUT_GRADIENT,
                        entry.getKey(),
                        0,
                        "The gradient of every weight of layer %s is exactly 0.",
                        entry.getKey());
                return false;
            }
            if (entry.getValue() < VANISHED * most) {
                findings.failed(
                        Ailment.GRADIENTS_VANISH,
                        entry.getKey(),
                        entry.getValue() / most,
                        "The gradient of layer %s has a root mean square of %.3g, the largest of any layer is %.3g.",
                        entry.getKey(),
                        entry.getValue(),
                        most);
                return false;
            }
        }
        double least =
                byLayer.values().stream().mapToDouble(Double::doubleValue).min().orElse(0);
        findings.passed(
                Ailment.GRADIENTS_VANISH,
                "",
                1,
                "Gradients of %d layers have root mean squares from %.3g to %.3g.",
                byLayer.size(),
                least,
                most);
        return true;
    }

    private static String lastNotFinite(ComputationGraph graph, Map<String, float[]> gradients) {
        String last = "";
        for (String name : graph.getConfiguration().getTopologicalOrderStr()) {
            for (var gradient : gradients.entrySet()) {
                if (gradient.getKey().startsWith(name + "_") && Arrays2d.firstNotFinite(gradient.getValue()) >= 0) {
                    last = name;
                }
            }
        }
        return last;
    }

    /** Compares the squared length of the gradient with the change of the likelihood along it. */
    private static void slope(ComputationGraph graph, Probe probe, Map<String, float[]> gradients, Findings findings) {
        double squared = 0;
        for (float[] gradient : gradients.values()) {
            for (float value : gradient) {
                squared += (double) value * value;
            }
        }
        if (squared == 0) {
            return;
        }
        boolean random = Layers.drawsInTraining(graph);
        // Training mode is what the gradient is of, but would draw other numbers each time.
        boolean training = !random;
        Optional<float[]> weights = classWeights(graph);
        double loss = probe.crossEntropy(graph.output(training, probe.inputs())[0], weights);
        if (loss < KNOWN_BY_HEART) {
            findings.skipped(
                    "The gradient was not compared with the loss, which is %.2g already for %d samples.",
                    loss, probe.size());
            return;
        }
        if (loss > LARGEST_COMPARED) {
            findings.skipped(
                    "The gradient was not compared with the loss, which is %.3g for %d samples: logarithms are cut off there.",
                    loss, probe.size());
            return;
        }
        double step = CHANGE * loss / squared;
        // Put back afterwards: a copy of the graph would copy its updater's state, too.
        INDArray parameters = graph.params().dup();
        double up = moved(graph, probe, weights, gradients, step, training);
        graph.params().assign(parameters);
        double down = moved(graph, probe, weights, gradients, -step, training);
        graph.params().assign(parameters);
        parameters.close();
        double ratio = (up - down) / (2 * step) / squared;
        String evidence = "Along its gradient the loss of %d samples changes %.3f times as fast as the gradient says."
                .formatted(probe.size(), ratio);
        if (random ? ratio < -0.1 : Math.abs(ratio + 1) < OPPOSITE) {
            findings.failed(Ailment.LOSS_SIGN_FLIPPED, "", 0, "%s", evidence);
        } else if (!random && (ratio < 0.5 || ratio > 2) && !(Math.abs(ratio * probe.size() - 1) < 0.5)) {
            findings.failed(Ailment.GRADIENT_WRONG, "", ratio < 1 ? ratio : 1 / ratio, "%s", evidence);
        } else {
            findings.passed(Ailment.GRADIENT_WRONG, "", 1, "%s", evidence);
        }
    }

    private static Optional<float[]> classWeights(ComputationGraph graph) {
        return graph.getOutputLayer(0).conf().getLayer() instanceof BaseOutputLayer output
                        && output.getLossFn() instanceof LossMCXENT crossEntropy
                ? Optional.ofNullable(crossEntropy.getWeights()).map(Arrays2d::flat)
                : Optional.empty();
    }

    private static double moved(
            ComputationGraph graph,
            Probe probe,
            Optional<float[]> weights,
            Map<String, float[]> gradients,
            double step,
            boolean training) {
        for (var parameter : graph.paramTable().entrySet()) {
            float[] gradient = gradients.get(parameter.getKey());
            if (gradient != null) {
                INDArray delta = Nd4j.create(gradient, parameter.getValue().shape(), 'c');
                parameter.getValue().addi(delta.muli(step));
            }
        }
        return probe.crossEntropy(graph.output(training, probe.inputs())[0], weights);
    }
}
