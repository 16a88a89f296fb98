package io.drivetrain.trainer;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.fit.ProgressListener;
import io.drivetrain.trainer.schedule.LearnRequest;
import io.drivetrain.trainer.schedule.Learner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Learns nothing and tells the classes of {@code Samples} by the pixel in the middle; can block or throw on demand. */
final class PixelRule implements Learner {
    private final String device;
    private final AtomicReference<Error> toThrow = new AtomicReference<>();
    private final AtomicReference<Examination> ailing = new AtomicReference<>(new Examination(List.of(), List.of()));
    private final AtomicInteger loads = new AtomicInteger();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private volatile Optional<CountDownLatch> never = Optional.empty();

    PixelRule() {
        this("rule");
    }

    /** On a device of its own, so that it does not wait for another. */
    PixelRule(String device) {
        this.device = device;
    }

    /** Makes the next look at a set-up find this. */
    void find(Examination examination) {
        ailing.set(examination);
    }

    void throwOnce(Error error) {
        toThrow.set(error);
    }

    /** Makes learning last until the thread is interrupted. */
    void block() {
        never = Optional.of(new CountDownLatch(1));
    }

    /** Lets learning that blocks go on. */
    void release() {
        never.ifPresent(CountDownLatch::countDown);
    }

    /** How often a model was loaded. */
    int loads() {
        return loads.get();
    }

    void awaitBlocked() throws InterruptedException {
        blocked.await();
    }

    @Override
    public Optional<String> objection(DrivetrainConfig config) {
        return Optional.empty();
    }

    @Override
    public Preparation prepare(
            Assembly assembly, DrivetrainConfig config, Optional<Path> warmStart, Optional<Path> checkpoints) {
        return new Preparation.Ready() {
            @Override
            public Examination examine(List<DoctorFinding> ofRecipe) {
                return ailing.getAndSet(new Examination(List.of(), List.of()));
            }

            @Override
            public Outcome learn(ProgressListener listener) throws InterruptedException {
                return PixelRule.this.learn(
                        new LearnRequest(
                                assembly.view(Split.TRAIN),
                                assembly.view(Split.TRAIN_DEV),
                                config,
                                warmStart,
                                checkpoints),
                        listener);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Outcome learn(LearnRequest request, ProgressListener listener) throws InterruptedException {
        EpochProgress epoch = new EpochProgress(1, 1, 0.5, 0, 0.5, 0, 100, 1, 0, true);
        listener.onEpoch(epoch);
        Error error = toThrow.getAndSet(null);
        if (error != null) {
            throw error;
        }
        if (never.isPresent()) {
            blocked.countDown();
            never.get().await();
        }
        return new Outcome.Learned(new Rule(request.train().size()), List.of(epoch));
    }

    @Override
    public Model load(Path folder) throws IOException {
        loads.incrementAndGet();
        return new Rule(Integer.parseInt(Files.readString(folder.resolve("model.zip"))));
    }

    @Override
    public String backend() {
        return device;
    }

    @Override
    public int threads() {
        return 1;
    }

    private record Rule(int trainSamples) implements Model {
        @Override
        public float[][] probabilities(SampleStore samples, IntConsumer judged) {
            int plane = samples.height() * samples.width();
            byte[] pixels = new byte[samples.channels() * plane];
            float[][] probabilities = new float[samples.size()][2];
            for (int i = 0; i < probabilities.length; i++) {
                samples.readPixels(i, pixels, 0);
                boolean bright = (pixels[plane / 2 + samples.width() / 2] & 0xff) > 128;
                probabilities[i][bright ? 0 : 1] = 0.9f;
                probabilities[i][bright ? 1 : 0] = 0.1f;
            }
            return probabilities;
        }

        @Override
        public Optional<Embedder> embedder() {
            return Optional.empty();
        }

        @Override
        public List<String> telemetry() {
            return List.of();
        }

        @Override
        public void save(Path folder) throws IOException {
            Files.writeString(folder.resolve("model.zip"), Integer.toString(trainSamples));
        }

        @Override
        public String weightsSha256() {
            // The digits that differ come first, because a model's id is made of those.
            return "%012x%052x".formatted(trainSamples, trainSamples);
        }

        @Override
        public List<Double> channelMean() {
            return List.of(128.0, 128.0, 128.0);
        }

        @Override
        public List<Double> channelStandardDeviation() {
            return List.of(50.0, 50.0, 50.0);
        }

        @Override
        public int threads() {
            return 1;
        }

        @Override
        public int bestEpoch() {
            return 1;
        }

        @Override
        public void close() {}
    }
}
