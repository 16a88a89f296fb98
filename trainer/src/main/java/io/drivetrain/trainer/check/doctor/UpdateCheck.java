package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;

/** What a few updates do: every layer moves, downhill, and what training mode must change does change. */
final class UpdateCheck {
    private static final int UPDATES = 3;
    /** Of the layer that moves most, in absolute terms and against its gradient. */
    private static final double STANDS_STILL = 1e-4;

    /** Of the weights themselves, about what a 32-bit number resolves. */
    private static final double RESOLUTION = 1e-6;

    private static final double UPHILL = 0.02;

    private UpdateCheck() {}

    static void examine(ComputationGraph original, Probe probe, Patient patient, Settings settings, Findings findings) {
        ComputationGraph graph = original.clone();
        Nd4j.getRandom().setSeed(settings.seed());
        Map<String, float[]> gradients = Gradients.of(graph, probe);
        Map<String, float[]> before = Gradients.parameters(graph);
        final Map<String, float[]> statisticsBefore = Gradients.runningStatistics(graph);
        final boolean batchNorm = Layers.hasBatchNorm(original);
        final boolean dropout = Layers.hasDropout(original);
        try {
            Nd4j.getRandom().setSeed(settings.seed());
            patient.trainStep().update(graph, probe.inputs(), probe.labels());
            direction(before, Gradients.parameters(graph), gradients, findings);
            for (int update = 1; update < UPDATES; update++) {
                patient.trainStep().update(graph, probe.inputs(), probe.labels());
            }
        } catch (RuntimeException e) {
            findings.failed(
                    Ailment.STEP_FAILS,
                    "training",
                    0,
                    "The weights cannot be updated with a batch of %d samples: %s",
                    probe.size(),
                    e);
            return;
        }
        layersMove(original, before, Gradients.parameters(graph), gradients, patient, findings);
        if (batchNorm) {
            statisticsMove(original, statisticsBefore, Gradients.runningStatistics(graph), patient, findings);
        }
        if (dropout && !findings.hasFailed(Ailment.WEIGHTS_DO_NOT_MOVE)) {
            dropoutDrops(original, probe, patient, settings, findings);
        }
        graph.close();
    }

    private static void direction(
            Map<String, float[]> before,
            Map<String, float[]> after,
            Map<String, float[]> gradients,
            Findings findings) {
        double along = 0;
        double length = 0;
        double squared = 0;
        for (var gradient : gradients.entrySet()) {
            float[] from = before.get(gradient.getKey());
            float[] to = after.get(gradient.getKey());
            for (int i = 0; i < from.length; i++) {
                double moved = (double) to[i] - from[i];
                along += moved * gradient.getValue()[i];
                length += moved * moved;
                squared += (double) gradient.getValue()[i] * gradient.getValue()[i];
            }
        }
        if (length == 0 || squared == 0 || !Double.isFinite(along)) {
            return;
        }
        double cosine = along / Math.sqrt(length * squared);
        String evidence =
                "The cosine between the first update and the gradient is %.3f; downhill is negative.".formatted(cosine);
        if (cosine > UPHILL) {
            findings.failed(Ailment.UPDATE_CLIMBS, "training", (1 - cosine) / 2, "%s", evidence);
        } else {
            findings.passed(Ailment.UPDATE_CLIMBS, "training", (1 - cosine) / 2, "%s", evidence);
        }
    }

    private static void layersMove(
            ComputationGraph original,
            Map<String, float[]> before,
            Map<String, float[]> after,
            Map<String, float[]> gradients,
            Patient patient,
            Findings findings) {
        Map<String, Double> moves = new LinkedHashMap<>();
        Map<String, Double> relativeMoves = new LinkedHashMap<>();
        Map<String, Double> againstGradient = new LinkedHashMap<>();
        Set<String> frozen = patient.declared().frozenLayers();
        for (Layer layer : Layers.withWeights(original)) {
            String name = Layers.name(layer);
            double move = 0;
            double relative = 0;
            for (String key : layer.conf()
                    .getLayer()
                    .initializer()
                    .weightKeys(layer.conf().getLayer())) {
                String parameter = name + "_" + key;
                if (before.containsKey(parameter)) {
                    double one = change(before.get(parameter), after.get(parameter));
                    move = Math.max(move, one);
                    double gradient = Arrays2d.rootMeanSquare(gradients.getOrDefault(parameter, new float[] {1}));
                    relative = Math.max(relative, one / Math.max(gradient, 1e-30));
                }
            }
            if (frozen.contains(name)) {
                if (move > 0) {
                    findings.failed(
                            Ailment.FROZEN_LAYER_MOVES,
                            name,
                            0,
                            "Layer %s is declared frozen; %d updates moved its weights by a root mean square of %.3g.",
                            name,
                            UPDATES,
                            move);
                }
            } else if (!Layers.isBatchNorm(layer)) {
                moves.put(name, move);
                relativeMoves.put(name, move / Math.max(1e-30, Arrays2d.rootMeanSquare(Arrays2d.flat(layer.params()))));
                againstGradient.put(name, relative);
            }
        }
        double most =
                moves.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
        double mostAgainst = againstGradient.values().stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
        double mostRelative = relativeMoves.values().stream()
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
        if (mostRelative < RESOLUTION && !moves.isEmpty()) {
            findings.failed(
                    Ailment.WEIGHTS_DO_NOT_MOVE,
                    "",
                    0,
                    "%d updates changed the weights of no layer by more than %.2g of their size. Updaters: %s.",
                    UPDATES,
                    mostRelative,
                    updaters(original));
            return;
        }
        boolean all = true;
        for (var move : moves.entrySet()) {
            boolean still = relativeMoves.get(move.getKey()) < RESOLUTION
                    || (move.getValue() < STANDS_STILL * most
                            && againstGradient.get(move.getKey()) < STANDS_STILL * mostAgainst);
            if (still) {
                all = false;
                findings.failed(
                        Ailment.WEIGHTS_DO_NOT_MOVE,
                        move.getKey(),
                        most == 0 ? 0 : move.getValue() / most,
                        "%d updates moved the weights of layer %s by a root mean square of %.3g, those of another layer by %.3g. Updaters: %s.",
                        UPDATES,
                        move.getKey(),
                        move.getValue(),
                        most,
                        updaters(original));
            }
        }
        if (all) {
            findings.passed(
                    Ailment.WEIGHTS_DO_NOT_MOVE,
                    "",
                    1,
                    "%d updates moved the weights of all %d layers, at most by a root mean square of %.3g.",
                    UPDATES,
                    moves.size(),
                    most);
        }
    }

    private static Set<String> updaters(ComputationGraph graph) {
        Set<String> updaters = new java.util.TreeSet<>();
        for (Layer layer : Layers.withWeights(graph)) {
            for (String key : layer.paramTable().keySet()) {
                updaters.add(String.valueOf(layer.conf().getLayer().getUpdaterByParam(key)));
            }
        }
        return updaters;
    }

    private static double change(float[] before, float[] after) {
        float[] difference = new float[before.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = after[i] - before[i];
        }
        double move = Arrays2d.rootMeanSquare(difference);
        // A weight that is no number any more has moved.
        return Double.isNaN(move) ? Double.MAX_VALUE : move;
    }

    private static void statisticsMove(
            ComputationGraph original,
            Map<String, float[]> before,
            Map<String, float[]> after,
            Patient patient,
            Findings findings) {
        boolean all = true;
        for (Layer layer : Layers.withWeights(original)) {
            String name = Layers.name(layer);
            if (!Layers.isBatchNorm(layer)
                    || Layers.frozen(layer)
                    || patient.declared().frozenLayers().contains(name)) {
                continue;
            }
            boolean moved = before.keySet().stream()
                    .filter(key -> key.startsWith(name + "_"))
                    .anyMatch(key -> !Arrays.equals(before.get(key), after.get(key)));
            if (!moved) {
                all = false;
                findings.failed(
                        Ailment.BATCH_NORM_STATISTICS_NOT_UPDATED,
                        name,
                        0,
                        "After %d updates the running mean and variance of %s are what they were.",
                        UPDATES,
                        name);
            }
        }
        if (all) {
            findings.passed(
                    Ailment.BATCH_NORM_STATISTICS_NOT_UPDATED,
                    "",
                    1,
                    "%d updates moved the running statistics of every batch-norm layer.",
                    UPDATES);
        }
    }

    /** With dropout, two updates from the same weights with other random numbers differ. */
    private static void dropoutDrops(
            ComputationGraph original, Probe probe, Patient patient, Settings settings, Findings findings) {
        float[][] results = new float[2][];
        for (int i = 0; i < results.length; i++) {
            ComputationGraph graph = original.clone();
            Nd4j.getRandom().setSeed(settings.seed() + i);
            patient.trainStep().update(graph, probe.inputs(), probe.labels());
            results[i] = Arrays2d.flat(graph.params());
            graph.close();
        }
        if (Arrays.equals(results[0], results[1])) {
            findings.failed(
                    Ailment.DROPOUT_INACTIVE_IN_TRAINING,
                    "training",
                    0,
                    "Dropout is configured, yet an update with other random numbers gives the same %d weights bit for bit.",
                    results[0].length);
        } else {
            findings.passed(
                    Ailment.DROPOUT_INACTIVE_IN_TRAINING,
                    "training",
                    1,
                    "Updates with other random numbers differ, so values are dropped in training.");
        }
    }
}
