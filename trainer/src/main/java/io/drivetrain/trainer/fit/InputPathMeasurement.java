package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.LayerFamily;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.improve.RandomStreams;
import io.drivetrain.trainer.improve.Resampling;
import io.drivetrain.trainer.improve.augment.Augmentation;
import io.drivetrain.trainer.improve.augment.Augmentations;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * How fast samples reach the device, and how fast ResNet-18 takes them: reading, augmenting, normalising and copying for a
 * network that does nothing, against training on the same batches. The sides take turns, so that a busy machine slows all.
 */
final class InputPathMeasurement {
    private static final int ROUNDS = 3;
    private static final int SHARE_OF_TRAINING = 3;
    private static final int CHANNELS = 3;
    private static final int SIDE = 64;
    private static final int CLASSES = 2;
    private static final int BATCH = 32;
    private static final int STORED = 2048;
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
     */
    record Result(
            double plain,
            double usual,
            double all,
            double resnet18,
            double ratio,
            double usualRatio,
            double allRatio,
            int threads) {}

    /**
     * What comes before the first update of a training.
     *
     * @param samples of the training set
     * @param objectionSeconds of looking through the labels
     * @param normalisationSeconds of the statistics of the pixels
     * @param orderSeconds of shuffling the first epoch, with balanced resampling
     * @param seconds from the request to the first batch on the device, the network's construction included
     */
    record FirstBatch(
            int samples, double objectionSeconds, double normalisationSeconds, double orderSeconds, double seconds) {}

    /** @param seconds that it may take, about */
    static Result measure(int threads, double seconds) throws BackendException, InterruptedException {
        NativeBackend.start(threads);
        NetworkSpec spec = new NetworkSpec("resnet18", CHANNELS, SIDE, SIDE, CLASSES, 1, 1e-3);
        SampleStore store = new RandomPixels(STORED, CHANNELS, SIDE);
        ComputationGraph graph = Networks.build(spec, LayerFamily.DIRECT);
        try (Device device = new Device(graph, spec)) {
            List<Augmentations> paths = List.of(Augmentations.NONE, USUAL, ALL);
            double[][] speeds = new double[paths.size() + 1][ROUNDS];
            double slice = seconds / ((ROUNDS + 1) * (paths.size() + SHARE_OF_TRAINING));
            for (int round = -1; round < ROUNDS; round++) {
                for (int path = 0; path <= paths.size(); path++) {
                    boolean trains = path == paths.size();
                    double speed = imagesPerSecond(
                            device,
                            store,
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
                    threads);
        }
    }

    private static double imagesPerSecond(
            Device device,
            SampleStore store,
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
        int[] order = IntStream.range(0, store.size()).toArray();
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

    /** Times every step up to the first batch of ResNet-18 on a training set of so many samples of 3×64×64. */
    static FirstBatch firstBatch(int threads, int samples) throws BackendException, InterruptedException {
        NativeBackend.start(threads);
        NetworkSpec spec = new NetworkSpec("resnet18", CHANNELS, SIDE, SIDE, CLASSES, 1, 1e-3);
        SampleStore train = new RandomPixels(samples, CHANNELS, SIDE);
        FitSettings settings = new FitSettings(1, 1, BATCH, 1, threads).with(Resampling.BALANCED);
        FitRequest request = new FitRequest(train, new RandomPixels(STORED, CHANNELS, SIDE), spec, settings);
        long began = System.nanoTime();
        FitObjections.to(request).ifPresent(objection -> {
            throw new IllegalStateException(objection);
        });
        long objected = System.nanoTime();
        Normalisation normalisation = Normalisation.of(train);
        long normalised = System.nanoTime();
        int[] labels = IntStream.range(0, train.size()).map(train::label).toArray();
        int[] order = settings.resampling().epoch(labels, RandomStreams.at(1, 1));
        long ordered = System.nanoTime();
        try (Device device = new Device(Networks.build(spec), spec);
                BatchStream stream = new BatchStream(new BatchReader(train, normalisation, spec), order, BATCH)) {
            device.feed(stream.next());
        }
        return new FirstBatch(
                samples,
                (objected - began) / NANOS_PER_SECOND,
                (normalised - objected) / NANOS_PER_SECOND,
                (ordered - normalised) / NANOS_PER_SECOND,
                (System.nanoTime() - began) / NANOS_PER_SECOND);
    }

    /** Any number of samples in little memory: each is a window of the same random bytes. */
    private record RandomPixels(int size, int channels, int height, int width, byte[] bytes) implements SampleStore {
        private static final int BYTES = 1 << 26;

        RandomPixels(int size, int channels, int side) {
            this(size, channels, side, side, new byte[BYTES]);
            new Random(1).nextBytes(bytes);
        }

        @Override
        public void readPixels(int index, byte[] into, int offset) {
            int length = channels * height * width;
            int from = (int) ((long) index * length % (bytes.length - length));
            System.arraycopy(bytes, from, into, offset, length);
        }

        @Override
        public int label(int index) {
            return index % CLASSES;
        }
    }
}
