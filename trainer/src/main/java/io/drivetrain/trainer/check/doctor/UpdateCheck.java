package io.drivetrain.trainer.check.doctor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;

/** What a few updates do: every layer moves, downhill, and what training mode must change does change. */
final class UpdateCheck {
    private static final int UPDATES = 3;
    /** Of the layer that moves most, in absolute terms and against its gradient. */
    private static final double STANDS_STILL = 1e-4;

    /** Of the weights themselves, about what a 32-bit number resolves. */
    private static final double RESOLUTION = 1e-6;

    /** Of the largest gradient: a parameter with less may stand still by rounding. */
    private static final double WITH_GRADIENT = 1e-3;

    private static final double SAME_PREDICTION = 1e-4;
    private static final double UPHILL = 0.02;
    /** Cosine of an update and the network's own: one of opposite sign is turned, one in between is of another batch. */
    private static final double ONE_LINE = 0.9;
    /** Running statistics with a larger one are a tenth of the way after 1,000 updates. */
    private static final double SLOWEST_DECAY = 0.9999;
    /** With a smaller one, most of the running statistics is of the last batch. */
    private static final double FASTEST_DECAY = 0.5;

    /** Of the loss of a fresh network, by which augmentation does not change it. */
    private static final double OTHER_LOSS = 0.6;

    private UpdateCheck() {}

    static void examine(ComputationGraph original, Probe probe, Patient patient, Settings settings, Findings findings) {
        ComputationGraph graph = original.clone();
        Nd4j.getRandom().setSeed(settings.seed());
        Map<String, float[]> gradients = Gradients.of(graph, probe);
        final double ownLoss = graph.score();
        final double toldLoss;
        final Map<String, float[]> statisticsBefore = Gradients.runningStatistics(graph);
        final boolean batchNorm = Layers.hasBatchNorm(original);
        final boolean dropout = Layers.hasDropout(original);
        try {
            Nd4j.getRandom().setSeed(settings.seed());
            toldLoss = patient.trainStep().update(graph, probe.inputs(), probe.labels());
            if (!finite(graph, findings)) {
                graph.close();
                return;
            }
            direction(original, graph, probe, gradients, settings, findings);
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
        predictsByNewWeights(graph, probe, patient, findings);
        layersMove(original, graph, gradients, patient, findings);
        if (batchNorm) {
            statisticsMove(original, statisticsBefore, Gradients.runningStatistics(graph), patient, findings);
        }
        if (dropout && !findings.hasFailed(Ailment.WEIGHTS_DO_NOT_MOVE)) {
            dropoutDrops(original, probe, patient, settings, findings);
        }
        if (!findings.anyFailed()) {
            lossIsOfTheBatch(toldLoss, ownLoss, patient, findings);
        }
        graph.close();
    }

    /** A copy of the network that predicts as it began is the same as the network until the first update. */
    private static void predictsByNewWeights(ComputationGraph graph, Probe probe, Patient patient, Findings findings) {
        double difference = Arrays2d.largestDifference(
                Arrays2d.rows(patient.predictStep().probabilities(graph, probe.inputs())),
                Arrays2d.rows(graph.outputSingle(false, probe.inputs())));
        if (difference > SAME_PREDICTION) {
            findings.failed(
                    Ailment.PREDICTION_DIFFERS_FROM_NETWORK,
                    "prediction",
                    1 - difference,
                    "After %d updates the prediction differs from the network's output by up to %.3g: it is not of the weights that are trained.",
                    UPDATES,
                    difference);
        }
    }

    /** What the training step says that it has lost, against what the network loses with the same batch. */
    private static void lossIsOfTheBatch(double told, double own, Patient patient, Findings findings) {
        double guessing = Math.log(patient.declared().classes());
        if (patient.declared().trained() || Math.abs(told - own) <= OTHER_LOSS * Math.max(own, guessing)) {
            return;
        }
        findings.failed(
                Ailment.TRAINING_STEP_WRONG,
                "training",
                Math.min(told, own) <= 0 ? 0 : Math.min(told / own, own / told),
                "The training step gives the loss of the first update as %.3f, the network's own is %.3f: look at what it does to labels and inputs, and over what it sums.",
                told,
                own);
    }

    /** A ReLU may turn NaN into 0, so that no loss shows it. */
    private static boolean finite(ComputationGraph graph, Findings findings) {
        for (String parameter : Gradients.parameters(graph)) {
            float[] values = values(graph, parameter);
            int at = Arrays2d.firstNotFinite(values);
            if (at >= 0) {
                findings.failed(
                        Ailment.WEIGHTS_NOT_FINITE,
                        parameter,
                        0,
                        "Value %d of parameter %s is %s after the first update, although the gradient is finite.",
                        at,
                        parameter,
                        values[at]);
                return false;
            }
        }
        return true;
    }

    /** One parameter at a time is read, since all of a large network several times over would not fit into memory. */
    private static float[] values(ComputationGraph graph, String parameter) {
        return Arrays2d.flat(graph.paramTable().get(parameter));
    }

    private static void direction(
            ComputationGraph original,
            ComputationGraph after,
            Probe probe,
            Map<String, float[]> gradients,
            Settings settings,
            Findings findings) {
        double cosine = cosine(gradients.keySet(), name -> move(original, after, name), gradients::get);
        if (!Double.isFinite(cosine)) {
            return;
        }
        String evidence =
                "The cosine between the first update and the gradient is %.3f; downhill is negative.".formatted(cosine);
        if (cosine <= UPHILL) {
            findings.passed(Ailment.UPDATE_CLIMBS, "training", (1 - cosine) / 2, "%s", evidence);
            return;
        }
        ComputationGraph own = original.clone();
        Nd4j.getRandom().setSeed(settings.seed());
        Patient.TrainStep.fit().update(own, probe.inputs(), probe.labels());
        double withOwn =
                cosine(gradients.keySet(), name -> move(original, after, name), name -> move(original, own, name));
        own.close();
        findings.failed(
                Math.abs(withOwn) >= ONE_LINE ? Ailment.UPDATE_CLIMBS : Ailment.TRAINING_STEP_WRONG,
                "training",
                (1 - cosine) / 2,
                "%s With the network's own update of the same batch it is %.3f.",
                evidence,
                withOwn);
    }

    private static float[] move(ComputationGraph before, ComputationGraph after, String parameter) {
        float[] move = values(after, parameter);
        float[] from = values(before, parameter);
        for (int i = 0; i < move.length; i++) {
            move[i] -= from[i];
        }
        return move;
    }

    /** Of two vectors in named parts; NaN where one is 0. */
    private static double cosine(Set<String> names, Function<String, float[]> one, Function<String, float[]> other) {
        double product = 0;
        double squares = 0;
        double squaresOfOther = 0;
        for (String name : names) {
            float[] values = one.apply(name);
            float[] ofOther = other.apply(name);
            for (int i = 0; i < values.length; i++) {
                product += (double) values[i] * ofOther[i];
                squares += (double) values[i] * values[i];
                squaresOfOther += (double) ofOther[i] * ofOther[i];
            }
        }
        return product / Math.sqrt(squares * squaresOfOther);
    }

    private static void layersMove(
            ComputationGraph original,
            ComputationGraph after,
            Map<String, float[]> gradients,
            Patient patient,
            Findings findings) {
        Map<String, Double> moves = new LinkedHashMap<>();
        Map<String, Double> relativeMoves = new LinkedHashMap<>();
        Map<String, Double> againstGradient = new LinkedHashMap<>();
        Set<String> frozen = patient.declared().frozenLayers();
        Set<String> parameters = Set.copyOf(Gradients.parameters(original));
        for (Layer layer : Layers.withWeights(original)) {
            String name = Layers.name(layer);
            double move = 0;
            double relative = 0;
            for (String key : layer.conf()
                    .getLayer()
                    .initializer()
                    .weightKeys(layer.conf().getLayer())) {
                String parameter = name + "_" + key;
                if (parameters.contains(parameter)) {
                    double one = change(values(original, parameter), values(after, parameter));
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
        boolean all = everyParameterMoves(original, after, gradients, patient, findings);
        String mover = moves.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("");
        for (var move : moves.entrySet()) {
            boolean still = relativeMoves.get(move.getKey()) < RESOLUTION
                    || (move.getValue() < STANDS_STILL * most
                            && againstGradient.get(move.getKey()) < STANDS_STILL * mostAgainst);
            if (still && relativeMoves.get(move.getKey()) >= RESOLUTION && relativeMoves.get(mover) > 1) {
                all = false;
                findings.failed(
                        Ailment.LEARNING_RATE_TOO_HIGH,
                        mover,
                        0,
                        "%d updates moved the weights of layer %s by %.3g times their size, and those of layer %s by %.3g times theirs. Updaters: %s.",
                        UPDATES,
                        mover,
                        relativeMoves.get(mover),
                        move.getKey(),
                        relativeMoves.get(move.getKey()),
                        updaters(original));
                break;
            }
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

    /** Beside the weights: a bias that has a gradient and stays bit for bit what it was is left out of the updates. */
    private static boolean everyParameterMoves(
            ComputationGraph original,
            ComputationGraph after,
            Map<String, float[]> gradients,
            Patient patient,
            Findings findings) {
        double most = gradients.values().stream()
                .mapToDouble(Arrays2d::rootMeanSquare)
                .max()
                .orElse(0);
        for (Layer layer : Layers.withWeights(original)) {
            String name = Layers.name(layer);
            if (Layers.frozen(layer) || patient.declared().frozenLayers().contains(name)) {
                continue;
            }
            for (String key :
                    layer.conf().getLayer().initializer().biasKeys(layer.conf().getLayer())) {
                String parameter = name + "_" + key;
                float[] gradient = gradients.get(parameter);
                if (gradient != null
                        && Arrays2d.rootMeanSquare(gradient) > WITH_GRADIENT * most
                        && Arrays.equals(values(original, parameter), values(after, parameter))) {
                    findings.failed(
                            Ailment.WEIGHTS_DO_NOT_MOVE,
                            parameter,
                            0,
                            "%d updates left the biases %s what they were, although they have a gradient. Updaters: %s.",
                            UPDATES,
                            parameter,
                            updaters(original));
                    return false;
                }
            }
        }
        return true;
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
                    .allMatch(key -> !Arrays.equals(before.get(key), after.get(key)));
            double decay = Layers.configuration(layer) instanceof BatchNormalization norm ? norm.getDecay() : 0.9;
            if (!moved) {
                all = false;
                findings.failed(
                        Ailment.BATCH_NORM_STATISTICS_NOT_UPDATED,
                        name,
                        0,
                        "After %d updates the running mean or variance of %s is what it was.",
                        UPDATES,
                        name);
            } else if (decay > SLOWEST_DECAY) {
                all = false;
                findings.failed(
                        Ailment.BATCH_NORM_STATISTICS_NOT_UPDATED,
                        name,
                        0,
                        "The running mean and variance of %s keep %s of themselves in each update: after 1,000 updates they are %.0f %% of the way.",
                        name,
                        decay,
                        100 * (1 - Math.pow(decay, 1000)));
            } else if (decay < FASTEST_DECAY) {
                all = false;
                findings.failed(
                        Ailment.BATCH_NORM_STATISTICS_OF_ONE_BATCH,
                        name,
                        decay,
                        "The running mean and variance of %s keep %s of themselves in each update: they are those of the last batch.",
                        name,
                        decay);
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
