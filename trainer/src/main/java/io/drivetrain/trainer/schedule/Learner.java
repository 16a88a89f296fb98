package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.fit.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Makes a model of samples: the seam between the service and the library that trains. */
public interface Learner {
    /**
     * What stands in the way of learning as a configuration says, as a sentence; empty if nothing does.
     */
    Optional<String> objection(DrivetrainConfig config);

    /**
     * Makes what learning from the samples of train begins with, so that it can be looked over first.
     *
     * @param warmStart folder of the model whose weights it begins with; empty for fresh weights
     * @param checkpoints as of {@link LearnRequest}
     */
    Preparation prepare(
            Assembly assembly, DrivetrainConfig config, Optional<Path> warmStart, Optional<Path> checkpoints);

    /**
     * Learns on the calling thread.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    Outcome learn(LearnRequest request, ProgressListener listener) throws InterruptedException;

    /** Loads what {@link Model#save} wrote. */
    Model load(Path folder) throws IOException;

    /** What computes, for example {@code cpu}. */
    String backend();

    /** Threads of the device library; weights depend on it. */
    int threads();

    /** What a learning begins with. */
    sealed interface Preparation {
        /** To be looked over, then learned from, on the calling thread; then closed. */
        non-sealed interface Ready extends Preparation, AutoCloseable {
            /**
             * Looks it over, which changes nothing of what is learned afterwards.
             *
             * @param ofRecipe what an earlier look at the same recipe found about it; empty to look at all
             * @throws InterruptedException soon after the thread was interrupted
             */
            Examination examine(List<DoctorFinding> ofRecipe) throws InterruptedException;

            /**
             * Learns, once.
             *
             * @throws InterruptedException soon after the thread was interrupted
             */
            Outcome learn(ProgressListener listener) throws InterruptedException;

            @Override
            void close();
        }

        /** Learning cannot begin at all; the reason is a sentence that says what to do. */
        record Impossible(String reason) implements Preparation {}
    }

    /** How learning ended. */
    sealed interface Outcome {
        /** @param epochs all of them, those before an interruption included */
        record Learned(Model model, List<EpochProgress> epochs) implements Outcome {
            public Learned {
                epochs = List.copyOf(epochs);
            }
        }

        /** The reason is a sentence that says what to do. */
        record NotLearned(String reason) implements Outcome {}
    }

    /** The part of a model before its last layer, in evaluation mode. */
    @FunctionalInterface
    interface Embedder {
        /** A row for each of the samples {@code indices}. */
        float[][] of(SampleStore samples, int[] indices) throws InterruptedException;
    }

    /** A model in evaluation mode. */
    interface Model extends AutoCloseable {
        /**
         * Class probabilities, {@code size × classes}, in the store's order.
         *
         * @param judged hears now and then how many samples are done
         * @throws IllegalArgumentException if the samples have another shape than the model's input
         */
        float[][] probabilities(SampleStore samples, IntConsumer judged) throws InterruptedException;

        /** What the last layer but one makes of samples; empty if the model has none. */
        Optional<Embedder> embedder();

        /** Names of the numbers of telemetry that it reads, in the order in which it reads them; empty if it reads none. */
        List<String> telemetry();

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
