package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendStatus;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.fit.FitOutcome;
import io.drivetrain.trainer.fit.FitRequest;
import io.drivetrain.trainer.fit.FitSettings;
import io.drivetrain.trainer.fit.FittedModel;
import io.drivetrain.trainer.fit.Fitter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Learns with the networks of this module, as the configuration says. */
public final class FitLearner implements Learner {
    private static final double PIXEL_SCALE = 255;

    private final NetworkSpec network;
    private final FitSettings settings;
    private final BackendStatus backend;

    /**
     * Checks the configuration.
     *
     * @param backend as started
     * @throws IllegalArgumentException with a sentence, if there is no such network
     */
    public FitLearner(DrivetrainConfig config, int channels, BackendStatus backend) {
        DrivetrainConfig.Training training = config.training();
        this.network = new NetworkSpec(
                training.network(),
                channels,
                config.image().height(),
                config.image().width(),
                config.classes().size(),
                training.seed(),
                training.learningRate());
        this.settings = new FitSettings(
                training.maxEpochs(), training.patience(), training.batchSize(), training.seed(), training.threads());
        this.backend = backend;
    }

    @Override
    public Outcome learn(SampleStore train, SampleStore trainDev, Consumer<EpochProgress> listener)
            throws InterruptedException {
        FitOutcome outcome = new Fitter().fit(new FitRequest(train, trainDev, network, settings), listener::accept);
        if (outcome instanceof FitOutcome.Fitted fitted) {
            return new Outcome.Learned(new Fit(fitted.model()));
        } else if (outcome instanceof FitOutcome.Diverged diverged) {
            return new Outcome.NotLearned(diverged.reason());
        } else if (outcome instanceof FitOutcome.Unfit unfit) {
            return new Outcome.NotLearned(unfit.reason());
        }
        throw new IllegalStateException("Unknown outcome of a fit: " + outcome);
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
        public int[] predict(SampleStore samples) throws InterruptedException {
            return model.predict(samples);
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
