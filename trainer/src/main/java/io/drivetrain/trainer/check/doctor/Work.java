package io.drivetrain.trainer.check.doctor;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How much an examination may compute with a network: a large one gets smaller batches first, then fewer updates.
 *
 * @param multiplicationsPerExample of one forward pass
 * @param multiplicationsPerUpdate that moving all weights once takes as long as
 * @param multiplications that learning one batch by heart may take
 */
record Work(double multiplicationsPerExample, double multiplicationsPerUpdate, double multiplications) {
    private static final int FEWEST_UPDATES = 15;
    private static final int WANTED_UPDATES = 30;
    private static final int MOST_UPDATES = 200;
    private static final int SMALLEST_BATCH = 8;
    /** A forward pass and two of its cost backwards. */
    private static final double PASSES = 3;
    /** Adam reads and writes seven numbers for each weight, which waits for memory. */
    private static final double MULTIPLICATIONS_PER_WEIGHT = 100;

    /** Measured on a batch: each weight is used once at each place of its layer's output. */
    static Work of(ComputationGraph graph, INDArray[] inputs, Settings settings) {
        double perExample = 1;
        Map<String, INDArray> activations = graph.feedForward(inputs, false);
        for (Layer layer : Layers.withWeights(graph)) {
            INDArray activation = activations.get(Layers.name(layer));
            double places = activation != null && activation.rank() > 2
                    ? (double) activation.length() / activation.size(0) / activation.size(1)
                    : 1;
            perExample += layer.numParams() * places;
        }
        return new Work(perExample, MULTIPLICATIONS_PER_WEIGHT * graph.numParams(), settings.multiplications());
    }

    /** Most samples of a batch. */
    int batch() {
        double perUpdate = multiplications / WANTED_UPDATES - multiplicationsPerUpdate;
        return (int)
                Math.max(SMALLEST_BATCH, Math.min(Integer.MAX_VALUE, perUpdate / (PASSES * multiplicationsPerExample)));
    }

    /** Updates with a batch of that size. */
    int updates(int batch) {
        double perUpdate = PASSES * batch * multiplicationsPerExample + multiplicationsPerUpdate;
        return (int) Math.max(FEWEST_UPDATES, Math.min(MOST_UPDATES, multiplications / perUpdate));
    }
}
