package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.check.NativeThreads;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.hipparchus.random.RandomDataGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Fits a network to samples: Adam on cross-entropy, a fresh permutation of the samples in every epoch, early stopping
 * on train-dev with the best epoch's weights kept. The same request gives bit-identical weights on the same machine
 * with the same number of threads.
 */
public final class Fitter {
    /** Enough for a train error within about a percentage point, at a fraction of an epoch's cost. */
    private static final int TRAIN_ERROR_SAMPLES = 2000;

    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanoTime;

    /** Measures throughput by the system's clock. */
    public Fitter() {
        this(System::nanoTime);
    }

    Fitter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Fits on the calling thread.
     *
     * @throws InterruptedException at the next batch after the thread was interrupted; nothing is left running
     */
    public FitOutcome fit(FitRequest request, ProgressListener listener) throws InterruptedException {
        Optional<String> objection = objectionTo(request);
        if (objection.isPresent()) {
            return new FitOutcome.Unfit(objection.get());
        }
        try (Run run = new Run(request, listener)) {
            return run.toTheEnd();
        }
    }

    private static Optional<String> objectionTo(FitRequest request) {
        return objectionTo(request.train(), "train", request.network())
                .or(() -> objectionTo(request.trainDev(), "train-dev", request.network()));
    }

    private static Optional<String> objectionTo(SampleStore store, String split, NetworkSpec network) {
        if (store.size() == 0) {
            return Optional.of("Split %s has no samples yet; ingest more drives and train again".formatted(split));
        }
        if (store.channels() != network.channels()
                || store.height() != network.height()
                || store.width() != network.width()) {
            return Optional.of(
                    "Samples of split %s are %d×%d×%d (channels×height×width), the network takes %d×%d×%d; use the same image.width and image.height for curation and training"
                            .formatted(
                                    split,
                                    store.channels(),
                                    store.height(),
                                    store.width(),
                                    network.channels(),
                                    network.height(),
                                    network.width()));
        }
        for (int index = 0; index < store.size(); index++) {
            int label = store.label(index);
            if (label < 0 || label >= network.classes()) {
                return Optional.of(
                        "Sample %d of split %s has class index %d, the network has %d classes; curate and train with the same list of classes"
                                .formatted(index, split, label, network.classes()));
            }
        }
        return Optional.empty();
    }

    /** State of one fit. */
    private final class Run implements AutoCloseable {
        private final FitRequest request;
        private final FitSettings settings;
        private final ProgressListener listener;
        private final RandomDataGenerator random;
        private final int threads;
        private final Normalisation normalisation;
        private final ComputationGraph graph;
        private final Device device;
        private final int[] trainSubsample;
        private final int[] allOfTrainDev;
        private final long began = nanoTime.getAsLong();

        private Evaluation bestEvaluation;
        private INDArray bestWeights;
        private int bestEpoch;

        Run(FitRequest request, ProgressListener listener) {
            this.request = request;
            this.settings = request.settings();
            this.listener = listener;
            this.random = new RandomDataGenerator(settings.seed());
            this.threads = NativeThreads.use(settings.threads());
            this.normalisation = Normalisation.of(request.train());
            this.graph = Networks.build(request.network());
            this.device = new Device(graph, request.network());
            int train = request.train().size();
            this.trainSubsample = Arrays.copyOf(permutation(train), Math.min(train, TRAIN_ERROR_SAMPLES));
            this.allOfTrainDev = IntStream.range(0, request.trainDev().size()).toArray();
        }

        FitOutcome toTheEnd() throws InterruptedException {
            int epoch = 0;
            while (epoch < settings.maxEpochs() && epoch - bestEpoch < settings.patience()) {
                epoch++;
                long epochBegan = nanoTime.getAsLong();
                EpochLoss loss = trainOneEpoch();
                if (!Double.isFinite(loss.mean())) {
                    return diverged(epoch, loss.batches());
                }
                double seconds = secondsSince(epochBegan);
                Evaluation train = evaluate(request.train(), trainSubsample);
                Evaluation trainDev = evaluate(request.trainDev(), allOfTrainDev);
                boolean best = bestEvaluation == null || trainDev.isBetterThan(bestEvaluation);
                if (best) {
                    keep(epoch, trainDev);
                }
                double elapsed = secondsSince(began);
                listener.onEpoch(new EpochProgress(
                        epoch,
                        settings.maxEpochs(),
                        loss.mean(),
                        train.error(),
                        trainDev.loss(),
                        trainDev.error(),
                        request.train().size() / seconds,
                        elapsed,
                        elapsed / epoch * (settings.maxEpochs() - epoch),
                        best));
            }
            graph.setParams(bestWeights);
            return new FitOutcome.Fitted(new FittedModel(
                    graph,
                    new FittedModel.Description(
                            request.network(),
                            normalisation,
                            epoch,
                            bestEpoch,
                            bestEvaluation.error(),
                            bestEvaluation.loss(),
                            threads)));
        }

        /** Loss over the batches of an epoch up to the first that is not finite. */
        private record EpochLoss(double mean, int batches) {}

        private EpochLoss trainOneEpoch() throws InterruptedException {
            SampleStore store = request.train();
            double sum = 0;
            int batches = 0;
            try (BatchStream stream = new BatchStream(
                    new BatchReader(store, normalisation, request.network()), permutation(store.size()), settings.batchSize())) {
                while (stream.hasNext()) {
                    Batch batch = stream.next();
                    double loss = device.update(batch);
                    batches++;
                    sum += loss * batch.size();
                    if (!Double.isFinite(loss)) {
                        return new EpochLoss(loss, batches);
                    }
                    if (Thread.interrupted()) {
                        throw new InterruptedException("Interrupted after batch %d of an epoch".formatted(batches));
                    }
                }
            }
            return new EpochLoss(sum / store.size(), batches);
        }

        private FitOutcome diverged(int epoch, int iteration) {
            return new FitOutcome.Diverged(
                    epoch,
                    iteration,
                    "The loss of %s is no longer a finite number in epoch %d, batch %d; lower training.learning-rate (now %s)"
                            .formatted(
                                    request.network().name(),
                                    epoch,
                                    iteration,
                                    request.network().learningRate()));
        }

        private Evaluation evaluate(SampleStore store, int[] indices) throws InterruptedException {
            return Evaluation.of(device.probabilities(store, normalisation, indices), store, indices);
        }

        private void keep(int epoch, Evaluation evaluation) {
            if (bestWeights != null) {
                bestWeights.close();
            }
            bestWeights = graph.params().dup();
            bestEpoch = epoch;
            bestEvaluation = evaluation;
        }

        private int[] permutation(int size) {
            int[] order = IntStream.range(0, size).toArray();
            for (int i = size - 1; i > 0; i--) {
                int other = random.nextInt(0, i);
                int kept = order[i];
                order[i] = order[other];
                order[other] = kept;
            }
            return order;
        }

        @Override
        public void close() {
            device.close();
            if (bestWeights != null) {
                bestWeights.close();
            }
        }

        private double secondsSince(long nanos) {
            return (nanoTime.getAsLong() - nanos) / NANOS_PER_SECOND;
        }
    }
}
