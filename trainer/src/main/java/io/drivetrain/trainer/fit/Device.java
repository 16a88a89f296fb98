package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

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
    private final Map<BaseOutputLayer, ILossFunction> plainLosses = new IdentityHashMap<>();

    Device(ComputationGraph graph, int classes) {
        this.graph = graph;
        this.classes = classes;
    }

    /** One weight update; the mean loss of the batch before it, each sample's times its weight. */
    double update(Batch batch, SampleStore shape) {
        INDArray[] inputs = {pixels(batch, shape)};
        INDArray[] labels = {labels(batch)};
        graph.fit(inputs, labels);
        return graph.score();
    }

    /** Copies a batch to the device and does nothing with it: what feeding a network costs. */
    void feed(Batch batch, SampleStore shape) {
        pixels(batch, shape);
        labels(batch);
    }

    /** Sets the step size of the updates to come; the state of the optimiser stays. */
    void learningRate(double learningRate) {
        initialiseOptimiser();
        for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
            GradientUpdater<?> updater = block.getGradientUpdater();
            if (updater.getConfig().hasLearningRate()) {
                updater.getConfig().setLrAndSchedule(learningRate, null);
            }
        }
    }

    /** The moments that the optimiser keeps of every weight, as one row that is read and written in place. */
    INDArray optimiserState() {
        initialiseOptimiser();
        return graph.getUpdater().getStateViewArray();
    }

    private void initialiseOptimiser() {
        for (UpdaterBlock block : graph.getUpdater().getUpdaterBlocks()) {
            // Otherwise the first update does it, and clears what was written to the state before.
            if (block.getGradientUpdater() == null) {
                block.init();
            }
        }
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

    private INDArray labels(Batch batch) {
        INDArray labels = labelsBySize.computeIfAbsent(
                batch.size(), size -> Nd4j.createUninitialized(DataType.FLOAT, size, classes));
        float[] values = oneHot(batch.labels());
        batch.weights().ifPresent(weights -> weigh(values, weights));
        fill(labels, values);
        return labels;
    }

    /** The weight of a sample goes where the 1 of its class would: cross-entropy is linear in it. */
    private void weigh(float[] oneHot, float[] weights) {
        if (plainLosses.isEmpty()) {
            useLossForAnySumOfLabels();
        }
        for (int i = 0; i < oneHot.length; i++) {
            oneHot[i] *= weights[i / classes];
        }
    }

    /**
     * Without class weights Deeplearning4j's gradient takes for granted that the labels of a sample sum to 1; with class
     * weights, here all 1, it does not. A mask of the labels would not do: it multiplies the logits too.
     */
    private void useLossForAnySumOfLabels() {
        for (String name : graph.getConfiguration().getNetworkOutputs()) {
            BaseOutputLayer output =
                    (BaseOutputLayer) graph.getLayer(name).conf().getLayer();
            plainLosses.put(output, output.getLossFn());
            output.setLossFn(new LossMCXENT(Nd4j.ones(DataType.FLOAT, classes)));
        }
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
        plainLosses.forEach(BaseOutputLayer::setLossFn);
        plainLosses.clear();
    }
}
