package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendStatus;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.check.doctor.Settings;
import io.drivetrain.trainer.fit.FitCheckup;
import io.drivetrain.trainer.fit.FitOutcome;
import io.drivetrain.trainer.fit.FitRequest;
import io.drivetrain.trainer.fit.FitSettings;
import io.drivetrain.trainer.fit.FittedModel;
import io.drivetrain.trainer.fit.Fitter;
import io.drivetrain.trainer.fit.LearningRateSchedule;
import io.drivetrain.trainer.fit.ProgressListener;
import io.drivetrain.trainer.improve.ClassWeights;
import io.drivetrain.trainer.improve.Resampling;
import io.drivetrain.trainer.improve.augment.Augmentations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** Learns with the networks of this module, as the configuration of a run says. */
public final class FitLearner implements Learner {
    private static final double PIXEL_SCALE = 255;

    private final int channels;
    private final BackendStatus backend;

    /**
     * @param channels of the pixels, 3 for RGB
     * @param backend as started
     */
    public FitLearner(int channels, BackendStatus backend) {
        this.channels = channels;
        this.backend = backend;
    }

    @Override
    public Optional<String> objection(DrivetrainConfig config) {
        try {
            network(config);
            settings(config);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(e.getMessage());
        }
    }

    private NetworkSpec network(DrivetrainConfig config) {
        DrivetrainConfig.Training training = config.training();
        return new NetworkSpec(
                training.network(),
                channels,
                config.image().height(),
                config.image().width(),
                config.classes().size(),
                training.seed(),
                training.learningRate(),
                training.telemetry(),
                training.sequenceLength(),
                config.improve().weightDecay(),
                config.improve().dropout());
    }

    private static FitSettings settings(DrivetrainConfig config) {
        DrivetrainConfig.Training training = config.training();
        DrivetrainConfig.Improve improve = config.improve();
        return new FitSettings(
                training.maxEpochs(),
                training.patience(),
                training.batchSize(),
                training.seed(),
                training.threads(),
                Augmentations.parse(improve.augment()),
                ClassWeights.parse(improve.classWeights(), config.balance().beta()),
                Resampling.parse(improve.resample()),
                LearningRateSchedule.parse(improve.schedule(), improve.warmUp()),
                improve.freeze());
    }

    @Override
    public Preparation prepare(
            Assembly assembly, DrivetrainConfig config, Optional<Path> warmStart, Optional<Path> checkpoints) {
        FitCheckup.Outcome outcome = FitCheckup.of(
                request(new LearnRequest(
                        assembly.view(Split.TRAIN), assembly.view(Split.TRAIN_DEV), config, warmStart, checkpoints)),
                config.classes(),
                FitCheckup.NamedSplit.of(assembly.view(Split.TRAIN)),
                Stream.of(Split.TRAIN_DEV, Split.TEST_DEV, Split.TEST)
                        .map(split -> FitCheckup.NamedSplit.of(assembly.view(split)))
                        .toList());
        if (outcome instanceof FitCheckup.Outcome.Impossible impossible) {
            return new Preparation.Impossible(impossible.reason());
        }
        return new PreparedFit(
                ((FitCheckup.Outcome.Ready) outcome).checkup(),
                Settings.standard(config.training().seed()));
    }

    private record PreparedFit(FitCheckup checkup, Settings settings) implements Preparation.Ready {
        @Override
        public Examination examine(List<DoctorFinding> ofRecipe) throws InterruptedException {
            return checkup.examine(settings, ofRecipe);
        }

        @Override
        public Outcome learn(ProgressListener listener) throws InterruptedException {
            return outcome(checkup.fit(listener));
        }

        @Override
        public void close() {
            checkup.close();
        }
    }

    @Override
    public Outcome learn(LearnRequest request, ProgressListener listener) throws InterruptedException {
        return outcome(new Fitter().fit(request(request), listener));
    }

    private FitRequest request(LearnRequest request) {
        return new FitRequest(
                request.train(),
                request.trainDev(),
                network(request.config()),
                settings(request.config()),
                request.warmStart(),
                request.checkpoints());
    }

    private static Outcome outcome(FitOutcome outcome) {
        if (outcome instanceof FitOutcome.Fitted fitted) {
            return new Outcome.Learned(new Fit(fitted.model()), fitted.history());
        } else if (outcome instanceof FitOutcome.Diverged diverged) {
            return new Outcome.NotLearned(diverged.reason());
        } else if (outcome instanceof FitOutcome.Unfit unfit) {
            return new Outcome.NotLearned(unfit.reason());
        }
        throw new IllegalStateException("Unknown outcome of a fit: " + outcome);
    }

    @Override
    public Model load(Path folder) throws IOException {
        return new Fit(FittedModel.load(folder));
    }

    @Override
    public String backend() {
        return backend.backend();
    }

    @Override
    public int threads() {
        return backend.threads();
    }

    private record Fit(FittedModel model) implements Model {
        @Override
        public float[][] probabilities(SampleStore samples, IntConsumer judged) throws InterruptedException {
            return model.probabilities(samples, judged);
        }

        @Override
        public Optional<Embedder> embedder() {
            return Optional.of(model::embeddings);
        }

        @Override
        public List<String> telemetry() {
            return model.network().readsTelemetry() ? model.network().telemetry() : List.of();
        }

        @Override
        public void save(Path folder) throws IOException {
            model.save(folder);
        }

        @Override
        public String weightsSha256() {
            return model.weightsSha256();
        }

        @Override
        public List<Double> channelMean() {
            return scaled(model.normalisation().mean());
        }

        @Override
        public List<Double> channelStandardDeviation() {
            return scaled(model.normalisation().deviation());
        }

        private static List<Double> scaled(List<Double> values) {
            return values.stream().map(v -> v * PIXEL_SCALE).toList();
        }

        @Override
        public int threads() {
            return model.threads();
        }

        @Override
        public int bestEpoch() {
            return model.bestEpoch();
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
