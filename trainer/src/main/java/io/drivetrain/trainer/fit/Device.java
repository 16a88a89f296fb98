package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
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
    private final NetworkSpec network;
    private final Map<Integer, List<INDArray>> inputsBySize = new HashMap<>();
    private final Map<Integer, INDArray> labelsBySize = new HashMap<>();
    private final Map<BaseOutputLayer, ILossFunction> plainLosses = new IdentityHashMap<>();

    /**
     * @param network that the graph was built from
     */
    Device(ComputationGraph graph, NetworkSpec network) {
        this.graph = graph;
        this.network = network;
    }

    /** One weight update; the mean loss of the batch before it, each sample's times its weight. */
    double update(Batch batch) {
        INDArray[] inputs = inputs(batch);
        INDArray[] labels = {labels(batch)};
        graph.fit(inputs, labels);
        return graph.score();
    }

    /** Copies a batch to the device and does nothing with it: what feeding a network costs. */
    void feed(Batch batch) {
        inputs(batch);
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

    /**
     * Class probabilities of the samples {@code indices}, a row for each, in evaluation mode.
     *
     * @param judged hears after each batch how many samples are done
     */
    float[][] probabilities(SampleStore store, Normalisation normalisation, int[] indices, IntConsumer judged)
            throws InterruptedException {
        return rows(store, normalisation, indices, judged, inputs -> graph.outputSingle(false, inputs));
    }

    /** Batches that so many samples are judged in. */
    static int evaluationBatches(int samples) {
        return (samples + EVALUATION_BATCH - 1) / EVALUATION_BATCH;
    }

    /**
     * What a layer makes of the samples {@code indices}, a row for each, in evaluation mode.
     *
     * @param layer whose output is a vector for each sample
     * @param judged hears after each batch how many samples are done
     */
    float[][] activations(
            SampleStore store, Normalisation normalisation, int[] indices, String layer, IntConsumer judged)
            throws InterruptedException {
        return rows(
                store, normalisation, indices, judged, inputs -> graph.output(List.of(layer), false, inputs, null)[0]);
    }

    private interface Forward {
        INDArray of(INDArray[] inputs);
    }

    private float[][] rows(
            SampleStore store, Normalisation normalisation, int[] indices, IntConsumer judged, Forward forward)
            throws InterruptedException {
        float[][] rows = new float[indices.length][];
        int row = 0;
        try (BatchStream batches =
                new BatchStream(new BatchReader(store, normalisation, network), indices, EVALUATION_BATCH)) {
            while (batches.hasNext()) {
                INDArray output = forward.of(inputs(batches.next()));
                for (float[] values : output.toFloatMatrix()) {
                    rows[row++] = values;
                }
                judged.accept(row);
            }
        }
        return rows;
    }

    private INDArray labels(Batch batch) {
        INDArray labels = labelsBySize.computeIfAbsent(
                batch.size(), size -> Nd4j.createUninitialized(DataType.FLOAT, size, network.classes()));
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
            oneHot[i] *= weights[i / network.classes()];
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
            output.setLossFn(new LossMCXENT(Nd4j.ones(DataType.FLOAT, network.classes())));
        }
    }

    private INDArray[] inputs(Batch batch) {
        List<INDArray> arrays = inputsBySize.computeIfAbsent(batch.size(), size -> {
            List<INDArray> created = new ArrayList<>();
            batch.inputs().forEach(input -> created.add(Nd4j.createUninitialized(DataType.FLOAT, input.shape())));
            return created;
        });
        for (int i = 0; i < arrays.size(); i++) {
            fill(arrays.get(i), batch.inputs().get(i).values());
        }
        return arrays.toArray(INDArray[]::new);
    }

    /** All at once: creating an array of values puts one after the other. */
    static void fill(INDArray array, float[] values) {
        FloatBuffer memory = array.data().asNioFloat();
        memory.put(0, values);
        // A graphics card then takes its copy from here.
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }

    private float[] oneHot(int[] labels) {
        int classes = network.classes();
        float[] values = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            values[i * classes + labels[i]] = 1;
        }
        return values;
    }

    /** Frees the arrays; the network stays. */
    @Override
    public void close() {
        inputsBySize.values().forEach(arrays -> arrays.forEach(INDArray::close));
        labelsBySize.values().forEach(INDArray::close);
        inputsBySize.clear();
        labelsBySize.clear();
        plainLosses.forEach(BaseOutputLayer::setLossFn);
        plainLosses.clear();
    }
}
