package io.drivetrain.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.RetrainingRequest;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitResult;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TopicOffset;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.schemas.TrainingProgress;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.schemas.Wire;
import io.drivetrain.trainer.assemble.Samples;
import io.drivetrain.trainer.check.BackendStatus;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.fit.FittedModel;
import io.drivetrain.trainer.publish.Outgoing;
import io.drivetrain.trainer.schedule.DoctorVisit;
import io.drivetrain.trainer.schedule.FitLearner;
import io.drivetrain.trainer.schedule.Learner;
import io.drivetrain.trainer.schedule.PendingRequest;
import io.drivetrain.trainer.schedule.TrainerException;
import io.drivetrain.trainer.schedule.TrainerService;
import io.drivetrain.trainer.schedule.TrainerState;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trainer against a real broker: most tests learn with {@link PixelRule}, two with a real network. */
class TrainerIT {
    private static final int SIZE = 16;

    @TempDir
    static Path brokerDirectory;

    private static TestBroker broker;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = TestBroker.start(brokerDirectory);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void emptyTopics() throws Exception {
        broker.resetTopics();
    }

    private DrivetrainConfig config(String... keysAndValues) {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("kafka.bootstrap", broker.bootstrap());
        overrides.put("classes", "bright,dark");
        overrides.put("image.width", "" + SIZE);
        overrides.put("image.height", "" + SIZE);
        overrides.put("training.directory", directory.toString());
        overrides.put("training.max-epochs", "3");
        overrides.put("training.batch-size", "32");
        overrides.put("training.bootstrap-replicates", "200");
        overrides.put("retraining.min-new-source-drives", "3");
        overrides.put("retraining.settle", "PT1S");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            overrides.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return ConfigReader.read(Optional.empty(), Map.of(), overrides);
    }

    private static TrainerService start(DrivetrainConfig config, Learner learner) throws TrainerException {
        return TrainerService.start(config, learner, Map.of("drivetrain", "test"), Clock.systemUTC());
    }

    private static List<CuratedSample> drives(Split split, String prefix, int drives, int frames) {
        List<CuratedSample> samples = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            for (int frame = 0; frame < frames; frame++) {
                samples.add(Samples.sample(split, prefix + drive, frame));
            }
        }
        return samples;
    }

    private static List<CuratedSample> world() {
        List<CuratedSample> samples = drives(Split.TRAIN, "a", 12, 20);
        samples.addAll(drives(Split.TRAIN_DEV, "b", 6, 10));
        samples.addAll(drives(Split.TEST_DEV, "c", 6, 10));
        samples.addAll(drives(Split.TEST, "d", 6, 10));
        return samples;
    }

    private static RetrainingRequest.Builder request(String id, RetrainingReason reason) {
        return RetrainingRequest.newBuilder()
                .setRequestId(id)
                .setReason(reason)
                .setRequestedAt(Instant.ofEpochSecond(1_700_000_000L));
    }

    private static TrainingReport awaitReport(String requestId) throws Exception {
        return broker
                .await(Topic.TRAINING_REPORT, TrainingReport.class, r -> requestId.equals(r.getRequestId()))
                .stream()
                .filter(r -> requestId.equals(r.getRequestId()))
                .findFirst()
                .orElseThrow();
    }

    private static List<TrainingProgress> awaitPhase(String requestId, TrainingPhase phase) throws Exception {
        return broker.await(
                Topic.TRAINING_PROGRESS,
                TrainingProgress.class,
                p -> requestId.equals(p.getRequestId()) && p.getPhase() == phase);
    }

    private static void awaitSamples(TrainerService service, int trainSamples) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (service.samples(Split.TRAIN) < trainSamples) {
            assertThat(System.nanoTime()).as("time").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private FitLearner network(DrivetrainConfig config) throws Exception {
        BackendStatus backend = NativeBackend.start(config.training().threads());
        return new FitLearner(TrainerService.CHANNELS, backend);
    }

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
    void anAlertWaitsForNewDrivesAndThenTrainsOnThem() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("before", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("before");
            broker.sendRequest(request("alerted", RetrainingReason.ALERT)
                    .setAlertId("alert-1")
                    .build());
            List<TrainingProgress> waiting = awaitPhase("alerted", TrainingPhase.WAITING_FOR_DATA);
            assertThat(waiting.get(waiting.size() - 1).getMessage())
                    .isEqualTo("Waiting for new SOURCE drives in train: 0 of 3 have arrived since the last model");
            broker.sendSamples(drives(Split.TRAIN, "night", 3, 20));
            TrainingReport report = awaitReport("alerted");
            assertThat(report.getSplits().get(0).getDrives()).isEqualTo(15);
            assertThat(report.getTestReads()).isEqualTo(2);
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aRequestWithOffsetsWaitsForThemAndUsesNoRecordAfter() throws Exception {
        broker.sendSamples(world());
        List<TopicOffset> upTo = new ArrayList<>();
        broker.ends(Topic.SAMPLES_TRAIN, Topic.SAMPLES_TRAIN_DEV, Topic.SAMPLES_TEST_DEV, Topic.SAMPLES_TEST)
                .forEach((partition, end) -> upTo.add(new TopicOffset(partition.topic(), partition.partition(), end)));
        broker.sendSamples(drives(Split.TRAIN, "later", 5, 4));
        List<TopicOffset> ahead = new ArrayList<>();
        for (TopicOffset offset : upTo) {
            ahead.add(new TopicOffset(
                    offset.getTopic(),
                    offset.getPartition(),
                    offset.getTopic().equals("samples.test") ? offset.getOffset() + 1_000_000 : offset.getOffset()));
        }
        broker.sendRequest(
                request("ahead", RetrainingReason.MANUAL).setUpTo(ahead).build());
        broker.sendRequest(
                request("exact", RetrainingReason.MANUAL).setUpTo(upTo).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            TrainingReport report = awaitReport("exact");
            assertThat(report.getSplits().get(0).getSamples()).isEqualTo(240);
            assertThat(report.getProvenance().getOffsets()).containsExactlyInAnyOrderElementsOf(upTo);
            assertThat(awaitPhase("ahead", TrainingPhase.WAITING_FOR_DATA))
                    .filteredOn(p -> "ahead".equals(p.getRequestId()))
                    .allMatch(p -> p.getPhase() == TrainingPhase.WAITING_FOR_DATA)
                    .last()
                    .extracting(TrainingProgress::getMessage)
                    .asString()
                    .startsWith("Waiting for samples.test/0 to reach offset 1000");
            assertThat(service.end()).isNotDone();
        }
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
    void whatTheDoctorFindsWrongIsNotTrainedUnlessItIsOnlyToWarn() throws Exception {
        DoctorFinding leakage =
                new DoctorFinding("split-leakage", "train, test", 0.1, true, "9 of 10 are copies.", "Split by drive.");
        Examination ill = new Examination(List.of(leakage), List.of());
        broker.sendSamples(world());
        PixelRule learner = new PixelRule();
        learner.find(ill);
        broker.sendRequest(request("refused", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), learner)) {
            assertThat(awaitPhase("refused", TrainingPhase.FAILED)).last().satisfies(p -> {
                assertThat(p.getRefused()).isTrue();
                assertThat(p.getMessage())
                        .startsWith("The doctor refuses this training: split-leakage (train, test): 9 of 10");
            });
            learner.find(ill);
            broker.sendRequest(request("warned", RetrainingReason.MANUAL)
                    .setOverrides(Map.of("training.doctor", "warn"))
                    .build());
            assertThat(awaitReport("warned").getFindings()).containsExactly(leakage);
            learner.find(ill);
            broker.sendRequest(request("unseen", RetrainingReason.MANUAL)
                    .setOverrides(Map.of("training.doctor", "off"))
                    .build());
            assertThat(awaitReport("unseen").getFindings()).isEmpty();
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void theDoctorExaminesTheSameBesideATrainerAndWithoutOne() throws Exception {
        broker.sendSamples(world());
        DrivetrainConfig config = config();
        Learner learner = network(config);
        List<String> told = new ArrayList<>();
        DoctorVisit.Outcome alone = DoctorVisit.pay(config, learner, Clock.systemUTC(), told::add);
        assertThat(told).singleElement().asString().startsWith("No trainer has read all samples into");
        assertThat(alone)
                .isInstanceOfSatisfying(
                        DoctorVisit.Outcome.Examined.class,
                        examined -> assertThat(examined.examination().failed()).isEmpty());
        told.clear();
        try (TrainerService service = start(config, learner)) {
            awaitSamples(service, 240);
            assertThat(DoctorVisit.pay(config, learner, Clock.systemUTC(), told::add))
                    .isEqualTo(alone);
            assertThat(told).isEmpty();
            assertThat(service.end()).isNotDone();
        }
    }

    /** What the doctor's process printed, and its exit code. */
    private record Said(int code, String out, String err) {}

    private Said doctor(String... settings) {
        List<String> arguments = new ArrayList<>();
        Map<String, String> keys = new LinkedHashMap<>(config().asText());
        keys.keySet()
                .retainAll(List.of("kafka.bootstrap", "classes", "image.width", "image.height", "training.directory"));
        keys.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = DoctorMain.run(
                arguments.toArray(String[]::new),
                Map.of(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void theDoctorsProcessPrintsOneDocumentAndEndsWithItsVerdict() throws Exception {
        Said nothing = doctor();
        assertThat(nothing.code()).as(nothing.err()).isEqualTo(1);
        assertThat(nothing.out()).isEmpty();
        assertThat(nothing.err()).contains("The split train is empty; send");

        broker.sendSamples(world());
        Said healthy = doctor("training.learning-rate=0.001");
        assertThat(healthy.code()).as(healthy.out()).isZero();
        JsonNode findings = new ObjectMapper().readTree(healthy.out()).get("findings");
        assertThat(findings)
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.fieldNames())
                        .toIterable()
                        .containsExactly("check", "subject", "score", "failed", "evidence", "advice"));

        Said ill = doctor("training.learning-rate=0.0000001");
        assertThat(ill.code()).isEqualTo(3);
        assertThat(new ObjectMapper()
                        .readTree(ill.out())
                        .at("/findings/0/check")
                        .asText())
                .isEqualTo("learning-rate-too-low");

        Said wrong = doctor("training.network=alexnet");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.out()).isEmpty();
    }

    @Test
    void theDoctorSaysWhyThereIsNothingToExamine() throws Exception {
        DrivetrainConfig config = config();
        assertThat(DoctorVisit.pay(config, new PixelRule(), Clock.systemUTC(), told -> {}))
                .isInstanceOfSatisfying(
                        DoctorVisit.Outcome.NotExamined.class,
                        not -> assertThat(not.reason()).startsWith("The split train is empty; send"));
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
    void anInterruptedRunIsRepeatedAfterTheRestartOnTheSameDataAndPublishedOnce() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("slow", RetrainingReason.MANUAL).build());
        PixelRule blocked = new PixelRule();
        blocked.block();
        long stopBegan;
        try (TrainerService service = start(config(), blocked)) {
            blocked.awaitBlocked();
            broker.sendSamples(drives(Split.TRAIN, "later", 2, 5));
            stopBegan = System.nanoTime();
            assertThat(service.end()).isNotDone();
        }
        assertThat((System.nanoTime() - stopBegan) / 1e9).isLessThan(5);
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).isEmpty();

        try (TrainerService service = start(config(), new PixelRule())) {
            assertThat(awaitReport("slow").getSplits().get(0).getSamples()).isEqualTo(240);
            assertThat(service.end()).isNotDone();
        }
        // A third start, and the request sent again, publish nothing more.
        broker.sendRequest(request("slow", RetrainingReason.MANUAL).build());
        broker.sendRequest(request("last", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("last");
            assertThat(service.samples(Split.TRAIN)).isEqualTo(250);
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("slow", "last");
    }

    @Test
    void aTrainerThatLostItsFolderDoesNotAnswerOldRequestsAgain() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("old", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("old");
            assertThat(service.end()).isNotDone();
        }
        broker.sendRequest(request("new", RetrainingReason.MANUAL).build());
        try (TrainerService service =
                start(config("training.directory", directory.resolve("fresh").toString()), new PixelRule())) {
            awaitReport("new");
            assertThat(service.end()).isNotDone();
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("old", "new");
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
    void twoTrainersInOneFolderAreRefused() throws Exception {
        DrivetrainConfig config = config();
        try (TrainerService service = start(config, new PixelRule())) {
            assertThatThrownBy(() -> start(config, new PixelRule()))
                    .isInstanceOf(TrainerException.class)
                    .hasMessage("Another trainer works in %s; stop it, or give this one another training.directory"
                            .formatted(directory));
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void aTrainerThatAnotherOneReplacesPublishesNoMore() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("contested", RetrainingReason.MANUAL).build());
        PixelRule blocked = new PixelRule();
        blocked.block();
        try (TrainerService first =
                start(config("training.directory", directory.resolve("first").toString()), blocked)) {
            blocked.awaitBlocked();
            try (TrainerService second = start(
                    config("training.directory", directory.resolve("second").toString()), new PixelRule("another"))) {
                awaitReport("contested");
                blocked.release();
                assertThatThrownBy(() -> first.end().get(30, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(TrainerException.class)
                        .hasMessageContaining("Another trainer has begun to serve the Kafka cluster at");
                assertThat(second.end()).isNotDone();
            }
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class)).hasSize(1);
    }

    @Test
    void aResultThatWasReadyWhenTheTrainerDiedIsPublishedOnceWithoutTrainingAgain() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("first", RetrainingReason.MANUAL).build());
        TrainingReport report;
        try (TrainerService service = start(config(), new PixelRule())) {
            report = awaitReport("first");
            assertThat(service.end()).isNotDone();
        }
        report.setRequestId("ready");
        report.setRunId("run-ready");
        for (int start = 0; start < 2; start++) {
            TrainerState state = TrainerState.load(stateFile(), Instant.EPOCH);
            state.add(PendingRequest.plain(
                    "ready", RetrainingReason.MANUAL, Optional.of(state.lastModelUpTo()), Instant.EPOCH));
            state.fillOutbox(new TrainerState.Outbox(
                    "ready",
                    report.getModelId(),
                    List.of(Outgoing.of(Topic.TRAINING_REPORT, report.getRunId(), report))));
            state.save();
            PixelRule unused = new PixelRule();
            unused.throwOnce(new AssertionError("trained again"));
            try (TrainerService service = start(config(), unused)) {
                assertThat(awaitReport("ready")).isEqualTo(report);
                assertThat(service.end()).isNotDone();
            }
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRunId)
                .containsExactly("run-first", "run-ready");
    }

    @Test
    void aRequestChangesItsOwnRunAloneAndAPoisonedOneIsRefusedWithAReason() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("poisoned", RetrainingReason.MANUAL)
                .setOverrides(Map.of("training.network", "alexnet", "training.batch-size", "-1"))
                .build());
        broker.sendRequest(request("foreign", RetrainingReason.MANUAL)
                .setOverrides(Map.of("kafka.bootstrap", "elsewhere:9092"))
                .build());
        broker.sendRequest(request("large", RetrainingReason.MANUAL)
                .setOverrides(Map.of("image.width", "64"))
                .build());
        broker.sendRequest(request("limited", RetrainingReason.MANUAL)
                .setOverrides(Map.of("training.limit", "50", "image.width", "8", "image.height", "8"))
                .build());
        broker.sendRequest(request("plain", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            TrainingReport limited = awaitReport("limited");
            TrainingReport plain = awaitReport("plain");
            List<TrainingProgress> progress = broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class);

            assertThat(limited.getSplits().get(0).getSamples()).isEqualTo(50);
            assertThat(limited.getProvenance().getConfig()).containsEntry("image.width", "8");
            assertThat(plain.getSplits().get(0).getSamples()).isEqualTo(240);
            assertThat(progress)
                    .filteredOn(p -> p.getPhase() == TrainingPhase.FAILED)
                    .extracting(TrainingProgress::getRequestId)
                    .containsExactly("poisoned", "foreign", "large");
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void everyPoisonedRequestIsRefusedWithItsReasonAndTheQueueGoesOn() throws Exception {
        broker.sendSamples(world());
        byte[] torn = Wire.encode(request("torn", RetrainingReason.MANUAL).build());
        broker.send(Topic.RETRAINING_REQUESTS, "torn", Arrays.copyOf(torn, torn.length - 3));
        broker.send(Topic.RETRAINING_REQUESTS, "empty", new byte[0]);
        broker.sendRequest(request("unknown-key", RetrainingReason.MANUAL)
                .setOverrides(Map.of("training.nonsense", "1"))
                .build());
        broker.sendRequest(request("out-of-range", RetrainingReason.MANUAL)
                .setOverrides(Map.of("training.learning-rate", "-1"))
                .build());
        broker.sendRequest(request("secret", RetrainingReason.MANUAL)
                .setOverrides(Map.of("classes", "${file:/etc/hostname}"))
                .build());
        broker.sendRequest(request("no-model", RetrainingReason.MANUAL)
                .setReproduces("lenet-none")
                .build());
        broker.sendRequest(request("no-weights", RetrainingReason.MANUAL)
                .setOverrides(Map.of("improve.warm-start", "lenet-none"))
                .build());
        broker.sendRequest(request("no-partition", RetrainingReason.MANUAL)
                .setUpTo(List.of(new TopicOffset("samples.train", 99, 1L)))
                .build());
        broker.sendRequest(request("good", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("good");
            Map<String, String> reasons = new LinkedHashMap<>();
            for (TrainingProgress progress : broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class)) {
                if (progress.getPhase() == TrainingPhase.FAILED) {
                    reasons.put(progress.getRunId(), progress.getMessage());
                }
            }
            assertThat(reasons.keySet())
                    .containsExactly(
                            "run-undecodable-0-0",
                            // Each transaction ends with a marker, which takes an offset.
                            "run-undecodable-0-2",
                            "run-unknown-key",
                            "run-out-of-range",
                            "run-secret",
                            "run-no-model",
                            "run-no-weights",
                            "run-no-partition");
            assertThat(reasons.get("run-undecodable-0-0")).contains("RetrainingRequest");
            assertThat(reasons.get("run-undecodable-0-2")).startsWith("Expected a RetrainingRequest, got no bytes");
            assertThat(reasons.get("run-unknown-key")).contains("training.nonsense");
            assertThat(reasons.get("run-out-of-range")).contains("training.learning-rate", "-1");
            assertThat(reasons.get("run-secret")).startsWith("A request may not refer to files");
            assertThat(reasons.get("run-no-model")).startsWith("There is no model 'lenet-none' to reproduce");
            assertThat(reasons.get("run-no-weights")).startsWith("There is no model 'lenet-none' to start from");
            assertThat(reasons.get("run-no-partition")).startsWith("The request names offsets of samples.train/99");
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
    void aScheduledTrainingBeginsWithTheChampionOfItsDay() throws Exception {
        broker.sendSamples(world());
        SettableClock clock = new SettableClock(Instant.parse("2026-11-23T02:59:30Z"));
        DrivetrainConfig config = config("retraining.schedule", "0 3 * * *", "improve.warm-start", "champion");
        try (TrainerService service = TrainerService.start(config, new PixelRule(), Map.of(), clock)) {
            broker.sendRequest(request("first", RetrainingReason.MANUAL).build());
            TrainingReport first = awaitReport("first");
            broker.sendSamples(drives(Split.TRAIN, "more", 1, 4));
            awaitSamples(service, 244);
            clock.set(Instant.parse("2026-11-23T03:00:10Z"));
            TrainingReport scheduled = awaitReport("schedule-2026-11-23T03:00:00Z");

            assertThat(first.getProvenance().getConfig()).containsEntry("improve.warm-start", "");
            assertThat(scheduled.getProvenance().getConfig()).containsEntry("improve.warm-start", first.getModelId());
        }
    }

    @Test
    void aScheduledTrainingThatWouldLearnNothingNewIsSkippedAndNotLeftWaiting() throws Exception {
        broker.sendSamples(world());
        SettableClock clock = new SettableClock(Instant.parse("2026-11-23T02:59:30Z"));
        try (TrainerService service =
                TrainerService.start(config("retraining.schedule", "0 3 * * *"), new PixelRule(), Map.of(), clock)) {
            broker.sendRequest(request("first", RetrainingReason.MANUAL).build());
            awaitReport("first");
            clock.set(Instant.parse("2026-11-23T03:00:10Z"));
            String scheduled = "schedule-2026-11-23T03:00:00Z";

            assertThat(awaitPhase(scheduled, TrainingPhase.WAITING_FOR_DATA))
                    .filteredOn(said -> scheduled.equals(said.getRequestId()))
                    .singleElement()
                    .satisfies(said -> {
                        assertThat(said.getSkipped()).isTrue();
                        assertThat(said.getMessage()).contains("is skipped: train has no sample that the last model");
                    });
            assertThat(service.end()).isNotDone();
        }
    }

    @Test
    void alertsJoinAlsoWhereTrainingsBeginWithTheChampion() throws Exception {
        broker.sendRequest(request("alert-1", RetrainingReason.ALERT).build());
        broker.sendRequest(request("alert-2", RetrainingReason.ALERT).build());
        try (TrainerService service = start(config("improve.warm-start", "champion"), new PixelRule())) {
            assertThat(awaitPhase("alert-2", TrainingPhase.WAITING_FOR_DATA))
                    .filteredOn(p -> "alert-2".equals(p.getRequestId()))
                    .extracting(TrainingProgress::getMessage)
                    .containsExactly(
                            "Joined request alert-1, which waits for the same data; one training answers both");
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

    @Test
    void whoAsksForTheSameTrainingWhileItWaitsOrRunsIsAnsweredByIt() throws Exception {
        broker.sendSamples(world());
        PixelRule learner = new PixelRule();
        learner.block();
        try (TrainerService service = start(config(), learner)) {
            awaitSamples(service, 240);
            broker.sendRequest(request("first", RetrainingReason.MANUAL).build());
            learner.awaitBlocked();
            broker.sendRequest(request("same", RetrainingReason.MANUAL).build());
            broker.sendRequest(request("other-seed", RetrainingReason.MANUAL)
                    .setOverrides(Map.of("training.seed", "9"))
                    .build());
            broker.sendRequest(request("same-seed", RetrainingReason.MANUAL)
                    .setOverrides(Map.of("training.seed", "9"))
                    .build());
            assertThat(awaitPhase("same-seed", TrainingPhase.WAITING_FOR_DATA))
                    .filteredOn(p -> p.getJoined() != null)
                    .extracting(
                            TrainingProgress::getRequestId, TrainingProgress::getJoined, TrainingProgress::getMessage)
                    .containsExactly(
                            tuple(
                                    "same",
                                    "first",
                                    "Joined request first, which asks for the same training (data, keys and seed); run-first answers both"),
                            tuple(
                                    "same-seed",
                                    "other-seed",
                                    "Joined request other-seed, which asks for the same training (data, keys and seed); run-other-seed answers both"));
            learner.release();
            awaitReport("other-seed");
            // What has ended is asked for anew.
            broker.sendRequest(request("later", RetrainingReason.MANUAL).build());
            awaitReport("later");
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("first", "other-seed", "later");
    }

    @Test
    void whatIsWithdrawnIsStoppedOrNeverBegunAndNothingOfItStays() throws Exception {
        broker.sendSamples(world());
        PixelRule learner = new PixelRule();
        learner.block();
        try (TrainerService service = start(config(), learner)) {
            awaitSamples(service, 240);
            broker.sendRequest(request("running", RetrainingReason.MANUAL).build());
            learner.awaitBlocked();
            broker.sendRequest(request("waiting", RetrainingReason.MANUAL)
                    .setOverrides(Map.of("training.seed", "9"))
                    .build());
            broker.sendRequest(withdrawal("w1", "waiting"));
            broker.sendRequest(withdrawal("w2", "running"));
            broker.sendRequest(withdrawal("w3", "unheard-of"));
            awaitPhase("running", TrainingPhase.FAILED);
            learner.release();
            broker.sendRequest(request("last", RetrainingReason.MANUAL).build());
            awaitReport("last");
            broker.sendRequest(withdrawal("w4", "last"));
            assertThat(awaitPhase("w4", TrainingPhase.FAILED))
                    .filteredOn(p -> p.getPhase() == TrainingPhase.FAILED)
                    .extracting(
                            TrainingProgress::getRequestId,
                            TrainingProgress::getWithdrawn,
                            TrainingProgress::getMessage)
                    .containsExactlyInAnyOrder(
                            tuple(
                                    "waiting",
                                    true,
                                    "Request waiting was withdrawn before it began; ask again for what is still wanted"),
                            tuple(
                                    "running",
                                    true,
                                    "Request running was withdrawn and its training stopped, of which nothing is published; ask again for what is still wanted"),
                            tuple(
                                    "w3",
                                    false,
                                    "There is nothing to withdraw: request unheard-of neither waits nor runs; './drivetrain status' lists those that do"),
                            tuple(
                                    "w4",
                                    false,
                                    "There is nothing to withdraw: request last neither waits nor runs; './drivetrain status' lists those that do"));
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("last");
    }

    @Test
    void aRequestThatWasWithdrawnWhenTheTrainerDiedIsNotTakenUpAgain() throws Exception {
        broker.sendSamples(world());
        broker.sendRequest(request("slow", RetrainingReason.MANUAL).build());
        PixelRule blocked = new PixelRule();
        blocked.block();
        try (TrainerService service = start(config(), blocked)) {
            blocked.awaitBlocked();
            assertThat(service.end()).isNotDone();
        }
        TrainerState state = TrainerState.load(stateFile(), Instant.EPOCH);
        state.replace(state.pending("slow").orElseThrow().asWithdrawn());
        state.save();
        Path checkpoint = Files.createDirectories(directory.resolve("checkpoints/id-run-slow"));
        broker.sendRequest(request("last", RetrainingReason.MANUAL).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            awaitReport("last");
            assertThat(service.end()).isNotDone();
        }
        assertThat(checkpoint).doesNotExist();
        assertThat(broker.all(Topic.TRAINING_PROGRESS, TrainingProgress.class))
                .filteredOn(TrainingProgress::getWithdrawn)
                .extracting(TrainingProgress::getRequestId)
                .containsExactly("slow");
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("last");
    }

    private Path stateFile() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().startsWith("state-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static RetrainingRequest withdrawal(String id, String withdrawn) {
        return request(id, RetrainingReason.MANUAL).setWithdraws(withdrawn).build();
    }

    @Test
    void alertsThatWaitForTheSameDataAreAnsweredByOneTraining() throws Exception {
        broker.sendRequest(request("alert-1", RetrainingReason.ALERT).build());
        broker.sendRequest(request("alert-2", RetrainingReason.ALERT).build());
        try (TrainerService service = start(config(), new PixelRule())) {
            assertThat(awaitPhase("alert-2", TrainingPhase.WAITING_FOR_DATA))
                    .filteredOn(p -> "alert-2".equals(p.getRequestId()))
                    .extracting(TrainingProgress::getMessage)
                    .containsExactly(
                            "Joined request alert-1, which waits for the same data; one training answers both");
            broker.sendSamples(world());
            awaitReport("alert-1");
            broker.sendRequest(request("last", RetrainingReason.MANUAL).build());
            awaitReport("last");
            assertThat(service.end()).isNotDone();
        }
        assertThat(broker.all(Topic.TRAINING_REPORT, TrainingReport.class))
                .extracting(TrainingReport::getRequestId)
                .containsExactly("alert-1", "last");
    }

    @Test
    void theScheduleTrainsOnNewDataAndSkipsWithout() throws Exception {
        broker.sendSamples(world());
        SettableClock clock = new SettableClock(Instant.parse("2026-11-23T02:59:30Z"));
        DrivetrainConfig config = config("retraining.schedule", "0 3 * * *");
        try (TrainerService service = TrainerService.start(config, new PixelRule(), Map.of(), clock)) {
            broker.sendRequest(request("probe", RetrainingReason.MANUAL).build());
            awaitReport("probe");
            broker.sendSamples(drives(Split.TRAIN, "more", 1, 4));
            broker.sendRequest(request("probe-2", RetrainingReason.MANUAL).build());
            assertThat(awaitReport("probe-2").getSplits().get(0).getSamples()).isEqualTo(244);

            clock.set(Instant.parse("2026-11-23T03:00:10Z"));
            String skipped = "schedule-2026-11-23T03:00:00Z";
            assertThat(awaitPhase(skipped, TrainingPhase.WAITING_FOR_DATA))
                    .filteredOn(p -> skipped.equals(p.getRequestId()))
                    .singleElement()
                    .extracting(TrainingProgress::getMessage)
                    .asString()
                    .startsWith("The scheduled training of 2026-11-23T03:00:00Z is skipped: train has no sample");

            broker.sendSamples(drives(Split.TRAIN, "night", 1, 6));
            awaitSamples(service, 250);
            clock.set(Instant.parse("2026-11-24T03:00:00Z"));
            assertThat(awaitReport("schedule-2026-11-24T03:00:00Z")
                            .getSplits()
                            .get(0)
                            .getSamples())
                    .isEqualTo(250);
        }
    }

    /** A clock that stands until it is set. */
    private static final class SettableClock extends Clock {
        private volatile Instant now;

        SettableClock(Instant now) {
            this.now = now;
        }

        void set(Instant instant) {
            now = instant;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("The test is in UTC");
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
