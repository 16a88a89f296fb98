package io.drivetrain.trainer.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.EpochResult;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.Offsets;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.ClusterBootstrap;
import io.drivetrain.trainer.grade.Grade;
import io.drivetrain.trainer.grade.Grader;
import io.drivetrain.trainer.grade.SplitPredictions;
import io.drivetrain.trainer.grade.Term;
import io.drivetrain.trainer.publish.ModelFolder;
import io.drivetrain.trainer.publish.Outgoing;
import io.drivetrain.trainer.publish.RecordJson;
import io.drivetrain.trainer.publish.ReferenceProfile;
import io.drivetrain.trainer.publish.TestReads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One run: assemble, fit, grade, write the model's folder. Publishing what comes out is the caller's. */
final class TrainingRun {
    private static final int ID_DIGITS = 12;
    private static final List<String> PROVENANCE_KEYS = List.of("training.", "image.", "split.", "classes");

    private final DrivetrainConfig config;
    private final Learner learner;
    private final Map<String, String> versions;
    private final ShardStore store;
    private final ModelFolder models;
    private final TestReads testReads;
    private final Progress progress;
    private final InstantSource clock;

    /** How a run ended. */
    sealed interface Outcome {
        /** A model and its report, ready to be published. */
        record Ready(String modelId, List<Outgoing> records, String verdict) implements Outcome {}

        /** No model; the reason is a sentence. */
        record Failed(String reason) implements Outcome {}
    }

    TrainingRun(
            DrivetrainConfig config,
            Learner learner,
            Map<String, String> versions,
            ShardStore store,
            Path directory,
            Progress progress,
            InstantSource clock) {
        this.config = config;
        this.learner = learner;
        this.versions = new TreeMap<>(versions);
        this.store = store;
        this.models = new ModelFolder(directory.resolve("models"));
        this.testReads = new TestReads(directory.resolve("test-reads.json"));
        this.progress = progress;
        this.clock = clock;
    }

    /**
     * Runs a request whose offsets are set and reached.
     *
     * @throws InterruptedException soon after the thread was interrupted; nothing has then been published
     */
    Outcome run(PendingRequest request) throws InterruptedException {
        Offsets upTo = request.upTo().orElseThrow();
        Instant began = clock.instant();
        try {
            progress.tell(request, TrainingPhase.ASSEMBLING, "Putting the samples into order", store.sizes());
            Assembly assembly = Assembly.of(store, upTo, config.classes());
            tellWhatIsLeftOut(request, assembly);
            Optional<String> obstacle = obstacle(assembly);
            if (obstacle.isPresent()) {
                return new Outcome.Failed(obstacle.get());
            }
            progress.tell(
                    request,
                    TrainingPhase.FITTING,
                    "Training %s on %d samples of %d drives"
                            .formatted(
                                    config.training().network(),
                                    assembly.view(Split.TRAIN).size(),
                                    assembly.view(Split.TRAIN).drives().size()),
                    assembly.sizes());
            List<EpochResult> epochs = new ArrayList<>();
            Learner.Outcome outcome =
                    learner.learn(assembly.view(Split.TRAIN), assembly.view(Split.TRAIN_DEV), epoch -> {
                        epochs.add(new EpochResult(
                                epoch.epoch(),
                                epoch.trainLoss(),
                                epoch.trainError(),
                                epoch.trainDevLoss(),
                                epoch.trainDevError()));
                        progress.tellEpoch(request, epoch, assembly.sizes());
                    });
            if (outcome instanceof Learner.Outcome.NotLearned not) {
                return new Outcome.Failed(not.reason());
            }
            try (Learner.Model model = ((Learner.Outcome.Learned) outcome).model()) {
                return graded(request, assembly, model, epochs, began);
            }
        } catch (ShardException e) {
            return new Outcome.Failed(e.getMessage());
        } catch (IOException e) {
            return new Outcome.Failed(
                    "The model could not be written below %s (%s: %s); check space and rights, then request the training again"
                            .formatted(
                                    config.training().directory(), e.getClass().getSimpleName(), e.getMessage()));
        }
    }

    private void tellWhatIsLeftOut(PendingRequest request, Assembly assembly) {
        long otherClasses = assembly.views().values().stream()
                .mapToLong(SplitView::ofOtherClasses)
                .sum();
        long skipped = store.skips().count();
        if (otherClasses > 0 || skipped > 0) {
            progress.tell(
                    request,
                    TrainingPhase.ASSEMBLING,
                    "Left out: %d samples of classes that are not configured, %d records that could not be used%s"
                            .formatted(
                                    otherClasses,
                                    skipped,
                                    skipped == 0
                                            ? ""
                                            : ", the last because: "
                                                    + store.skips().lastReason()),
                    assembly.sizes());
        }
    }

    /** What stands in the way of training on these samples, as a sentence. */
    private Optional<String> obstacle(Assembly assembly) {
        SplitView train = assembly.view(Split.TRAIN);
        if (train.size() == 0) {
            ShardStore.Skips skips = store.skips();
            if (train.ofOtherClasses() > 0) {
                return Optional.of(
                        "None of the %d samples of train is of a class in %s; correct classes in drivetrain.yaml"
                                .formatted(train.ofOtherClasses(), config.classes()));
            }
            return Optional.of(
                    skips.count() > 0
                            ? "The split train is empty, and %d records were skipped, the last because: %s"
                                    .formatted(skips.count(), skips.lastReason())
                            : "The split train is empty; send SOURCE drives, and look at samples.rejected if you have");
        }
        long classes = Arrays.stream(train.labels()).distinct().count();
        if (classes < 2) {
            return Optional.of("All %d samples of train are '%s'; send SOURCE drives with another class of %s too"
                    .formatted(train.size(), train.labelName(0), config.classes()));
        }
        if (assembly.view(Split.TRAIN_DEV).size() == 0) {
            return Optional.of(
                    "The split train-dev is empty, so nothing can say when to stop; send more SOURCE drives or raise split.train-dev-fraction");
        }
        return Optional.empty();
    }

    private Outcome graded(
            PendingRequest request, Assembly assembly, Learner.Model model, List<EpochResult> epochs, Instant began)
            throws InterruptedException, IOException {
        progress.tell(request, TrainingPhase.GRADING, "Grading the model on all four splits", assembly.sizes());
        String modelId = "%s-%s"
                .formatted(config.training().network(), model.weightsSha256().substring(0, ID_DIGITS));
        int reads = assembly.view(Split.TEST).size() == 0
                ? 0
                : testReads.note(assembly.fingerprint(Split.TEST), request.runId());
        Map<Split, SplitPredictions> predictions = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitView view = assembly.view(split);
            if (view.size() > 0) {
                predictions.put(
                        split,
                        new SplitPredictions(
                                view.labels(),
                                model.predict(view),
                                view.driveOf(),
                                view.drives().size()));
            }
        }
        DrivetrainConfig.Training training = config.training();
        Grade grade = Grader.grade(
                predictions,
                config.classes().size(),
                training.irreducibleError(),
                new ClusterBootstrap.Settings(
                        training.bootstrapReplicates(), training.minIntervalDrives(), training.seed()));
        Provenance provenance = provenance(assembly, model);
        Instant now = clock.instant();
        TrainingReport report = TrainingReport.newBuilder()
                .setRunId(request.runId())
                .setRequestId(request.requestId())
                .setModelId(modelId)
                .setNetwork(training.network())
                .setClasses(config.classes())
                .setSplits(grade.splits())
                .setDecomposition(grade.decomposition().orElse(null))
                .setDominant(grade.dominant().map(Term::label).orElse(null))
                .setDistinguishable(
                        grade.distinguishable().stream().map(Term::label).toList())
                .setNotEnoughData(grade.notEnoughData())
                .setVerdict(grade.verdict())
                .setEpochs(epochs)
                .setBestEpoch(model.bestEpoch())
                .setTestReads(reads)
                .setBootstrapReplicates(training.bootstrapReplicates())
                .setProvenance(provenance)
                .setTrainingSeconds(Duration.between(began, now).toMillis() / 1000.0)
                .setPublishedAt(now)
                .build();
        Path unfinished = models.begin(modelId, model::save);
        String sha256 = ModelFolder.sha256(unfinished.resolve("model.zip"));
        Path folder = models.finish(modelId, unfinished, documents(assembly, provenance, report));
        ModelPublished published = ModelPublished.newBuilder()
                .setModelId(modelId)
                .setRunId(request.runId())
                .setNetwork(training.network())
                .setUri(folder.toAbsolutePath().toUri().toString())
                .setClasses(config.classes())
                .setChannels(assembly.view(Split.TRAIN).channels())
                .setHeight(assembly.view(Split.TRAIN).height())
                .setWidth(assembly.view(Split.TRAIN).width())
                .setChannelMean(model.channelMean())
                .setChannelStandardDeviation(model.channelStandardDeviation())
                .setSha256(sha256)
                .setWeightsSha256(model.weightsSha256())
                .setProvenance(provenance)
                .setPublishedAt(now)
                .build();
        return new Outcome.Ready(
                modelId,
                List.of(
                        Outgoing.of(Topic.TRAINING_REPORT, request.runId(), report),
                        Outgoing.of(Topic.MODELS_PUBLISHED, modelId, published),
                        Outgoing.of(
                                Topic.TRAINING_PROGRESS,
                                request.runId(),
                                progress.record(
                                                request.runId(),
                                                Optional.of(request.requestId()),
                                                TrainingPhase.PUBLISHED,
                                                "Model %s is published. %s".formatted(modelId, grade.verdict()))
                                        .setEpoch(epochs.size())
                                        .setEpochs(training.maxEpochs())
                                        .setSamples(assembly.sizes())
                                        .build())),
                grade.verdict());
    }

    private static Map<String, String> documents(Assembly assembly, Provenance provenance, TrainingReport report) {
        ObjectNode profile = ReferenceProfile.of(assembly);
        Map<String, String> documents = new TreeMap<>();
        documents.put("provenance.json", RecordJson.of(provenance).toPrettyString());
        documents.put("report.json", RecordJson.of(report).toPrettyString());
        documents.put("reference-profile.json", profile.toPrettyString());
        return documents;
    }

    private Provenance provenance(Assembly assembly, Learner.Model model) {
        // Only what the result depends on: where the trainer and its broker are does not change a weight.
        Map<String, String> keys = new TreeMap<>();
        config.asText().forEach((key, value) -> {
            if (PROVENANCE_KEYS.stream().anyMatch(key::startsWith) && !key.equals("training.directory")) {
                keys.put(key, value);
            }
        });
        return new Provenance(
                assembly.upTo().toRecords(),
                null,
                assembly.fingerprint(),
                keys,
                config.training().seed(),
                model.threads(),
                versions);
    }
}
