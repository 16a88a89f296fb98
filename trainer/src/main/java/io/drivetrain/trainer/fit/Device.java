package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves batches to a network and results back, through arrays that are allocated once for each batch size: fresh native
 * memory costs a page fault per 4 KiB, and the garbage collector does not see how much of it is in use.
 */
final class Device implements AutoCloseable {
    /** Large enough to fill the cores, small enough for the activations of any of the networks. */
    private static final int EVALUATION_BATCH = 128;

    private final ComputationGraph graph;
    private final int classes;
    private final Map<Integer, INDArray> pixelsBySize = new HashMap<>();
    private final Map<Integer, INDArray> labelsBySize = new HashMap<>();

    Device(ComputationGraph graph, int classes) {
        this.graph = graph;
        this.classes = classes;
    }

    /** One weight update; the mean loss of the batch before it. */
    double update(Batch batch, SampleStore shape) {
        INDArray labels = labelsBySize.computeIfAbsent(
                batch.size(), size -> Nd4j.createUninitialized(DataType.FLOAT, size, classes));
        fill(labels, oneHot(batch.labels()));
        graph.fit(new INDArray[] {pixels(batch, shape)}, new INDArray[] {labels});
        return graph.score();
    }

    /** Class probabilities of the samples {@code indices}, a row for each, in evaluation mode. */
    float[][] probabilities(SampleStore store, Normalisation normalisation, int[] indices) throws InterruptedException {
        float[][] rows = new float[indices.length][];
        int row = 0;
        try (BatchStream batches = new BatchStream(new BatchReader(store, normalisation), indices, EVALUATION_BATCH)) {
            while (batches.hasNext()) {
                INDArray output = graph.outputSingle(false, pixels(batches.next(), store));
                for (float[] probabilities : output.toFloatMatrix()) {
                    rows[row++] = probabilities;
                }
            }
        }
        return rows;
    }

    private INDArray pixels(Batch batch, SampleStore shape) {
        INDArray pixels = pixelsBySize.computeIfAbsent(
                batch.size(),
                size -> Nd4j.createUninitialized(
                        DataType.FLOAT, size, shape.channels(), shape.height(), shape.width()));
        fill(pixels, batch.pixels());
        return pixels;
    }

    private static void fill(INDArray array, float[] values) {
        FloatBuffer memory = array.data().asNioFloat();
        memory.put(0, values);
        // A graphics card then takes its copy from here.
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }

    private float[] oneHot(int[] labels) {
        float[] values = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            values[i * classes + labels[i]] = 1;
        }
        return values;
    }

    /** Frees the arrays; the network stays. */
    @Override
    public void close() {
        pixelsBySize.values().forEach(INDArray::close);
        labelsBySize.values().forEach(INDArray::close);
        pixelsBySize.clear();
        labelsBySize.clear();
    }
}
