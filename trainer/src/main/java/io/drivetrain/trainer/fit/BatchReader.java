package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;

/** Reads samples of a store into normalised batches; one thread at a time. */
final class BatchReader {
    private final SampleStore store;
    private final float[][] table;
    private final int plane;
    private final byte[] sample;

    BatchReader(SampleStore store, Normalisation normalisation) {
        this.store = store;
        this.table = normalisation.table();
        this.plane = store.height() * store.width();
        this.sample = new byte[store.channels() * plane];
    }

    /** The samples {@code order[from]} to {@code order[to - 1]}. */
    Batch read(int[] order, int from, int to) {
        float[] pixels = new float[(to - from) * sample.length];
        int[] labels = new int[to - from];
        int next = 0;
        for (int i = from; i < to; i++) {
            store.readPixels(order[i], sample, 0);
            labels[i - from] = store.label(order[i]);
            for (int channel = 0; channel < table.length; channel++) {
                float[] values = table[channel];
                for (int p = channel * plane; p < (channel + 1) * plane; p++) {
                    pixels[next++] = values[sample[p] & 0xff];
                }
            }
        }
        return new Batch(pixels, labels);
    }
}
