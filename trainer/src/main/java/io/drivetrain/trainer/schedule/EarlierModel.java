package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Split;
import io.drivetrain.trainer.assemble.SplitView;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a model that was published before says of the samples of a run, or why it cannot be asked. */
sealed interface EarlierModel {
    /**
     * Most probable class of each sample, by split.
     */
    record Asked(Map<Split, int[]> predicted) implements EarlierModel {}

    /** The reason is a sentence. */
    record Incomparable(String reason) implements EarlierModel {}

    /**
     * Loads the model and applies it.
     *
     * @param splits that it is asked about; those without samples are left out
     * @throws InterruptedException soon after the thread was interrupted
     */
    static EarlierModel ask(ModelPublished model, GradedRun run, Learner learner, List<Split> splits)
            throws InterruptedException {
        SplitView view = run.assembly().view(Split.TRAIN);
        if (!model.getClasses().equals(run.config().classes())) {
            return new Incomparable(
                    "%s tells other classes apart (%s)".formatted(model.getModelId(), model.getClasses()));
        }
        if (model.getChannels() != view.channels()
                || model.getHeight() != view.height()
                || model.getWidth() != view.width()) {
            return new Incomparable("%s takes pixels of %dx%dx%d, this run has %dx%dx%d"
                    .formatted(
                            model.getModelId(),
                            model.getChannels(),
                            model.getHeight(),
                            model.getWidth(),
                            view.channels(),
                            view.height(),
                            view.width()));
        }
        try (Learner.Model loaded = learner.load(Path.of(URI.create(model.getUri())))) {
            Map<Split, int[]> predicted = new EnumMap<>(Split.class);
            for (Split split : splits) {
                SplitView samples = run.assembly().view(split);
                if (samples.size() > 0) {
                    predicted.put(split, GradePart.mostProbable(loaded.probabilities(samples)));
                }
            }
            return new Asked(predicted);
        } catch (IOException | IllegalArgumentException e) {
            return new Incomparable("%s cannot be loaded (%s)".formatted(model.getModelId(), e.getMessage()));
        }
    }
}
