package io.drivetrain.trainer.check.doctor;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Settings of layers and updaters with which a batch is learnt by heart nevertheless, and nothing is beyond it. */
final class RecipeCheck {
    /** Deeplearning4j's dropout takes the share of values that stay, most others the share that goes. */
    private static final double LEAST_RETAINED = 0.1;
    /** An average over 200 updates. */
    private static final double LONGEST_MOMENTUM = 0.995;

    private static final int UPDATES_OF_SCHEDULE = 100;
    private static final double LEAST_OF_FIRST_RATE = 1e-3;

    private RecipeCheck() {}

    static void examine(ComputationGraph graph, Findings findings) {
        for (Layer layer : graph.getLayers()) {
            if (Layers.frozen(layer)) {
                continue;
            }
            String name = Layers.name(layer);
            double retained = retained(Layers.configuration(layer).getIDropout());
            if (Layers.configuration(layer) instanceof BaseLayer configuration) {
                retained = Math.min(retained, retained(configuration.getWeightNoise()));
                if (!momentum(name, configuration.getIUpdater(), findings)
                        || !schedule(name, configuration.getIUpdater(), findings)) {
                    return;
                }
            }
            if (retained < LEAST_RETAINED) {
                findings.failed(
                        Ailment.REGULARISATION_TOO_STRONG,
                        name,
                        retained,
                        "Dropout of layer %s retains %s of the values: Deeplearning4j's argument is the share that stays.",
                        name,
                        retained);
                return;
            }
        }
    }

    private static boolean momentum(String name, IUpdater updater, Findings findings) {
        double momentum = momentum(updater);
        if (momentum > LONGEST_MOMENTUM) {
            findings.failed(
                    Ailment.MOMENTUM_TOO_LONG,
                    name,
                    0,
                    "The updater of layer %s averages with a momentum of %s, over some %.0f updates: %s.",
                    name,
                    momentum,
                    1 / Math.max(1e-9, 1 - momentum),
                    updater);
            return false;
        }
        return true;
    }

    /** A rate that is all but 0 long before an epoch is over; one that begins near 0 warms up. */
    private static boolean schedule(String name, IUpdater updater, Findings findings) {
        if (updater == null || !updater.hasLearningRate()) {
            return true;
        }
        double first = updater.getLearningRate(0, 0);
        if (first < 0) {
            findings.failed(
                    Ailment.UPDATE_CLIMBS,
                    name,
                    0,
                    "The learning rate of layer %s is %.3g, below 0: %s.",
                    name,
                    first,
                    updater);
            return false;
        }
        double later = updater.getLearningRate(UPDATES_OF_SCHEDULE, 0);
        if (later < LEAST_OF_FIRST_RATE * first) {
            findings.failed(
                    Ailment.LEARNING_RATE_TOO_LOW,
                    name,
                    0,
                    "The learning rate of layer %s is %.3g at first and %.3g after %d updates: %s.",
                    name,
                    first,
                    later,
                    UPDATES_OF_SCHEDULE,
                    updater);
            return false;
        }
        return true;
    }

    /** Share of what an update was that the next one keeps; 0 for updaters without any, and where a schedule sets it. */
    private static double momentum(IUpdater updater) {
        if (updater instanceof Nesterovs nesterovs) {
            return nesterovs.getMomentumISchedule() == null ? nesterovs.getMomentum() : 0;
        }
        if (updater instanceof Adam adam) {
            return adam.getBeta1();
        }
        if (updater instanceof AMSGrad adam) {
            return adam.getBeta1();
        }
        if (updater instanceof AdaMax adam) {
            return adam.getBeta1();
        }
        return updater instanceof Nadam adam ? adam.getBeta1() : 0;
    }

    private static double retained(IDropout dropout) {
        if (dropout instanceof Dropout plain && plain.getPSchedule() == null) {
            return plain.getP();
        }
        if (dropout instanceof AlphaDropout alpha && alpha.getPSchedule() == null) {
            return alpha.getP();
        }
        return dropout instanceof SpatialDropout spatial && spatial.getPSchedule() == null ? spatial.getP() : 1;
    }

    private static double retained(IWeightNoise noise) {
        return noise instanceof DropConnect connect && connect.getWeightRetainProbSchedule() == null
                ? connect.getWeightRetainProb()
                : 1;
    }
}
