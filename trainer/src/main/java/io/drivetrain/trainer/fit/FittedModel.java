package io.drivetrain.trainer.fit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.grade.MostProbable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** A network with its weights and the normalisation of its inputs, for use in evaluation mode; one thread at a time. */
public final class FittedModel implements AutoCloseable {
    private static final String WEIGHTS_FILE = "model.zip";
    private static final String DESCRIPTION_FILE = "model.json";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final ComputationGraph graph;
    private final Description description;

    /**
     * What is stored beside the weights.
     *
     * @param epochs that were run
     * @param bestEpoch whose weights these are, from 1
     * @param bestTrainDevError of that epoch, 0 to 1
     * @param bestTrainDevLoss of that epoch, in nats
     * @param threads that the weights were computed with
     */
    record Description(
            NetworkSpec network,
            Normalisation normalisation,
            int epochs,
            int bestEpoch,
            double bestTrainDevError,
            double bestTrainDevLoss,
            int threads) {}

    FittedModel(ComputationGraph graph, Description description) {
        this.graph = graph;
        this.description = description;
    }

    /**
     * Class index predicted for every sample, in the order of the store.
     *
     * @throws InterruptedException at the next batch after the thread was interrupted
     */
    public int[] predict(SampleStore store) throws InterruptedException {
        return MostProbable.of(probabilities(store));
    }

    /**
     * Class probabilities of every sample, {@code size × classes}, in the order of the store.
     *
     * @throws InterruptedException at the next batch after the thread was interrupted
     * @throws IllegalArgumentException if the samples have another shape than the network's input
     */
    public float[][] probabilities(SampleStore store) throws InterruptedException {
        return probabilities(store, samples -> {});
    }

    /**
     * The same.
     *
     * @param judged hears after each batch how many samples are done
     */
    public float[][] probabilities(SampleStore store, IntConsumer judged) throws InterruptedException {
        requireShape(store);
        try (Device device = new Device(graph, description.network())) {
            return device.probabilities(store, description.normalisation(), allOf(store), judged);
        }
    }

    /**
     * What the last layer before the output makes of some of the samples, a row for each.
     *
     * @throws InterruptedException at the next batch after the thread was interrupted
     * @throws IllegalArgumentException if the samples have another shape than the network's input
     */
    public float[][] embeddings(SampleStore store, int[] samples) throws InterruptedException {
        requireShape(store);
        try (Device device = new Device(graph, description.network())) {
            return device.activations(
                    store,
                    description.normalisation(),
                    samples,
                    Networks.embeddingLayer(description.network()),
                    judged -> {});
        }
    }

    private static int[] allOf(SampleStore store) {
        return IntStream.range(0, store.size()).toArray();
    }

    private void requireShape(SampleStore store) {
        NetworkSpec network = description.network();
        if (store.channels() != network.channels()
                || store.height() != network.height()
                || store.width() != network.width()) {
            throw new IllegalArgumentException(
                    "Cannot apply %s for %d×%d×%d inputs to samples of %d×%d×%d (channels×height×width)"
                            .formatted(
                                    network.name(),
                                    network.channels(),
                                    network.height(),
                                    network.width(),
                                    store.channels(),
                                    store.height(),
                                    store.width()));
        }
        if (network.readsTelemetry()
                && store.telemetryCount() != network.telemetry().size()) {
            throw new IllegalArgumentException(
                    "Cannot apply %s, which reads the telemetry %s, to samples with %d numbers of telemetry"
                            .formatted(network.name(), network.telemetry(), store.telemetryCount()));
        }
    }

    /** Writes {@code model.zip} (Deeplearning4j's format) and {@code model.json} into a directory, which is created. */
    public void save(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path weights = Files.createTempFile(directory, WEIGHTS_FILE, ".part");
        ModelSerializer.writeModel(graph, weights.toFile(), false);
        Path json = Files.createTempFile(directory, DESCRIPTION_FILE, ".part");
        JSON.writeValue(json.toFile(), description);
        Files.move(weights, directory.resolve(WEIGHTS_FILE), StandardCopyOption.REPLACE_EXISTING);
        // Last, so that a directory with a description has its weights.
        Files.move(json, directory.resolve(DESCRIPTION_FILE), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads what {@link #save(Path)} wrote. */
    public static FittedModel load(Path directory) throws IOException {
        for (String file : new String[] {WEIGHTS_FILE, DESCRIPTION_FILE}) {
            if (!Files.isRegularFile(directory.resolve(file))) {
                throw new IOException("Cannot load a model from %s: there is no %s in it".formatted(directory, file));
            }
        }
        Description description =
                JSON.readValue(directory.resolve(DESCRIPTION_FILE).toFile(), Description.class);
        ComputationGraph graph = ModelSerializer.restoreComputationGraph(
                directory.resolve(WEIGHTS_FILE).toFile(), false);
        return new FittedModel(graph, description);
    }

    /** SHA-256 of all weights as little-endian 32-bit floats, in hexadecimal: equal exactly when the weights are. */
    public String weightsSha256() {
        float[] weights = graph.params().toFloatVector();
        ByteBuffer bytes = ByteBuffer.allocate(weights.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weights);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which every Java must have", e);
        }
    }

    public NetworkSpec network() {
        return description.network();
    }

    public Normalisation normalisation() {
        return description.normalisation();
    }

    /** Epochs that were run. */
    public int epochs() {
        return description.epochs();
    }

    /** Epoch whose weights these are, from 1. */
    public int bestEpoch() {
        return description.bestEpoch();
    }

    /** Train-dev error of the best epoch, 0 to 1. */
    public double bestTrainDevError() {
        return description.bestTrainDevError();
    }

    /** Train-dev loss of the best epoch, in nats. */
    public double bestTrainDevLoss() {
        return description.bestTrainDevLoss();
    }

    /** Threads that the weights were computed with. */
    public int threads() {
        return description.threads();
    }

    ComputationGraph graph() {
        return graph;
    }

    /** Number of weights. */
    public long parameters() {
        return graph.numParams();
    }

    /** Frees the weights outside the Java heap. */
    @Override
    public void close() {
        graph.close();
    }
}
