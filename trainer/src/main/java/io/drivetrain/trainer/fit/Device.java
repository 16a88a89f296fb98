package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moves batches of a network's shape to the device and results back. */
final class Device {
    /** Large enough to fill the cores, small enough for the activations of any of the networks. */
    private static final int EVALUATION_BATCH = 128;

    private Device() {}

    /** One weight update; the mean loss of the batch before it. */
    static double update(ComputationGraph graph, Batch batch, SampleStore shape, int classes) {
        INDArray pixels = pixels(batch, shape);
        INDArray labels = Nd4j.create(oneHot(batch.labels(), classes), new long[] {batch.size(), classes}, 'c');
        graph.fit(new INDArray[] {pixels}, new INDArray[] {labels});
        // Freed at once: three megabytes a batch outrun the garbage collector, which does not see them.
        pixels.close();
        labels.close();
        return graph.score();
    }

    /** Class probabilities of the samples {@code indices}, a row for each, in evaluation mode. */
    static float[][] probabilities(
            ComputationGraph graph, SampleStore store, Normalisation normalisation, int[] indices)
            throws InterruptedException {
        float[][] rows = new float[indices.length][];
        int row = 0;
        try (BatchStream batches = new BatchStream(new BatchReader(store, normalisation), indices, EVALUATION_BATCH)) {
            while (batches.hasNext()) {
                INDArray pixels = pixels(batches.next(), store);
                INDArray output = graph.outputSingle(false, pixels);
                for (float[] probabilities : output.toFloatMatrix()) {
                    rows[row++] = probabilities;
                }
                pixels.close();
            }
        }
        return rows;
    }

    private static INDArray pixels(Batch batch, SampleStore shape) {
        return Nd4j.create(
                batch.pixels(), new long[] {batch.size(), shape.channels(), shape.height(), shape.width()}, 'c');
    }

    private static float[] oneHot(int[] labels, int classes) {
        float[] values = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            values[i * classes + labels[i]] = 1;
        }
        return values;
    }
}
