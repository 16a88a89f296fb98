package io.drivetrain.trainer.fit;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.assemble.Selection;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.build.LayerFamily;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.check.doctor.Settings;
import io.drivetrain.trainer.improve.RandomStreams;
import io.drivetrain.trainer.improve.Resampling;
import io.drivetrain.trainer.improve.augment.Augmentation;
import io.drivetrain.trainer.improve.augment.Augmentations;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How fast samples reach the device, and how fast ResNet-18 takes them: reading from the trainer's store in a shuffled
 * order, augmenting, normalising and copying for a network that does nothing, against training on the same batches. The sides take turns, so that a busy machine slows all.
 */
final class InputPathMeasurement {
    private static final Logger LOG = LoggerFactory.getLogger(InputPathMeasurement.class);
    static final int ROUNDS = 3;
    private static final int SHARE_OF_TRAINING = 3;
    private static final int CHANNELS = 3;
    private static final int SIDE = 64;
    private static final int BATCH = 32;
    private static final int SAMPLES_OF_OTHER_SPLITS = 2048;
    static final int RETRAININGS = 3;
    /** Of the samples, that have come when the first training is asked for; the retrainings have all. */
    private static final double COME_BEFORE = 0.99;

    private static final double NANOS_PER_SECOND = 1e9;

    /** What a driving data set is usually augmented with. */
    private static final Augmentations USUAL = Augmentations.parse(List.of("flip", "crop", "brightness", "contrast"));

    private static final Augmentations ALL = Augmentations.parse(
            Arrays.stream(Augmentation.values()).map(Augmentation::word).toList());

    private InputPathMeasurement() {}

    /**
     * Speeds in images per second, medians of the rounds.
     *
     * @param plain of the input path without augmentation
     * @param usual of the input path with flip, crop, brightness and contrast
     * @param all of the input path with every augmentation
     * @param resnet18 of training
     * @param ratio of plain to resnet18
     * @param usualRatio of usual to resnet18
     * @param allRatio of all to resnet18
     * @param firstBatch of a retraining on all samples: of several the median by time
     * @param retrainings all of them, in their order: the first is slower, as its code is hardly compiled yet
     * @param firstBatchOfFirstTraining of the training before, the first of the process
     */
    record Result(
            double plain,
            double usual,
            double all,
            double resnet18,
            double ratio,
            double usualRatio,
            double allRatio,
            int threads,
            FirstBatch firstBatch,
            List<FirstBatch> retrainings,
            FirstBatch firstBatchOfFirstTraining) {}

    /**
     * What comes before the first update of a training.
     *
     * @param samples of the training set
     * @param heapMegabytes in use before it, which is what the store remembers of its samples, above all
     * @param selectSeconds of selecting and sorting the samples of all splits
     * @param startSeconds of looking through the labels, the statistics of the pixels and the network
     * @param doctorSeconds of the doctor's look, at the samples alone before a retraining, since its recipe is known then
     * @param fingerprintSeconds of what a checkpoint is recognised by
     * @param batchSeconds of shuffling the first epoch, with balanced resampling, and bringing its first batch
     * @param seconds from the request to the first batch on the device
     */
    record FirstBatch(
            int samples,
            long heapMegabytes,
            double selectSeconds,
            double startSeconds,
            double doctorSeconds,
            double fingerprintSeconds,
            double batchSeconds,
            double seconds) {}

    /**
     * Fills a store of so many samples of 3×64×64 in a folder, times the first batch of a training on it and then the
     * speeds.
     *
     * @param seconds that the speeds may take, about
     */
    static Result measure(int threads, double seconds, int samples, Path folder)
            throws BackendException, ShardException, IOException, InterruptedException {
        NativeBackend.start(threads);
        NetworkSpec spec = new NetworkSpec("resnet18", CHANNELS, SIDE, SIDE, StoredNoise.CLASSES.size(), 1, 1e-3);
        try (ShardStore store =
                StoredNoise.fill(folder, new PixelShape(CHANNELS, SIDE, SIDE), samples, SAMPLES_OF_OTHER_SPLITS)) {
            FirstBatches firstBatches = firstBatches(store, spec, threads, folder.resolve("checkpoint"));
            SplitView train = store.view(Split.TRAIN, store.position(), Selection.of(StoredNoise.CLASSES));
            return speeds(threads, seconds, spec, train, firstBatches);
        }
    }

    private static Result speeds(
            int threads, double seconds, NetworkSpec spec, SplitView store, FirstBatches firstBatches)
            throws InterruptedException {
        ComputationGraph graph = Networks.build(spec, LayerFamily.DIRECT);
        try (Device device = new Device(graph, spec)) {
            List<Augmentations> paths = List.of(Augmentations.NONE, USUAL, ALL);
            double[][] speeds = new double[paths.size() + 1][ROUNDS];
            double slice = seconds / ((ROUNDS + 1) * (paths.size() + SHARE_OF_TRAINING));
            for (int round = -1; round < ROUNDS; round++) {
                // Another order in every round, as in every epoch: what a batch reads lies all over the files.
                int[] order = Resampling.NONE.epoch(store.labels(), RandomStreams.at(1, round));
                for (int path = 0; path <= paths.size(); path++) {
                    boolean trains = path == paths.size();
                    double speed = imagesPerSecond(
                            device,
                            store,
                            order,
                            spec,
                            trains ? Augmentations.NONE : paths.get(path),
                            trains,
                            trains ? SHARE_OF_TRAINING * slice : slice);
                    // The first round only warms up.
                    if (round >= 0) {
                        speeds[path][round] = speed;
                    }
                }
            }
            double[] medians =
                    Arrays.stream(speeds).mapToDouble(SpeedMeasurement::median).toArray();
            double training = medians[paths.size()];
            return new Result(
                    medians[0],
                    medians[1],
                    medians[2],
                    training,
                    medians[0] / training,
                    medians[1] / training,
                    medians[2] / training,
                    threads,
                    firstBatches.retraining(),
                    firstBatches.retrainings(),
                    firstBatches.firstTraining());
        }
    }

    private static double imagesPerSecond(
            Device device,
            SampleStore store,
            int[] order,
            NetworkSpec spec,
            Augmentations augmentations,
            boolean trains,
            double seconds)
            throws InterruptedException {
        PixelTransform transform = AugmentedPixels.of(augmentations, store, 1, 1);
        BatchReader reader = new BatchReader(
                store,
                new Normalisation(List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25)),
                spec,
                transform,
                Optional.empty());
        long began = System.nanoTime();
        long images = 0;
        double elapsed;
        do {
            try (BatchStream stream =
                    new BatchStream(reader, order, BATCH, 0, AugmentedPixels.preparers(augmentations))) {
                do {
                    Batch batch = stream.next();
                    if (trains) {
                        device.update(batch);
                    } else {
                        device.feed(batch);
                    }
                    images += batch.size();
                    elapsed = (System.nanoTime() - began) / NANOS_PER_SECOND;
                } while (stream.hasNext() && elapsed < seconds);
            }
        } while (elapsed < seconds);
        return images / elapsed;
    }

    /** Of a training and of the retrainings after it, in this process. */
    record FirstBatches(FirstBatch firstTraining, List<FirstBatch> retrainings) {
        FirstBatch retraining() {
            return retrainings.stream()
                    .sorted(Comparator.comparingDouble(FirstBatch::seconds))
                    .toList()
                    .get(retrainings.size() / 2);
        }
    }

    /**
     * Times a training on most of the samples up to its first batch, then retrainings on all.
     *
     * @param checkpoint folder for the checkpoints of the fits
     */
    static FirstBatches firstBatches(ShardStore store, NetworkSpec spec, int threads, Path checkpoint)
            throws ShardException, InterruptedException {
        Map<Offsets.Partition, Long> before = new TreeMap<>(store.position().asMap());
        before.replaceAll((partition, next) -> Math.round(next * COME_BEFORE));
        Timed first = firstBatch(store, Offsets.of(before), spec, threads, checkpoint, List.of());
        List<FirstBatch> retrainings = new ArrayList<>();
        for (int i = 0; i < RETRAININGS; i++) {
            retrainings.add(firstBatch(store, store.position(), spec, threads, checkpoint, first.ofRecipe())
                    .times());
        }
        return new FirstBatches(first.times(), List.copyOf(retrainings));
    }

    /** @param ofRecipe what the doctor found that the next training takes over */
    private record Timed(FirstBatch times, List<DoctorFinding> ofRecipe) {}

    /**
     * Times every step of a run from the request up to the first batch: what lies between the two is {@code TrainingRun}'s
     * and {@code Fitter}'s own code.
     */
    private static Timed firstBatch(
            ShardStore store,
            Offsets upTo,
            NetworkSpec spec,
            int threads,
            Path checkpoint,
            List<DoctorFinding> ofRecipe)
            throws ShardException, InterruptedException {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
        FitSettings settings = new FitSettings(1, 1, BATCH, 1, threads).with(Resampling.BALANCED);
        long began = System.nanoTime();
        Assembly assembly = Assembly.of(
                store, upTo, new Selection(StoredNoise.CLASSES, 0, Optional.empty(), StoredNoise.TELEMETRY));
        final long selected = System.nanoTime();
        SplitView train = assembly.view(Split.TRAIN);
        FitRequest request = new FitRequest(
                train, assembly.view(Split.TRAIN_DEV), spec, settings, Optional.empty(), Optional.of(checkpoint));
        try (FitCheckup checkup = checkup(assembly, request)) {
            final long built = System.nanoTime();
            Examination examination = checkup.examine(Settings.standard(1), ofRecipe);
            if (!examination.healthy()) {
                throw new IllegalStateException(
                        "The doctor finds the benchmark's samples ill, and so did not look at all: %s"
                                .formatted(examination.failed()));
            }
            final long examined = System.nanoTime();
            StartingPoint.Ready start = checkup.start();
            try (FitRun run = new FitRun(request, start, threads, epoch -> {}, System::nanoTime);
                    Device device = new Device(start.graph(), spec)) {
                LOG.debug("{} is ready to train", run);
                final long ready = System.nanoTime();
                int[] order = settings.resampling().epoch(train.labels(), RandomStreams.at(1, 1));
                try (BatchStream stream =
                        new BatchStream(new BatchReader(train, start.normalisation(), spec), order, BATCH)) {
                    device.feed(stream.next());
                }
                return new Timed(
                        new FirstBatch(
                                train.size(),
                                heap,
                                (selected - began) / NANOS_PER_SECOND,
                                (built - selected) / NANOS_PER_SECOND,
                                (examined - built) / NANOS_PER_SECOND,
                                (ready - examined) / NANOS_PER_SECOND,
                                (System.nanoTime() - ready) / NANOS_PER_SECOND,
                                (System.nanoTime() - began) / NANOS_PER_SECOND),
                        examination.ofRecipe());
            }
        }
    }

    private static FitCheckup checkup(Assembly assembly, FitRequest request) {
        FitCheckup.Outcome outcome = FitCheckup.of(
                request,
                StoredNoise.CLASSES,
                FitCheckup.NamedSplit.of(assembly.view(Split.TRAIN)),
                Stream.of(Split.TRAIN_DEV, Split.TEST_DEV, Split.TEST)
                        .map(split -> FitCheckup.NamedSplit.of(assembly.view(split)))
                        .toList());
        if (outcome instanceof FitCheckup.Outcome.Ready ready) {
            return ready.checkup();
        }
        throw new IllegalStateException(((FitCheckup.Outcome.Impossible) outcome).reason());
    }
}
