package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkInput;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a network takes of the samples of a store into normalised batches; from several threads at once.
 *
 * <p>A sequence holds the last frames of a drive up to the sample's own. Where the drive has begun too recently for
 * that, its first frame stands in for those before it, as if the car had waited there: so every sequence is full and
 * nothing needs a mask. Telemetry that the car did not send is the mean of train.
 */
final class BatchReader {
    private final SampleStore store;
    private final NetworkSpec network;
    private final List<NetworkInput> inputs;
    private final Normalisation normalisation;
    private final float[][] table;
    private final int plane;
    private final PixelTransform transform;
    private final Optional<float[]> classWeights;

    BatchReader(SampleStore store, Normalisation normalisation, NetworkSpec network) {
        this(store, normalisation, network, PixelTransform.NONE, Optional.empty());
    }

    /**
     * @param transform of the pixels before they are normalised, the same for all frames of a sequence
     * @param classWeights weight of each class in the loss; empty if all count the same
     */
    BatchReader(
            SampleStore store,
            Normalisation normalisation,
            NetworkSpec network,
            PixelTransform transform,
            Optional<float[]> classWeights) {
        this.store = store;
        this.network = network;
        this.inputs = Networks.inputs(network);
        this.normalisation = normalisation;
        this.table = normalisation.table();
        this.plane = store.height() * store.width();
        this.transform = transform;
        this.classWeights = classWeights;
        if (network.readsTelemetry()
                && store.telemetryCount() != network.telemetry().size()) {
            throw new IllegalArgumentException(
                    "Cannot give %s, which reads the telemetry %s, samples with %d numbers of telemetry"
                            .formatted(network.name(), network.telemetry(), store.telemetryCount()));
        }
    }

    /** The samples {@code order[from]} to {@code order[to - 1]}. */
    Batch read(int[] order, int from, int to) {
        int[] labels = new int[to - from];
        for (int i = from; i < to; i++) {
            labels[i - from] = store.label(order[i]);
        }
        List<Batch.Input> values = new ArrayList<>();
        for (NetworkInput input : inputs) {
            values.add(new Batch.Input(
                    switch (input) {
                        case PIXELS -> images(order, from, to, 1);
                        case FRAMES -> images(order, from, to, network.sequenceLength());
                        case TELEMETRY -> telemetry(order, from, to, 1);
                        case TELEMETRY_SEQUENCE -> telemetry(order, from, to, network.sequenceLength());
                    },
                    input.shape(network, to - from)));
        }
        return new Batch(values, labels, classWeights.map(weights -> weightsOf(labels, weights)));
    }

    /** Of each sample the last {@code length} frames, one after another. */
    private float[] images(int[] order, int from, int to, int length) {
        byte[] sample = new byte[store.channels() * plane];
        float[] pixels = new float[(to - from) * length * sample.length];
        int[] frames = new int[length];
        int next = 0;
        for (int i = from; i < to; i++) {
            lastFrames(order[i], frames);
            for (int frame : frames) {
                store.readPixels(frame, sample, 0);
                transform.apply(sample, order[i], i);
                for (int channel = 0; channel < table.length; channel++) {
                    float[] values = table[channel];
                    for (int p = channel * plane; p < (channel + 1) * plane; p++) {
                        pixels[next++] = values[sample[p] & 0xff];
                    }
                }
            }
        }
        return pixels;
    }

    /** Of each sample {@code telemetry × length} values, time last. */
    private float[] telemetry(int[] order, int from, int to, int length) {
        int count = store.telemetryCount();
        float[] sent = new float[count];
        float[] values = new float[(to - from) * count * length];
        int[] frames = new int[length];
        for (int i = from; i < to; i++) {
            lastFrames(order[i], frames);
            for (int time = 0; time < length; time++) {
                store.readTelemetry(frames[time], sent, 0);
                for (int k = 0; k < count; k++) {
                    values[((i - from) * count + k) * length + time] = normalisation.telemetry(k, sent[k]);
                }
            }
        }
        return values;
    }

    /** Fills in the sample itself, last, and the frames of its drive before it. */
    private void lastFrames(int index, int[] frames) {
        int frame = index;
        for (int time = frames.length - 1; time >= 0; time--) {
            frames[time] = frame;
            if (frame > 0 && store.drive(frame - 1) == store.drive(index)) {
                frame--;
            }
        }
    }

    private static float[] weightsOf(int[] labels, float[] classWeights) {
        float[] weights = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            weights[i] = classWeights[labels[i]];
        }
        return weights;
    }
}
