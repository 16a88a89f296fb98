package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.MostProbable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What models that were published before say of the samples of one run, each asked about a split once. */
final class EarlierModels {
    private final Learner learner;
    private final Map<String, Map<Split, int[]>> asked = new HashMap<>();

    /** What a model says, or why it cannot be asked. */
    sealed interface Answer {
        /** Most probable class of each sample, by split; those without samples are left out. */
        record Predicted(Map<Split, int[]> classes) implements Answer {}

        /** The reason is a sentence. */
        record Incomparable(String reason) implements Answer {}
    }

    EarlierModels(Learner learner) {
        this.learner = learner;
    }

    /**
     * Loads the model and applies it to what it was not asked about before.
     *
     * @throws InterruptedException soon after the thread was interrupted
     */
    Answer ask(ModelPublished model, GradedRun run, List<Split> splits) throws InterruptedException {
        SplitView view = run.assembly().view(Split.TRAIN);
        if (!model.getClasses().equals(run.config().classes())) {
            return new Answer.Incomparable(
                    "%s tells other classes apart (%s)".formatted(model.getModelId(), model.getClasses()));
        }
        if (model.getChannels() != view.channels()
                || model.getHeight() != view.height()
                || model.getWidth() != view.width()) {
            return new Answer.Incomparable("%s takes pixels of %dx%dx%d, this run has %dx%dx%d"
                    .formatted(
                            model.getModelId(),
                            model.getChannels(),
                            model.getHeight(),
                            model.getWidth(),
                            view.channels(),
                            view.height(),
                            view.width()));
        }
        Map<Split, int[]> known = asked.computeIfAbsent(model.getModelId(), id -> new EnumMap<>(Split.class));
        List<Split> open = splits.stream()
                .filter(split -> !known.containsKey(split))
                .filter(split -> run.assembly().view(split).size() > 0)
                .toList();
        if (!open.isEmpty()) {
            try (Learner.Model loaded = learner.load(Path.of(URI.create(model.getUri())))) {
                for (Split split : open) {
                    // With the numbers that it was trained on, in its own order, whichever this run reads.
                    SplitView samples = run.assembly().view(split).withTelemetry(loaded.telemetry());
                    String message = "Comparing with %s".formatted(model.getModelId());
                    known.put(
                            split,
                            MostProbable.of(loaded.probabilities(
                                    samples,
                                    run.progress().judging(TrainingStage.ANALYSING, message, samples.size()))));
                }
            } catch (IOException | IllegalArgumentException e) {
                return new Answer.Incomparable(
                        "%s cannot be loaded (%s)".formatted(model.getModelId(), e.getMessage()));
            }
        }
        Map<Split, int[]> classes = new EnumMap<>(Split.class);
        splits.stream().filter(known::containsKey).forEach(split -> classes.put(split, known.get(split)));
        return new Answer.Predicted(classes);
    }
}
