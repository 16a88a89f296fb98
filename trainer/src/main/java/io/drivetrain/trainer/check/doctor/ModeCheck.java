package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * What the predict step makes of the network: evaluation mode, the same answer twice, each example by itself, the
 * network's own rows and columns.
 */
final class ModeCheck {
    private static final double SAME = 1e-4;

    private ModeCheck() {}

    static void examine(ComputationGraph graph, Probe probe, Patient patient, Settings settings, Findings findings) {
        Nd4j.getRandom().setSeed(settings.seed());
        float[][] own = Arrays2d.rows(graph.outputSingle(false, probe.inputs()));
        float[][] ownAgain = Arrays2d.rows(graph.outputSingle(false, probe.inputs()));
        INDArray predicted;
        INDArray predictedAgain;
        try {
            predicted = patient.predictStep().probabilities(graph, probe.inputs());
            predictedAgain = patient.predictStep().probabilities(graph, probe.inputs());
        } catch (RuntimeException e) {
            findings.failed(
                    Ailment.STEP_FAILS,
                    "prediction",
                    0,
                    "A batch of %d samples cannot be predicted: %s",
                    probe.size(),
                    e);
            return;
        }
        if (predicted.rank() != 2 || predicted.size(0) != own.length || predicted.size(1) != own[0].length) {
            findings.failed(
                    Ailment.OUTPUT_WRONG_SHAPE,
                    "prediction",
                    0,
                    "The prediction of %d samples of %d classes has shape %s.",
                    own.length,
                    own[0].length,
                    Arrays.toString(predicted.shape()));
            return;
        }
        float[][] once = Arrays2d.rows(predicted);
        double unsteady = Math.max(
                Arrays2d.largestDifference(own, ownAgain),
                Arrays2d.largestDifference(once, Arrays2d.rows(predictedAgain)));
        if (unsteady > SAME) {
            findings.failed(
                    Ailment.DROPOUT_ACTIVE_IN_EVALUATION,
                    "prediction",
                    1 - unsteady,
                    "The same %d samples predicted twice with the same weights differ by up to %.3g.",
                    probe.size(),
                    unsteady);
            return;
        }
        boolean batchNorm = Layers.hasBatchNorm(graph);
        float[][] inTraining = Arrays2d.rows(Layers.outputInTraining(graph, probe.inputs()));
        if (Arrays2d.largestDifference(once, own) > SAME) {
            different(graph, probe, once, own, inTraining, batchNorm, findings);
            return;
        }
        double mixed = mixing(patient, graph, probe, once);
        if (mixed > SAME) {
            boolean batchStatistics = batchNorm && Arrays2d.largestDifference(own, inTraining) <= SAME;
            findings.failed(
                    batchStatistics ? Ailment.BATCH_NORM_BATCH_STATISTICS_IN_EVALUATION : Ailment.BATCH_MIXES_EXAMPLES,
                    "prediction",
                    1 - mixed,
                    "Changing the first of %d samples changes the prediction of another by up to %.3g.",
                    probe.size(),
                    mixed);
            return;
        }
        findings.passed(
                Ailment.DROPOUT_ACTIVE_IN_EVALUATION,
                "prediction",
                1,
                "Predictions are the network's own, the same twice, and each sample's own (largest difference %.2g).",
                Math.max(unsteady, mixed));
        inTrainingMode(graph, probe, own, inTraining, batchNorm, settings, findings);
    }

    private static void different(
            ComputationGraph graph,
            Probe probe,
            float[][] predicted,
            float[][] own,
            float[][] inTraining,
            boolean batchNorm,
            Findings findings) {
        double difference = Arrays2d.largestDifference(predicted, own);
        String evidence = "The prediction differs from the network's output in evaluation mode by up to %.3g."
                .formatted(difference);
        float[][] softmaxAgain = Arrays2d.rows(
                Transforms.softmax(graph.outputSingle(false, probe.inputs()).dup()));
        if (Arrays2d.largestDifference(predicted, inTraining) <= SAME) {
            findings.failed(
                    batchNorm
                            ? Ailment.BATCH_NORM_BATCH_STATISTICS_IN_EVALUATION
                            : Ailment.PREDICTION_DIFFERS_FROM_NETWORK,
                    "prediction",
                    1 - difference,
                    "%s It is the output in training mode.",
                    evidence);
        } else if (Arrays2d.largestDifference(predicted, softmaxAgain) <= SAME) {
            findings.failed(Ailment.SOFTMAX_TWICE, "prediction", 0, "%s It is the softmax of that output.", evidence);
        } else if (predicted.length == own.length
                && !LossCheck.sumsToOne(Nd4j.create(predicted))
                && predicted[0].length == own[0].length) {
            findings.failed(
                    Ailment.LOGITS_WHERE_PROBABILITIES_EXPECTED,
                    "prediction",
                    0,
                    "%s Its rows are no probabilities, for example %s.",
                    evidence,
                    Arrays.toString(predicted[0]));
        } else {
            findings.failed(Ailment.PREDICTION_DIFFERS_FROM_NETWORK, "prediction", 0, "%s", evidence);
        }
    }

    /** Largest change of the prediction of examples whose inputs did not change. */
    private static double mixing(Patient patient, ComputationGraph graph, Probe probe, float[][] before) {
        float[][] after = Arrays2d.rows(patient.predictStep().probabilities(graph, probe.withFirstReplaced()));
        return Arrays2d.largestDifference(withoutFirst(before), withoutFirst(after));
    }

    private static float[][] withoutFirst(float[][] rows) {
        return Arrays.copyOfRange(rows, 1, rows.length);
    }

    /** Batch-norm adds a small number to the variance; one that is larger than the variance takes its place. */
    private static boolean swampedByEpsilon(ComputationGraph graph, Probe probe, Findings findings) {
        Map<String, INDArray> activations = graph.feedForward(probe.inputs(), true);
        for (Layer layer : Layers.withWeights(graph)) {
            String name = Layers.name(layer);
            INDArray input = activations.get(
                    graph.getConfiguration().getVertexInputs().get(name).get(0));
            if (input == null || !(Layers.configuration(layer) instanceof BatchNormalization norm)) {
                continue;
            }
            double scale = Arrays2d.rootMeanSquare(Arrays2d.flat(input));
            // Where all is 0, what lies before is to blame.
            if (scale > 0 && norm.getEps() > scale * scale) {
                findings.failed(
                        Ailment.BATCH_NORM_INACTIVE_IN_TRAINING,
                        name,
                        0,
                        "%s adds %.3g to the variance of inputs whose mean square is %.3g.",
                        name,
                        norm.getEps(),
                        scale * scale);
                return true;
            }
        }
        return false;
    }

    private static void inTrainingMode(
            ComputationGraph graph,
            Probe probe,
            float[][] own,
            float[][] inTraining,
            boolean batchNorm,
            Settings settings,
            Findings findings) {
        boolean random = Layers.drawsInTraining(graph);
        if (batchNorm) {
            if (swampedByEpsilon(graph, probe, findings)) {
                return;
            }
            double difference = Arrays2d.largestDifference(own, inTraining);
            if (!random
                    && difference <= 1e-6
                    && !findings.hasFailed(Ailment.ACTIVATIONS_VANISH)
                    && !findings.hasFailed(Ailment.DEAD_UNITS)) {
                findings.failed(
                        Ailment.BATCH_NORM_INACTIVE_IN_TRAINING,
                        "training",
                        0,
                        "With batch-norm in the network, %d samples give the same output in training and in evaluation mode.",
                        probe.size());
            }
            return;
        }
        // The same random numbers, so that the same values are dropped.
        Nd4j.getRandom().setSeed(settings.seed());
        float[][] before = Arrays2d.rows(Layers.outputInTraining(graph, probe.inputs()));
        Nd4j.getRandom().setSeed(settings.seed());
        float[][] after = Arrays2d.rows(Layers.outputInTraining(graph, probe.withFirstReplaced()));
        double mixed = Arrays2d.largestDifference(withoutFirst(before), withoutFirst(after));
        if (mixed > SAME) {
            findings.failed(
                    Ailment.BATCH_MIXES_EXAMPLES,
                    "training",
                    1 - mixed,
                    "Without batch-norm, changing the first of %d samples changes the output of another in training mode by up to %.3g.",
                    probe.size(),
                    mixed);
        }
    }
}
