package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import java.util.Optional;

/** Reads samples of a store into normalised batches; from several threads at once. */
final class BatchReader {
    private final SampleStore store;
    private final float[][] table;
    private final int plane;
    private final PixelTransform transform;
    private final Optional<float[]> classWeights;

    BatchReader(SampleStore store, Normalisation normalisation) {
        this(store, normalisation, PixelTransform.NONE, Optional.empty());
    }

    /**
     * @param transform of the pixels before they are normalised
     * @param classWeights weight of each class in the loss; empty if all count the same
     */
    BatchReader(
            SampleStore store, Normalisation normalisation, PixelTransform transform, Optional<float[]> classWeights) {
        this.store = store;
        this.table = normalisation.table();
        this.plane = store.height() * store.width();
        this.transform = transform;
        this.classWeights = classWeights;
    }

    /** The samples {@code order[from]} to {@code order[to - 1]}. */
    Batch read(int[] order, int from, int to) {
        byte[] sample = new byte[store.channels() * plane];
        float[] pixels = new float[(to - from) * sample.length];
        int[] labels = new int[to - from];
        int next = 0;
        for (int i = from; i < to; i++) {
            store.readPixels(order[i], sample, 0);
            transform.apply(sample, order[i], i);
            labels[i - from] = store.label(order[i]);
            for (int channel = 0; channel < table.length; channel++) {
                float[] values = table[channel];
                for (int p = channel * plane; p < (channel + 1) * plane; p++) {
                    pixels[next++] = values[sample[p] & 0xff];
                }
            }
        }
        return new Batch(pixels, labels, classWeights.map(weights -> weightsOf(labels, weights)));
    }

    private static float[] weightsOf(int[] labels, float[] classWeights) {
        float[] weights = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            weights[i] = classWeights[labels[i]];
        }
        return weights;
    }
}
