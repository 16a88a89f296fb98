package io.drivetrain.trainer.fit;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.LayerFamily;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.build.Networks;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.NativeThreads;
import io.drivetrain.trainer.check.OneDnn;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Training throughput of our path, of plain Deeplearning4j in the same JVM and of PyTorch, in turns. Our side includes what
 * a fit does for each batch: reading samples, normalising, copying. The plain side gets one ready batch again and again,
 * PyTorch all the samples as ready batches.
 */
final class SpeedMeasurement {
    /** A network and the batch size that it is measured at. */
    record Subject(String network, int batch) {}

    static final List<Subject> SUBJECTS = List.of(new Subject("lenet", 64), new Subject("resnet18", 32));

    private static final int ROUNDS = 5;
    private static final int CHANNELS = 3;
    private static final int SIDE = 64;
    private static final int CLASSES = 2;
    private static final double NANOS_PER_SECOND = 1e9;

    private final int threads;
    private final Optional<String> python;
    private final long parentPid;

    private SpeedMeasurement(int threads, Optional<String> python, long parentPid) {
        this.threads = threads;
        this.python = python;
        this.parentPid = parentPid;
    }

    /**
     * Loads the native code for the given number of threads; stops when the process {@code parentPid} is gone.
     *
     * @param python that has PyTorch; empty to do without
     */
    static SpeedMeasurement start(int threads, Optional<String> python, long parentPid) throws BackendException {
        NativeBackend.start(threads);
        return new SpeedMeasurement(threads, python, parentPid);
    }

    TrainingBench.Result of(Subject subject, double seconds) throws IOException, InterruptedException {
        SampleStore store = Noise.of(subject.batch() * 4);
        NetworkSpec spec = new NetworkSpec(subject.network(), CHANNELS, SIDE, SIDE, CLASSES, 1, 1e-3);
        OneDnn.enable();
        ComputationGraph graph = Networks.build(spec, LayerFamily.DIRECT);
        Side ours = new Ours(graph, spec, store, subject.batch());
        // As Deeplearning4j comes: a layer looks at this property when it is made.
        System.setProperty(OneDnn.HELPERS_DISABLED, "true");
        Side plain = new Plain(Networks.build(spec, LayerFamily.PLAIN), spec, store, subject.batch());
        OneDnn.enable();

        Batch all = new BatchReader(store, Normalisation.of(store), spec)
                .read(IntStream.range(0, store.size()).toArray(), 0, store.size());
        Optional<PytorchYardstick> pytorch = python.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        PytorchYardstick.start(python.get(), spec, threads, subject.batch(), all, graph.numParams()));
        try {
            return inTurns(subject, graph.numParams(), ours, plain, pytorch, seconds);
        } finally {
            if (pytorch.isPresent()) {
                pytorch.get().close();
            }
        }
    }

    private TrainingBench.Result inTurns(
            Subject subject, long parameters, Side ours, Side plain, Optional<PytorchYardstick> pytorch, double seconds)
            throws IOException, InterruptedException {
        double slice = seconds / ((pytorch.isPresent() ? 3 : 2) * (ROUNDS + 1));
        double[] oursSpeed = new double[ROUNDS];
        double[] plainSpeed = new double[ROUNDS];
        double[] pytorchSpeed = new double[ROUNDS];
        double[] toPlain = new double[ROUNDS];
        double[] toPytorch = new double[ROUNDS];
        // The first round only warms up.
        for (int round = -1; round < ROUNDS; round++) {
            double plainNow = imagesPerSecond(plain, slice);
            double oursNow = imagesPerSecond(ours, slice);
            double pytorchNow = pytorch.isPresent() ? pytorch.get().imagesPerSecond(slice) : Double.NaN;
            if (round >= 0) {
                oursSpeed[round] = oursNow;
                plainSpeed[round] = plainNow;
                pytorchSpeed[round] = pytorchNow;
                toPlain[round] = oursNow / plainNow;
                toPytorch[round] = oursNow / pytorchNow;
            }
        }
        return new TrainingBench.Result(
                subject.network(),
                threads,
                rounded(median(oursSpeed)),
                rounded(median(plainSpeed)),
                rounded(median(toPlain)),
                pytorch.map(side -> rounded(median(pytorchSpeed))).orElse(null),
                pytorch.map(side -> rounded(median(toPytorch))).orElse(null),
                pytorch.map(side -> rounded(Arrays.stream(toPytorch).min().orElseThrow()))
                        .orElse(null),
                pytorch.map(side -> rounded(Arrays.stream(toPytorch).max().orElseThrow()))
                        .orElse(null),
                pytorch.map(side -> "PyTorch " + side.version()).orElse(null),
                parameters,
                ROUNDS,
                "%dx%dx%d".formatted(CHANNELS, SIDE, SIDE),
                subject.batch());
    }

    /** At least one batch. */
    private double imagesPerSecond(Side side, double seconds) throws InterruptedException {
        NativeThreads.use(threads);
        side.prepare(threads);
        long began = System.nanoTime();
        long images = 0;
        double elapsed;
        do {
            images += side.train();
            elapsed = (System.nanoTime() - began) / NANOS_PER_SECOND;
            if (parentPid > 0 && ProcessHandle.of(parentPid).isEmpty()) {
                throw new InterruptedException(
                        "The process %d that asked for this measurement is gone".formatted(parentPid));
            }
        } while (elapsed < seconds);
        return images / elapsed;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    /** One of the two that take turns. */
    private interface Side {
        void prepare(int threads);

        /** Trains on at least one batch; the number of images. */
        int train() throws InterruptedException;
    }

    /** The path of {@link Fitter}: a small epoch at a time. */
    private static final class Ours implements Side {
        private final Device device;
        private final SampleStore store;
        private final BatchReader reader;
        private final int batch;

        Ours(ComputationGraph graph, NetworkSpec spec, SampleStore store, int batch) {
            this.device = new Device(graph, spec);
            this.store = store;
            this.reader = new BatchReader(store, Normalisation.of(store), spec);
            this.batch = batch;
        }

        @Override
        public void prepare(int threads) {
            // NativeThreads has set what training uses.
        }

        @Override
        public int train() throws InterruptedException {
            int[] order = IntStream.range(0, store.size()).toArray();
            try (BatchStream stream = new BatchStream(reader, order, batch)) {
                while (stream.hasNext()) {
                    device.update(stream.next());
                }
            }
            return order.length;
        }
    }

    /** {@code ComputationGraph.fit} on arrays that are there already. */
    private static final class Plain implements Side {
        private final ComputationGraph graph;
        private final INDArray[] pixels;
        private final INDArray[] labels;
        private final int batch;

        Plain(ComputationGraph graph, NetworkSpec spec, SampleStore store, int batch) {
            this.graph = graph;
            this.batch = batch;
            Batch first = new BatchReader(store, Normalisation.of(store), spec)
                    .read(IntStream.range(0, batch).toArray(), 0, batch);
            Batch.Input input = first.inputs().get(0);
            this.pixels = new INDArray[] {Nd4j.create(input.values(), input.shape(), 'c')};
            this.labels = new INDArray[] {Nd4j.zeros(batch, CLASSES)};
            for (int i = 0; i < batch; i++) {
                labels[0].putScalar(i, first.labels()[i], 1);
            }
        }

        @Override
        public void prepare(int threads) {
            NativeThreads.useForMatrixProducts(threads);
        }

        @Override
        public int train() {
            graph.fit(pixels, labels);
            return batch;
        }
    }

    /** Random pixels: the speed does not depend on what is seen. */
    private record Noise(int size, byte[] bytes) implements SampleStore {
        static Noise of(int size) {
            byte[] bytes = new byte[size * CHANNELS * SIDE * SIDE];
            new Random(1).nextBytes(bytes);
            return new Noise(size, bytes);
        }

        @Override
        public int channels() {
            return CHANNELS;
        }

        @Override
        public int height() {
            return SIDE;
        }

        @Override
        public int width() {
            return SIDE;
        }

        @Override
        public void readPixels(int index, byte[] into, int offset) {
            int length = bytes.length / size;
            System.arraycopy(bytes, index * length, into, offset, length);
        }

        @Override
        public int label(int index) {
            return index % CLASSES;
        }
    }
}
