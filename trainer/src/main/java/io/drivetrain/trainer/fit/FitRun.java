package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.improve.ClassWeights;
import io.drivetrain.trainer.improve.RandomStreams;
import io.drivetrain.trainer.improve.Resampling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** State of one fit. */
final class FitRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FitRun.class);

    /** Enough for a train error within about a percentage point, at a fraction of an epoch's cost. */
    private static final int TRAIN_ERROR_SAMPLES = 2000;

    /** What a killed process loses at most of a long epoch. */
    private static final double SECONDS_BETWEEN_CHECKPOINTS = 300;

    /** As often as a person reads, and seldom enough to cost nothing. */
    static final double SECONDS_BETWEEN_REPORTS = 1;

    private static final double NANOS_PER_SECOND = 1e9;

    /** Coordinates that keep the random streams of a fit apart. */
    private static final int ORDER = 1;

    private static final int SUBSAMPLE = 2;
    private static final int DROPOUT = 3;

    private final FitRequest request;
    private final FitSettings settings;
    private final StartingPoint.Ready start;
    private final int threads;
    private final ProgressListener listener;
    private final LongSupplier nanoTime;
    private final Optional<CheckpointFile> checkpoints;
    private final String fingerprint;
    private final ComputationGraph graph;
    private final Device device;
    private final int[] labels;
    private final Optional<float[]> classWeights;
    private final Optional<float[]> decidingWeights;
    private final int[] trainSubsample;
    private final int[] allOfTrainDev;
    private final int batchesPerEpoch;
    private final long began;
    private final INDArray bestWeights;

    private final List<EpochProgress> history = new ArrayList<>();
    private double secondsBefore;
    private double secondsOfCheckpoint;
    private double secondsOfReport;
    private Evaluation best;
    private Evaluation decidingBest;
    private int bestEpoch;

    FitRun(
            FitRequest request,
            StartingPoint.Ready start,
            int threads,
            ProgressListener listener,
            LongSupplier nanoTime) {
        this.request = request;
        this.settings = request.settings();
        this.start = start;
        this.threads = threads;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.checkpoints = request.checkpoints().map(CheckpointFile::new);
        this.fingerprint = checkpoints.isPresent() ? RequestFingerprint.of(request, start, threads) : "";
        this.graph = start.graph();
        this.device = new Device(graph, request.network());
        this.bestWeights = graph.params().dup();
        SampleStore train = request.train();
        this.labels = IntStream.range(0, train.size()).map(train::label).toArray();
        long[] counts = new long[request.network().classes()];
        IntStream.of(labels).forEach(label -> counts[label]++);
        this.classWeights = settings.classWeights().of(counts);
        this.decidingWeights =
                settings.resampling() == Resampling.BALANCED ? new ClassWeights.Balanced().of(counts) : classWeights;
        this.trainSubsample = RandomStreams.at(settings.seed(), SUBSAMPLE)
                .ints(0, train.size())
                .distinct()
                .limit(Math.min(train.size(), TRAIN_ERROR_SAMPLES))
                .sorted()
                .toArray();
        this.allOfTrainDev = IntStream.range(0, request.trainDev().size()).toArray();
        this.batchesPerEpoch = (train.size() + settings.batchSize() - 1) / settings.batchSize();
    }

    FitOutcome toTheEnd() throws InterruptedException {
        Checkpoint from = resume();
        int epoch = from.epochs();
        int batches = from.batches();
        double lossSum = from.lossSum();
        while (epoch < settings.maxEpochs() && epoch - bestEpoch < settings.patience()) {
            epoch++;
            double epochBegan = secondsElapsed();
            int samples = request.train().size() - batches * settings.batchSize();
            EpochLoss loss = trainOneEpoch(epoch, batches, lossSum, epochBegan);
            batches = 0;
            lossSum = 0;
            if (!Double.isFinite(loss.mean())) {
                return diverged(epoch, loss.batches());
            }
            evaluate(epoch, loss.mean(), samples / (secondsElapsed() - epochBegan));
            save(epoch, 0, 0);
        }
        return new FitOutcome.Fitted(fitted(epoch), history);
    }

    /** Loss over the batches of an epoch up to the first that is not finite. */
    private record EpochLoss(double mean, int batches) {}

    /** @param done batches of this epoch that were trained on before an interruption, with the sum of their losses */
    private EpochLoss trainOneEpoch(int epoch, int done, double lossSum, double began) throws InterruptedException {
        SampleStore store = request.train();
        int[] order = settings.resampling().epoch(labels, RandomStreams.at(settings.seed(), ORDER, epoch));
        PixelTransform transform = AugmentedPixels.of(settings.augmentations(), store, settings.seed(), epoch);
        BatchReader reader = new BatchReader(store, start.normalisation(), request.network(), transform, classWeights);
        double sum = lossSum;
        int batches = done;
        int samples = done * settings.batchSize();
        int samplesBefore = samples;
        try (BatchStream stream = new BatchStream(
                reader,
                order,
                settings.batchSize(),
                done * settings.batchSize(),
                AugmentedPixels.preparers(settings.augmentations()))) {
            while (stream.hasNext()) {
                Batch batch = stream.next();
                double loss = update(batch, (long) (epoch - 1) * batchesPerEpoch + batches);
                batches++;
                samples += batch.size();
                sum += loss * batch.size();
                if (!Double.isFinite(loss)) {
                    return new EpochLoss(loss, batches);
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException("Interrupted after batch %d of epoch %d".formatted(batches, epoch));
                }
                double now = secondsElapsed();
                if (now - secondsOfReport >= SECONDS_BETWEEN_REPORTS) {
                    report(
                            BatchProgress.Stage.FITTING,
                            epoch,
                            batches,
                            batchesPerEpoch,
                            sum / samples,
                            (samples - samplesBefore) / (now - began),
                            now);
                }
                if (now - secondsOfCheckpoint > SECONDS_BETWEEN_CHECKPOINTS && stream.hasNext()) {
                    save(epoch - 1, batches, sum);
                }
            }
        }
        return new EpochLoss(sum / store.size(), batches);
    }

    private void report(
            BatchProgress.Stage stage,
            int epoch,
            int batch,
            int batches,
            double trainLoss,
            double imagesPerSecond,
            double now) {
        secondsOfReport = now;
        double trained = stage == BatchProgress.Stage.FITTING ? (double) batch / batches : 1;
        double done = epoch - 1 + trained;
        listener.onBatch(new BatchProgress(
                stage,
                epoch,
                settings.maxEpochs(),
                batch,
                batches,
                trainLoss,
                imagesPerSecond,
                now / done * (settings.maxEpochs() - done)));
    }

    /** @param update from 0, over all epochs */
    private double update(Batch batch, long update) {
        device.learningRate(request.network().learningRate()
                * settings.schedule().factor(update, batchesPerEpoch, settings.maxEpochs()));
        // Dropout draws from here; a seed for every update leaves nothing of it to be remembered in a checkpoint.
        Nd4j.getRandom().setSeed(RandomStreams.seedAt(settings.seed(), DROPOUT, update));
        return device.update(batch);
    }

    private void evaluate(int epoch, double trainLoss, double imagesPerSecond) throws InterruptedException {
        SampleStore trainDevStore = request.trainDev();
        int batchesOfTrain = Device.evaluationBatches(trainSubsample.length);
        int batches = batchesOfTrain + Device.evaluationBatches(allOfTrainDev.length);
        IntConsumer judged = batch -> {
            double now = secondsElapsed();
            if (now - secondsOfReport >= SECONDS_BETWEEN_REPORTS) {
                report(BatchProgress.Stage.EVALUATING, epoch, batch, batches, trainLoss, imagesPerSecond, now);
            }
        };
        Evaluation train = Evaluation.of(
                device.probabilities(
                        request.train(),
                        start.normalisation(),
                        trainSubsample,
                        samples -> judged.accept(Device.evaluationBatches(samples))),
                request.train(),
                trainSubsample);
        float[][] probabilities = device.probabilities(
                trainDevStore,
                start.normalisation(),
                allOfTrainDev,
                samples -> judged.accept(batchesOfTrain + Device.evaluationBatches(samples)));
        Evaluation trainDev = Evaluation.of(probabilities, trainDevStore, allOfTrainDev);
        // Else the epoch that knows the rare classes least would be kept, against what the training is asked for.
        Evaluation deciding = decidingWeights
                .map(weights -> Evaluation.of(probabilities, trainDevStore, allOfTrainDev, label -> weights[label]))
                .orElse(trainDev);
        boolean better = decidingBest == null || deciding.isBetterThan(decidingBest);
        if (better) {
            bestWeights.assign(graph.params());
            bestEpoch = epoch;
            best = trainDev;
            decidingBest = deciding;
        }
        double elapsed = secondsElapsed();
        EpochProgress progress = new EpochProgress(
                epoch,
                settings.maxEpochs(),
                trainLoss,
                train.error(),
                trainDev.loss(),
                trainDev.error(),
                imagesPerSecond,
                elapsed,
                elapsed / epoch * (settings.maxEpochs() - epoch),
                better);
        history.add(progress);
        secondsOfReport = elapsed;
        listener.onEpoch(progress);
    }

    private FittedModel fitted(int epochs) {
        graph.setParams(bestWeights);
        device.learningRate(request.network().learningRate());
        ComputationGraph result = graph;
        if (settings.freeze() > 0) {
            // Frozen is a matter of this fit, not of the model that comes of it.
            result = Networks.build(request.network());
            LayerWeights.copy(graph, result);
            graph.close();
        }
        return new FittedModel(
                result,
                new FittedModel.Description(
                        request.network(),
                        start.normalisation(),
                        epochs,
                        bestEpoch,
                        best.error(),
                        best.loss(),
                        threads));
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

    /** Takes up the state of an interrupted fit of the same request, if there is one. */
    private Checkpoint resume() {
        Optional<Checkpoint> found = checkpoints.flatMap(this::ofThisRequest);
        if (found.isEmpty()) {
            return Checkpoint.beginning(fingerprint);
        }
        Checkpoint checkpoint = found.get();
        try {
            checkpoints.orElseThrow().read(arrays());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read the checkpoint in %s, which was whole a moment ago; remove it and train again"
                            .formatted(request.checkpoints().orElseThrow()),
                    e);
        }
        graph.getConfiguration().setIterationCount(checkpoint.epochs() * batchesPerEpoch + checkpoint.batches());
        best = checkpoint.best();
        decidingBest = checkpoint.decidingBest();
        bestEpoch = checkpoint.bestEpoch();
        secondsBefore = checkpoint.seconds();
        secondsOfCheckpoint = secondsBefore;
        secondsOfReport = secondsBefore;
        history.addAll(checkpoint.history());
        LOG.info("Goes on after epoch {}, batch {}", checkpoint.epochs(), checkpoint.batches());
        listener.onResume(checkpoint.epochs(), checkpoint.batches());
        return checkpoint;
    }

    private Optional<Checkpoint> ofThisRequest(CheckpointFile file) {
        try {
            Optional<Checkpoint> found = file.header();
            if (found.isPresent() && !found.get().request().equals(fingerprint)) {
                LOG.info(
                        "The checkpoint in {} is of another request; this fit begins anew",
                        request.checkpoints().orElseThrow());
                return Optional.empty();
            }
            return found;
        } catch (IOException e) {
            LOG.warn(
                    "Cannot read the checkpoint in {}; this fit begins anew: {}",
                    request.checkpoints().orElseThrow(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private void save(int epochs, int batches, double lossSum) {
        if (checkpoints.isEmpty()) {
            return;
        }
        secondsOfCheckpoint = secondsElapsed();
        try {
            checkpoints
                    .get()
                    .write(
                            new Checkpoint(
                                    fingerprint,
                                    epochs,
                                    batches,
                                    lossSum,
                                    bestEpoch,
                                    best,
                                    decidingBest,
                                    secondsOfCheckpoint,
                                    history),
                            arrays());
        } catch (IOException e) {
            // The fit itself needs no checkpoint, so a full disk must not end it.
            LOG.warn(
                    "Cannot write a checkpoint to {}; if this process ends, the fit begins at an earlier one: {}",
                    request.checkpoints().orElseThrow(),
                    e.getMessage());
        }
    }

    private List<INDArray> arrays() {
        return List.of(graph.params(), device.optimiserState(), bestWeights);
    }

    @Override
    public void close() {
        device.close();
        bestWeights.close();
    }

    private double secondsElapsed() {
        return secondsBefore + secondsSince(began);
    }

    private double secondsSince(long nanos) {
        return (nanoTime.getAsLong() - nanos) / NANOS_PER_SECOND;
    }
}
