package io.drivetrain.trainer.schedule;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.fit.EpochProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Makes a model of samples: the seam between the service and the library that trains. */
public interface Learner {
    /**
     * Learns on the calling thread.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    Outcome learn(SampleStore train, SampleStore trainDev, Consumer<EpochProgress> listener)
            throws InterruptedException;

    /** What computes, for example {@code cpu}. */
    String backend();

    /** Threads of the device library; weights depend on it. */
    int threads();

    /** How learning ended. */
    sealed interface Outcome {
        record Learned(Model model) implements Outcome {}

        /** The reason is a sentence that says what to do. */
        record NotLearned(String reason) implements Outcome {}
    }

    /** A model in evaluation mode. */
    interface Model extends AutoCloseable {
        /** Class index of each sample, in the store's order. */
        int[] predict(SampleStore samples) throws InterruptedException;

        /** Writes {@code model.zip} and what else loading it takes. */
        void save(Path folder) throws IOException;

        String weightsSha256();

        /** Mean of the training pixels by channel, on the 0..255 scale. */
        List<Double> channelMean();

        /** Standard deviation of the training pixels by channel, on the 0..255 scale. */
        List<Double> channelStandardDeviation();

        int threads();

        int bestEpoch();

        @Override
        void close();
    }
}
