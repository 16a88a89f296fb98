package io.drivetrain.trainer.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.EpochResult;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.Provenance;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.Assembly;
import io.drivetrain.trainer.assemble.ShardException;
import io.drivetrain.trainer.assemble.ShardStore;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.fit.EpochProgress;
import io.drivetrain.trainer.publish.ModelFolder;
import io.drivetrain.trainer.publish.Outgoing;
import io.drivetrain.trainer.publish.Published;
import io.drivetrain.trainer.publish.RecordJson;
import io.drivetrain.trainer.publish.ReferenceProfile;
import io.drivetrain.trainer.publish.TestReads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run: assemble, look the set-up over, fit, grade, analyse, write the model's folder. Publishing what comes out is the
 * caller's.
 */
final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
    private static final int ID_DIGITS = 12;
    private static final List<String> PROVENANCE_KEYS =
            List.of("training.", "image.", "improve.", "analysis.", "split.", "balance.beta", "classes");

    private final DrivetrainConfig base;
    private final Learner learner;
    private final Map<String, String> versions;
    private final ShardStore store;
    private final Path modelsFolder;
    private final ModelFolder models;
    private final TestReads testReads;
    private final Path checkpoints;
    private final Published published;
    private final Progress progress;
    private final InstantSource clock;
    private final ExaminedRecipes recipes = new ExaminedRecipes();

    /** How a run ended. */
    sealed interface Outcome {
        /**
         * A report ready to be published, and with it a model.
         *
         * @param modelId of the model that has learned all there is of the stream up to its request's offsets; empty when
         *     an earlier one was reproduced, which publishes none, and when it learned from synthetic scenes
         */
        record Ready(Optional<String> modelId, List<Outgoing> records, String verdict) implements Outcome {}

        /** No model; the reason is a sentence. */
        record Failed(String reason) implements Outcome {}

        /** No training, since the doctor found its set-up wrong; the reason is a sentence. */
        record Refused(String reason) implements Outcome {}
    }

    TrainingRun(
            DrivetrainConfig config,
            Learner learner,
            Map<String, String> versions,
            ShardStore store,
            Path directory,
            Published published,
            Progress progress,
            InstantSource clock) {
        this.base = config;
        this.learner = learner;
        this.versions = new TreeMap<>(versions);
        this.store = store;
        this.modelsFolder = directory.resolve("models");
        this.models = new ModelFolder(modelsFolder);
        this.testReads = new TestReads(directory.resolve("test-reads.json"));
        this.checkpoints = directory.resolve("checkpoints");
        this.published = published;
        this.progress = progress;
        this.clock = clock;
    }

    /**
     * Runs a request whose offsets are set and reached.
     *
     * @throws InterruptedException soon after the thread was interrupted; nothing has then been published
     */
    Outcome run(PendingRequest request) throws InterruptedException {
        RunConfig decided = RunConfig.of(base, request.overrides());
        if (decided instanceof RunConfig.Refused refused) {
            return new Outcome.Failed(refused.reason());
        }
        DrivetrainConfig config = ((RunConfig.Accepted) decided).config();
        Optional<String> objection = learner.objection(config);
        if (objection.isPresent()) {
            return new Outcome.Failed(objection.get());
        }
        try (DeviceLock device = DeviceLock.acquire(
                DeviceLock.fileOf(learner.backend()),
                () -> progress.tell(
                        request,
                        TrainingPhase.WAITING_FOR_DATA,
                        "Waiting for another training on this machine's %s to end".formatted(learner.backend()),
                        store.sizes()))) {
            LOG.debug("{} has the device: {}", request.runId(), device);
            return run(request, config, clock.instant());
        } catch (ShardException e) {
            return new Outcome.Failed(e.getMessage());
        } catch (IOException e) {
            return new Outcome.Failed(
                    "The model could not be written below %s (%s: %s); check space and rights, then request the training again"
                            .formatted(
                                    config.training().directory(), e.getClass().getSimpleName(), e.getMessage()));
        }
    }

    private Outcome run(PendingRequest request, DrivetrainConfig config, Instant began)
            throws InterruptedException, IOException, ShardException {
        progress.tell(request, TrainingPhase.ASSEMBLING, "Putting the samples into order", store.sizes());
        RunData data = RunData.select(store, request.upTo().orElseThrow(), config);
        if (data instanceof RunData.Unusable unusable) {
            return new Outcome.Failed(unusable.reason());
        }
        RunData.Usable usable = (RunData.Usable) data;
        Assembly assembly = usable.assembly();
        usable.leftOut()
                .ifPresent(message -> progress.tell(request, TrainingPhase.ASSEMBLING, message, assembly.sizes()));
        WarmStart warmStart = WarmStart.of(config.improve().warmStart(), published.models());
        if (warmStart instanceof WarmStart.Unknown unknown) {
            return new Outcome.Failed(unknown.reason());
        }
        Learner.Preparation preparation = learner.prepare(
                assembly, config, warmStart.folder(), Optional.of(checkpoints.resolve(FileNames.of(request.runId()))));
        if (preparation instanceof Learner.Preparation.Impossible impossible) {
            return new Outcome.Failed(impossible.reason());
        }
        try (Learner.Preparation.Ready ready = (Learner.Preparation.Ready) preparation) {
            return run(request, config, assembly, ready, began);
        }
    }

    private Outcome run(
            PendingRequest request,
            DrivetrainConfig config,
            Assembly assembly,
            Learner.Preparation.Ready ready,
            Instant began)
            throws InterruptedException, IOException {
        DoctorGate.Decision decision = examined(request, config, assembly, ready);
        if (decision instanceof DoctorGate.Decision.Refuse refuse) {
            return new Outcome.Refused(refuse.reason());
        }
        List<DoctorFinding> findings = ((DoctorGate.Decision.Train) decision).findings();
        progress.tell(
                request,
                TrainingPhase.FITTING,
                "Training %s on %d samples of %d drives"
                        .formatted(
                                config.training().network(),
                                assembly.view(Split.TRAIN).size(),
                                assembly.view(Split.TRAIN).drives().size()),
                assembly.sizes());
        RunProgress watched = new RunProgress(progress, request, assembly.sizes(), clock);
        Learner.Outcome outcome = ready.learn(watched.fit());
        if (outcome instanceof Learner.Outcome.NotLearned not) {
            return new Outcome.Failed(not.reason());
        }
        Learner.Outcome.Learned learned = (Learner.Outcome.Learned) outcome;
        try (Learner.Model model = learned.model()) {
            return graded(request, config, assembly, model, findings, results(learned.epochs()), watched, began);
        }
    }

    /** What {@code training.doctor} makes of a look at the set-up. */
    private DoctorGate.Decision examined(
            PendingRequest request, DrivetrainConfig config, Assembly assembly, Learner.Preparation.Ready ready)
            throws InterruptedException {
        DoctorGate gate = DoctorGate.parse(config.training().doctor());
        if (!gate.looks()) {
            return new DoctorGate.Decision.Train(List.of(), "");
        }
        Optional<ExaminedRecipes.Examined> known = recipes.find(config);
        progress.tell(
                request,
                TrainingPhase.ASSEMBLING,
                TrainingStage.DOCTOR,
                known.map(earlier ->
                                "The doctor looks the samples over; network, loss and updates were examined before %s, which had the same recipe"
                                        .formatted(earlier.runId()))
                        .orElse("The doctor looks the set-up over"),
                assembly.sizes());
        Examination examination =
                ready.examine(known.map(ExaminedRecipes.Examined::findings).orElse(List.of()));
        recipes.note(config, request.runId(), examination);
        DoctorGate.Decision decision = gate.decide(examination, known);
        if (decision instanceof DoctorGate.Decision.Train train) {
            progress.tell(request, TrainingPhase.ASSEMBLING, TrainingStage.DOCTOR, train.message(), assembly.sizes());
        }
        return decision;
    }

    /** Forgets what a run wrote to be continued; called when it has been published or has failed for good. */
    void forget(PendingRequest request) {
        try {
            ModelFolder.delete(checkpoints.resolve(FileNames.of(request.runId())));
        } catch (IOException e) {
            LOG.warn("The checkpoints of {} stay: {}", request.runId(), e.getMessage());
        }
    }

    private Outcome graded(
            PendingRequest request,
            DrivetrainConfig config,
            Assembly assembly,
            Learner.Model model,
            List<DoctorFinding> findings,
            List<EpochResult> epochs,
            RunProgress watched,
            Instant began)
            throws InterruptedException, IOException {
        watched.tell(TrainingStage.GRADING, "Grading the model on all four splits");
        String modelId = "%s-%s"
                .formatted(config.training().network(), model.weightsSha256().substring(0, ID_DIGITS));
        int reads = assembly.view(Split.TEST).size() == 0
                ? 0
                : testReads.note(assembly.view(Split.TEST).drives(), request.runId());
        Map<Split, float[][]> probabilities = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            SplitView view = assembly.view(split);
            if (view.size() > 0) {
                probabilities.put(
                        split,
                        model.probabilities(
                                view,
                                watched.judging(
                                        TrainingStage.GRADING,
                                        "Grading the model on %s".formatted(Splits.label(split)),
                                        view.size())));
            }
        }
        Path unfinished = models.begin(modelId, model::save);
        List<Outgoing> outgoing = new ArrayList<>();
        GradedRun graded =
                new GradedRun(request, modelId, config, assembly, model, probabilities, unfinished, outgoing, watched);
        Provenance provenance = provenance(config, assembly, model);
        TrainingReport.Builder building = TrainingReport.newBuilder()
                .setRunId(request.runId())
                .setRequestId(request.requestId())
                .setModelId(modelId)
                .setNetwork(config.training().network())
                .setClasses(config.classes())
                .setFindings(findings)
                .setEpochs(epochs)
                .setBestEpoch(model.bestEpoch())
                .setTestReads(reads)
                .setBootstrapReplicates(config.training().bootstrapReplicates())
                .setProvenance(provenance);
        for (ReportPart part : parts()) {
            part.add(graded, building);
        }
        watched.tell(TrainingStage.PUBLISHING, "Publishing the report");
        Instant now = clock.instant();
        TrainingReport report = building.setTrainingSeconds(
                        Duration.between(began, now).toMillis() / 1000.0)
                .setPublishedAt(now)
                .build();
        if (request.reproduces().isPresent()) {
            ModelFolder.delete(unfinished);
            outgoing.add(Outgoing.of(Topic.TRAINING_REPORT, request.runId(), report));
            outgoing.add(end(request, report, assembly, config));
            return new Outcome.Ready(Optional.empty(), outgoing, report.getVerdict());
        }
        String sha256 = ModelFolder.sha256(unfinished.resolve("model.zip"));
        Path folder = models.finish(modelId, unfinished, documents(assembly, provenance, report));
        boolean champion =
                report.getPromotion() == null || report.getPromotion().getChampion();
        ModelPublished announced = ModelPublished.newBuilder()
                .setModelId(modelId)
                .setRunId(request.runId())
                .setNetwork(config.training().network())
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
                .setChampion(champion)
                .setPublishedAt(now)
                .build();
        outgoing.add(Outgoing.of(Topic.TRAINING_REPORT, request.runId(), report));
        outgoing.add(Outgoing.of(Topic.MODELS_PUBLISHED, modelId, announced));
        outgoing.add(end(request, report, assembly, config));
        return new Outcome.Ready(
                SyntheticPart.synthetic(config) ? Optional.empty() : Optional.of(modelId),
                outgoing,
                report.getVerdict());
    }

    /** In the order in which a part may read what another has filled. */
    private List<ReportPart> parts() {
        Published before = published.readOnce();
        EarlierModels earlier = new EarlierModels(learner);
        return List.of(
                new GradePart(),
                new LabelNoisePart(learner, clock),
                new LearningCurvePart(learner, before),
                new SlicesPart(clock, modelsFolder),
                new ChangesPart(before, earlier),
                new PromotionPart(before, earlier, clock),
                new NextStepsPart(before),
                new SyntheticPart(),
                new ReproductionPart(before));
    }

    private Outgoing end(PendingRequest request, TrainingReport report, Assembly assembly, DrivetrainConfig config) {
        return Outgoing.of(
                Topic.TRAINING_PROGRESS,
                request.runId(),
                progress.record(
                                request.runId(),
                                Optional.of(request.requestId()),
                                TrainingPhase.PUBLISHED,
                                request.reproduces().isPresent()
                                        ? report.getVerdict()
                                        : "Model %s is published. %s"
                                                .formatted(report.getModelId(), report.getVerdict()))
                        .setEpoch(report.getEpochs().size())
                        .setEpochs(config.training().maxEpochs())
                        .setSamples(assembly.sizes())
                        .build());
    }

    private static Map<String, String> documents(Assembly assembly, Provenance provenance, TrainingReport report) {
        ObjectNode profile = ReferenceProfile.of(assembly);
        Map<String, String> documents = new TreeMap<>();
        documents.put("provenance.json", RecordJson.of(provenance).toPrettyString());
        documents.put("report.json", RecordJson.of(report).toPrettyString());
        documents.put("reference-profile.json", profile.toPrettyString());
        return documents;
    }

    private static List<EpochResult> results(List<EpochProgress> epochs) {
        return epochs.stream()
                .map(epoch -> new EpochResult(
                        epoch.epoch(),
                        epoch.trainLoss(),
                        epoch.trainError(),
                        epoch.trainDevLoss(),
                        epoch.trainDevError()))
                .toList();
    }

    private Provenance provenance(DrivetrainConfig config, Assembly assembly, Learner.Model model) {
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
