package io.drivetrain.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TopicOffset;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.Samples;
import io.drivetrain.trainer.fit.FittedModel;
import io.drivetrain.trainer.schedule.TrainerService;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a trainer makes of requests and samples, against a real broker: most tests learn with {@link PixelRule}, two with a real network. */
class TrainerIT extends TrainerOnBroker {
    @Test
    void aRequestGivesAReportAModelAndProgress() throws Exception {
        DrivetrainConfig config = config("training.irreducible-error", "0.01");
        broker.sendSamples(world());
        broker.sendRequest(request("first", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config, network(config))) {
            TrainingReport report = awaitReport("first");

            assertThat(report.getRunId()).isEqualTo("run-first");
            assertThat(report.getFindings())
                    .as("the doctor looked the set-up over first")
                    .anyMatch(finding -> finding.getCheck().equals("baselines"))
                    .noneMatch(DoctorFinding::getFailed);
            assertThat(report.getSplits())
                    .extracting(SplitResult::getSplit)
                    .containsExactly(Split.TRAIN, Split.TRAIN_DEV, Split.TEST_DEV, Split.TEST);
            assertThat(report.getSplits()).extracting(SplitResult::getSamples).containsExactly(240L, 60L, 60L, 60L);
            assertThat(report.getSplits()).extracting(SplitResult::getDrives).containsExactly(12L, 6L, 6L, 6L);
            for (SplitResult split : report.getSplits()) {
                assertThat(split.getConfusion().stream()
                                .flatMap(List::stream)
                                .mapToLong(Long::longValue)
                                .sum())
                        .isEqualTo(split.getSamples());
                assertThat(split.getError().getValue()).isEqualTo(split.getErrors() / (double) split.getSamples());
                assertThat(split.getError().getHigh()).isGreaterThan(0);
            }
            Decomposition d = report.getDecomposition();
            double sum = d.getIrreducible().getValue()
                    + d.getBias().getValue()
                    + d.getVariance().getValue()
                    + d.getShift().getValue()
                    + d.getValidationOverfitting().getValue();
            assertThat(sum).isCloseTo(d.getTestError().getValue(), within(1e-12));
            assertThat(d.getTestError().getValue()).isLessThan(0.2);
            assertThat(report.getMetrics())
                    .extracting(MetricDecomposition::getMetric)
                    .containsExactly("balanced-error", "macro-f1-error", "log-loss");
            assertThat(report.getQuality())
                    .isNotEmpty()
                    .allSatisfy(quality -> assertThat(quality.getPerClass())
                            .extracting(ClassQuality::getLabel)
                            .isEqualTo(report.getClasses()));
            assertThat(report.getEpochs()).hasSizeBetween(1, 3);
            assertThat(report.getTestReads()).isEqualTo(1);
            assertThat(report.getProvenance().getSeed()).isEqualTo(42);
            assertThat(report.getProvenance().getOffsets())
                    .extracting(TopicOffset::getTopic)
                    .contains("samples.train", "samples.train-dev", "samples.test-dev", "samples.test");
            assertThat(report.getProvenance().getConfig()).containsEntry("training.max-epochs", "3");
            assertThat(report.getProvenance().getDataFingerprint()).matches("[0-9a-f]{64}");

            ModelPublished model =
                    broker.all(Topic.MODELS_PUBLISHED, ModelPublished.class).get(0);
            assertThat(model.getModelId())
                    .isEqualTo(report.getModelId())
                    .isEqualTo("lenet-" + model.getWeightsSha256().substring(0, 12));
            Path folder = Path.of(URI.create(model.getUri()));
            assertThat(folder)
                    .isDirectoryContaining("glob:**/model.zip")
                    .isDirectoryContaining("glob:**/provenance.json")
                    .isDirectoryContaining("glob:**/report.json")
                    .isDirectoryContaining("glob:**/reference-profile.json");
            JsonNode written = new ObjectMapper().readTree(Files.readString(folder.resolve("report.json")));
            assertThat(written.path("decomposition")
                            .path("testError")
                            .path("value")
                            .asDouble())
                    .isEqualTo(d.getTestError().getValue());
            JsonNode profile = new ObjectMapper().readTree(Files.readString(folder.resolve("reference-profile.json")));
            assertThat(profile.at("/splits/train/drives").asInt()).isEqualTo(12);
            assertThat(profile.at("/splits/train/quantiles/brightness/5").asDouble())
                    .isCloseTo(0.95, within(1e-9));
            try (FittedModel loaded = FittedModel.load(folder)) {
                assertThat(loaded.weightsSha256()).isEqualTo(model.getWeightsSha256());
            }

            List<TrainingPhase> phases = awaitPhase("first", TrainingPhase.PUBLISHED).stream()
                    .map(TrainingProgress::getPhase)
                    .distinct()
                    .filter(phase -> phase != TrainingPhase.WAITING_FOR_DATA)
                    .toList();
            assertThat(phases)
                    .containsExactly(
                            TrainingPhase.ASSEMBLING,
                            TrainingPhase.FITTING,
                            TrainingPhase.GRADING,
                            TrainingPhase.PUBLISHED);
            assertThat(broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class))
                    .extracting(TrainingProgress::getStage)
                    .contains(
                            TrainingStage.ASSEMBLING,
                            TrainingStage.DOCTOR,
                            TrainingStage.FITTING,
                            TrainingStage.GRADING,
                            TrainingStage.ANALYSING,
                            TrainingStage.PUBLISHING);
            assertThat(service.samples(Split.TRAIN)).isEqualTo(240);
        }
    }

    @Test
    void sameSeedAndDataGiveTheSameWeightsAndReportInWhateverOrderTheyCame() throws Exception {
        List<String> weights = new ArrayList<>();
        List<TrainingReport> reports = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            broker.resetTopics();
            DrivetrainConfig config =
                    config("training.directory", directory.resolve("run" + run).toString());
            List<CuratedSample> samples = world();
            Collections.shuffle(samples, new Random(run));
            broker.sendSamples(samples);
            broker.sendRequest(request("run" + run, RetrainingReason.MANUAL).build());
            try (TrainerService service = start(config, network(config))) {
                TrainingReport report = awaitReport("run" + run);
                report.setRunId("");
                report.setRequestId("");
                report.setTrainingSeconds(0.0);
                report.setPublishedAt(Instant.EPOCH);
                // Each trainer writes the sheets into its own folder.
                report.getSlices().forEach(slice -> slice.setContactSheet(null));
                reports.add(report);
                weights.add(broker.all(Topic.MODELS_PUBLISHED, ModelPublished.class)
                        .get(0)
                        .getWeightsSha256());
                assertThat(service.end()).isNotDone();
            }
        }
        assertThat(weights.get(1)).isEqualTo(weights.get(0));
        assertThat(reports.get(1)).isEqualTo(reports.get(0));
    }

    @Test
    void whatCannotBeTrainedFailsWithASentenceAndTheNextRequestIsServed() throws Exception {
        broker.send(Topic.RETRAINING_REQUESTS, "x", "not a request".getBytes(StandardCharsets.UTF_8));
        broker.sendRequest(request("empty", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            List<TrainingProgress> progress = awaitPhase("empty", TrainingPhase.FAILED);
            assertThat(progress)
                    .filteredOn(p -> p.getRunId().equals("run-undecodable-0-0"))
                    .singleElement()
                    .satisfies(p -> {
                        assertThat(p.getPhase()).isEqualTo(TrainingPhase.FAILED);
                        assertThat(p.getMessage()).contains("Expected a RetrainingRequest");
                    });
            assertThat(progress.get(progress.size() - 1).getMessage()).startsWith("The split train is empty; send");

            broker.sendSamples(List.of(
                    Samples.sample(Split.TRAIN, "a", 0, Samples.DARK, SIZE),
                    Samples.sample(Split.TRAIN, "a", 1, Samples.DARK, SIZE)));
            broker.sendRequest(request("one-class", RetrainingReason.MANUAL).build());
            progress = awaitPhase("one-class", TrainingPhase.FAILED);
            assertThat(progress.get(progress.size() - 1).getMessage())
                    .isEqualTo(
                            "All 2 samples of train are 'dark'; send SOURCE drives with another class of [bright, dark]"
                                    + " too");

            broker.sendSamples(world());
            broker.sendRequest(request("good", RetrainingReason.MANUAL).build());
            awaitReport("good");
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aRunThatThrowsIsAFailureOfThatRunOnly() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("crash", RetrainingReason.MANUAL).build());
        broker.sendRequest(request("good", RetrainingReason.MANUAL)
                .setOverrides(Map.of("training.seed", "9"))
                .build());
        PixelRule learner = new PixelRule();
        learner.throwOnce(new OutOfMemoryError("no more"));
        try (TrainerService service = start(config(), learner)) {
            awaitReport("good");
            assertThat(awaitPhase("crash", TrainingPhase.FAILED))
                    .filteredOn(p -> p.getPhase() == TrainingPhase.FAILED)
                    .singleElement()
                    .extracting(TrainingProgress::getMessage)
                    .asString()
                    .startsWith("The training ended unexpectedly (java.lang.OutOfMemoryError: no more)");
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void samplesThatCannotBeUsedAreSkipped() throws Exception {
        broker.send(Topic.SAMPLES_TRAIN, "x", new byte[] {1, 2, 3});
        broker.sendSamples(List.of(Samples.sample(Split.TRAIN, "wide", 0, Samples.DARK, 2 * SIZE)));
        broker.sendSamples(world());
        broker.sendRequest(request("rest", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            assertThat(awaitReport("rest").getSplits().get(0).getSamples()).isEqualTo(240);
            assertThat(awaitPhase("rest", TrainingPhase.PUBLISHED))
                    .extracting(TrainingProgress::getMessage)
                    .anyMatch(m ->
                            m.startsWith("Left out: 0 samples of classes that are not configured, 2 records that"));
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void theChampionAndTheModelBeforeAreOftenTheSameAndThenLoadedOnce() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("one", RetrainingReason.MANUAL).build());
        PixelRule learner = new PixelRule();
        try (TrainerService service = start(config(), learner)) {
            TrainingReport one = awaitReport("one");
            assertThat(learner.loads()).isZero();
            broker.sendSamples(drives(Split.TRAIN, "more", 1, 4));
            broker.sendRequest(request("two", RetrainingReason.MANUAL).build());
            TrainingReport two = awaitReport("two");

            assertThat(two.getChanges().getComparedWith()).isEqualTo(one.getModelId());
            assertThat(two.getChanges().getOutcome())
                    .containsKeys("train", "train-dev", "test-dev", "test", "variance", "shift");
            assertThat(two.getPromotion().getAgainst()).isEqualTo(one.getModelId());
            assertThat(two.getPromotion().getReason()).startsWith("Not worse than the champion");
            assertThat(learner.loads()).isEqualTo(1);
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void syntheticScenesNeedNoStreamAndTheirModelIsNeverPromotedNorAsksForAnything() throws Exception {
        broker.sendRequest(request("drawn", RetrainingReason.MANUAL)
                .setUpTo(List.of(new TopicOffset(Topic.SAMPLES_TRAIN.topicName(), 0, 0L)))
                .setOverrides(Map.of("training.data", "synthetic", "classes", "pedestrian,no-pedestrian"))
                .build());
        broker.sendRequest(request("wrong classes", RetrainingReason.MANUAL)
                .setUpTo(List.of(new TopicOffset(Topic.SAMPLES_TRAIN.topicName(), 0, 0L)))
                .setOverrides(Map.of("training.data", "synthetic"))
                .build());
        try (TrainerService service = start(config(), new PixelRule())) {
            TrainingReport report = awaitReport("drawn");
            List<TrainingProgress> failed = awaitPhase("wrong classes", TrainingPhase.FAILED);

            assertThat(report.getVerdict()).startsWith("On synthetic scenes, which say nothing about the stream: ");
            assertThat(report.getPromotion().getChampion()).isFalse();
            assertThat(report.getPromotion().getReason()).contains("never promoted");
            assertThat(report.getSplits())
                    .allSatisfy(split -> assertThat(split.getSamples()).isGreaterThan(150));
            assertThat(report.getProvenance().getConfig()).containsEntry("training.data", "synthetic");
            assertThat(report.getProvenance().getOffsets()).isEmpty();
            assertThat(broker.all(Topic.MODELS_ALIASES, ModelAlias.class)).isEmpty();
            assertThat(broker.all(Topic.MODELS_PUBLISHED, ModelPublished.class))
                    .extracting(ModelPublished::getChampion)
                    .containsExactly(false);
            assertThat(broker.all(Topic.COLLECTION_REQUESTS, CollectionRequest.class))
                    .isEmpty();
            assertThat(failed.get(failed.size() - 1).getMessage())
                    .startsWith("Synthetic scenes are of the classes [pedestrian, no-pedestrian]");
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aModelIsTrainedAgainFromItsProvenanceAndComparedWithoutBecomingAnother() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("first", RetrainingReason.MANUAL)
                .setOverrides(Map.of(
                        "training.limit", "100",
                        "training.max-epochs", "2",
                        "analysis.label-noise-folds", "2",
                        "analysis.learning-curve-points", "2"))
                .build());
        DrivetrainConfig config = config();
        try (TrainerService service = start(config, network(config))) {
            TrainingReport first = awaitReport("first");
            broker.sendSamples(drives(Split.TRAIN, "later", 2, 5));
            broker.sendRequest(request("again", RetrainingReason.MANUAL)
                    .setReproduces(first.getModelId())
                    .build());
            TrainingReport again = awaitReport("again");

            assertThat(again.getVerdict())
                    .startsWith("Reproduced %s: the weights are identical".formatted(first.getModelId()))
                    .endsWith(
                            "The report is identical: errors, decomposition, metrics, calibration, epochs, label noise, learning curve, shift, slices.");
            assertThat(again.getLabelNoise()).isNotNull().isEqualTo(first.getLabelNoise());
            assertThat(again.getLearningCurve()).isNotNull().isEqualTo(first.getLearningCurve());
            assertThat(again.getSlices()).isNotEmpty();
            assertThat(again.getSplits()).isEqualTo(first.getSplits());
            assertThat(again.getChanges().getDataChanged()).isFalse();
            assertThat(broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class))
                    .filteredOn(p -> "again".equals(p.getRequestId()))
                    .extracting(TrainingProgress::getMessage)
                    .anyMatch(message -> message.startsWith("The doctor found nothing wrong in")
                            && message.endsWith("were made before run-first, which had the same recipe"));
            assertThat(broker.all(Topic.MODELS_PUBLISHED, ModelPublished.class)).hasSize(1);
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aModelThatIsWorseStaysAChallengerAndTheReportSaysWhatTheRunChanged() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("good", RetrainingReason.MANUAL).build());
        broker.sendRequest(request("bad", RetrainingReason.MANUAL)
                .setOverrides(Map.of("training.learning-rate", "0.0000001", "training.max-epochs", "1"))
                .setStep("tuning")
                .build());
        // The doctor, which sees at once that this learning rate is too low, only warns.
        DrivetrainConfig config = config("training.learning-rate", "0.001", "training.doctor", "warn");
        try (TrainerService service = start(config, network(config))) {
            TrainingReport good = awaitReport("good");
            TrainingReport bad = awaitReport("bad");

            assertThat(good.getPromotion().getChampion()).isTrue();
            assertThat(good.getChanges()).isNull();
            assertThat(good.getNextSteps()).isNotEmpty();
            assertThat(bad.getFindings())
                    .filteredOn(DoctorFinding::getFailed)
                    .extracting(DoctorFinding::getCheck)
                    .containsExactly("learning-rate-too-low");
            assertThat(bad.getPromotion().getChampion()).isFalse();
            assertThat(bad.getPromotion().getReason()).startsWith("Worse than the champion");
            assertThat(bad.getPromotion().getAgainst()).isEqualTo(good.getModelId());
            assertThat(bad.getChanges().getStep()).isEqualTo("tuning");
            assertThat(bad.getChanges().getKeys())
                    .containsEntry("training.learning-rate", "0.001 -> 0.0000001")
                    .containsEntry("training.max-epochs", "3 -> 1");
            assertThat(bad.getChanges().getOutcome().get("train-dev").getValue())
                    .isCloseTo(
                            bad.getSplits().get(1).getError().getValue()
                                    - good.getSplits().get(1).getError().getValue(),
                            within(1e-9));
            assertThat(broker.all(Topic.MODELS_ALIASES, ModelAlias.class))
                    .singleElement()
                    .extracting(ModelAlias::getModelId)
                    .isEqualTo(good.getModelId());
            assertThat(broker.all(Topic.MODELS_PUBLISHED, ModelPublished.class))
                    .extracting(ModelPublished::getChampion)
                    .containsExactly(true, false);
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aChampionThatIsTrainedAgainKeepsTheOneBeforeItToRollBackTo() throws Exception {
        broker.sendSamples(world());
        try (TrainerService service = start(config(), new PixelRule())) {
            broker.sendRequest(request("once", RetrainingReason.MANUAL).build());
            TrainingReport once = awaitReport("once");
            broker.sendRequest(request("again", RetrainingReason.MANUAL).build());
            TrainingReport again = awaitReport("again");

            assertThat(again.getModelId()).isEqualTo(once.getModelId());
            assertThat(again.getPromotion().getReason()).isEqualTo("The champion itself, trained again.");
            assertThat(broker.all(Topic.MODELS_ALIASES, ModelAlias.class))
                    .singleElement()
                    .satisfies(alias -> {
                        assertThat(alias.getModelId()).isEqualTo(once.getModelId());
                        assertThat(alias.getPreviousModelId()).isNull();
                    });
            assertThat(service.end()).isNotDone();
        }
    }
}
