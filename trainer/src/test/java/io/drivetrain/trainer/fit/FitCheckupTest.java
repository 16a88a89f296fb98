package io.drivetrain.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.trainer.build.NetworkSpec;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.doctor.Doctor;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.check.doctor.Patient;
import io.drivetrain.trainer.check.doctor.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class FitCheckupTest {
    private static final List<String> CLASSES = List.of("left", "right");
    private static final FitSettings SETTINGS = new FitSettings(2, 2, 32, 5, 2);

    @TempDir
    private Path folder;

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    private static NetworkSpec network(String name, List<String> telemetry, int frames, double dropout) {
        return new NetworkSpec(
                name, 3, BrightSquares.SIDE, BrightSquares.SIDE, 2, 3, 1e-3, telemetry, frames, 0, dropout);
    }

    private static FitRequest request(NetworkSpec network, FitSettings settings, Optional<Path> warmStart) {
        return new FitRequest(
                BrightSquares.of(200, 1), BrightSquares.of(120, 2), network, settings, warmStart, Optional.empty());
    }

    private static FitCheckup.NamedSplit named(String name, FitRequest request) {
        var samples = name.equals("train") ? request.train() : request.trainDev();
        return new FitCheckup.NamedSplit(name, samples, index -> name + index, index -> name + samples.drive(index));
    }

    private static FitCheckup checkup(FitRequest request) {
        FitCheckup.Outcome outcome =
                FitCheckup.of(request, CLASSES, named("train", request), List.of(named("train-dev", request)));
        assertThat(outcome).isInstanceOf(FitCheckup.Outcome.Ready.class);
        return ((FitCheckup.Outcome.Ready) outcome).checkup();
    }

    private static Examination examine(FitRequest request) throws InterruptedException {
        try (FitCheckup checkup = checkup(request)) {
            return checkup.examine(Settings.standard(7));
        }
    }

    private static FittedModel fit(FitRequest request) throws InterruptedException {
        FitOutcome outcome = new Fitter().fit(request, epoch -> {});
        assertThat(outcome).isInstanceOf(FitOutcome.Fitted.class);
        return ((FitOutcome.Fitted) outcome).model();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dense", "lenet", "lstm", "resnet18"})
    void theNetworksAreHealthyWithTheBatchesThatTheyWillBeFittedTo(String name) throws InterruptedException {
        Examination examination = examine(request(network(name, List.of(), 3, 0), SETTINGS, Optional.empty()));
        assertThat(examination.failed()).isEmpty();
        assertThat(examination.findings())
                .extracting(DoctorFinding::getCheck)
                .contains("overfit-one-batch-plateaus", "fails-on-reference-set", "baselines");
    }

    @Test
    void aFitGivesTheSameBitsWhetherTheDoctorLookedBeforeOrNot() throws InterruptedException {
        FitRequest request = request(network("lenet", List.of(), 1, 0.5), SETTINGS, Optional.empty());
        try (FittedModel before = fit(request)) {
            assertThat(examine(request).failed()).isEmpty();
            try (FittedModel after = fit(request)) {
                assertThat(after.weightsSha256()).isEqualTo(before.weightsSha256());
            }
        }
    }

    @Test
    void theSameSetUpGetsTheSameFindings() throws InterruptedException {
        FitRequest request = request(network("lenet", List.of(), 1, 0.5), SETTINGS, Optional.empty());
        assertThat(examine(request)).isEqualTo(examine(request));
    }

    @Test
    void aWarmStartWithFrozenLayersIsHealthyAndTheFrozenOnesAreDeclared() throws Exception {
        NetworkSpec network = network("lenet", List.of(), 1, 0);
        try (FittedModel model = fit(request(network, SETTINGS, Optional.empty()))) {
            model.save(folder);
        }
        FitRequest warm = request(network, SETTINGS.withFreeze(1), Optional.of(folder));
        try (FitCheckup checkup = checkup(warm)) {
            Set<String> frozen = checkup.patient().declared().frozenLayers();
            assertThat(frozen).contains("convolution1").doesNotContain("convolution2", "classes");
            assertThat(checkup.examine(Settings.standard(7)).failed()).isEmpty();
        }
    }

    @Test
    void aWarmStartWithAModelThatKnowsTheSamplesIsHealthy() throws Exception {
        NetworkSpec network = network("lenet", List.of(), 1, 0);
        try (FittedModel model = fit(request(network, new FitSettings(40, 40, 16, 5, 2), Optional.empty()))) {
            model.save(folder);
        }
        assertThat(examine(request(network, SETTINGS, Optional.of(folder))).failed())
                .isEmpty();
    }

    @Test
    void whatCannotBeFittedHasAReasonAndNoExamination() {
        FitRequest request = request(network("lenet", List.of(), 1, 0), SETTINGS.withFreeze(1), Optional.empty());
        assertThat(FitCheckup.of(request, CLASSES, named("train", request), List.of()))
                .isInstanceOfSatisfying(
                        FitCheckup.Outcome.Impossible.class,
                        impossible -> assertThat(impossible.reason()).contains("improve.freeze is 1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"multi-input", "lstm"})
    void telemetryIsExaminedAsTheNetworkReadsIt(String name) throws InterruptedException {
        NetworkSpec network = network(name, List.of("speed"), name.equals("lstm") ? 3 : 1, 0);
        Drives train = Drives.ofRisingTelemetry(400, 1);
        FitRequest request = new FitRequest(
                name.equals("lstm") ? train : onSquares(train),
                name.equals("lstm") ? Drives.ofRisingTelemetry(120, 2) : onSquares(Drives.ofRisingTelemetry(120, 2)),
                network,
                SETTINGS);
        assertThat(examine(request).failed()).isEmpty();
        Examination faulty;
        try (FitCheckup checkup = checkup(request)) {
            Patient patient = checkup.patient();
            faulty = Doctor.examine(
                    patient.withTrain(split -> split.withInputs((samples, indices) -> {
                        INDArray[] read = split.inputs().read(samples, indices);
                        read[read.length - 1].muli(20).addi(90);
                        return read;
                    })),
                    Settings.standard(7));
        }
        assertThat(faulty.primary().orElseThrow().getCheck()).isEqualTo("input-not-normalised");
    }

    @Test
    void aSecondLookAtTheSameRecipeExaminesTheSamplesAlone() throws InterruptedException {
        FitRequest request = request(network("lenet", List.of(), 1, 0), SETTINGS, Optional.empty());
        try (FitCheckup checkup = checkup(request)) {
            Settings settings = Settings.standard(7);
            Examination whole = checkup.examine(settings);
            Patient untrained = checkup.patient().withTrainStep((graph, inputs, labels) -> {
                throw new AssertionError("A network was trained that is known to train");
            });
            Examination again = Doctor.examine(untrained, settings, whole.ofRecipe());

            assertThat(whole.ofRecipe())
                    .extracting(DoctorFinding::getCheck)
                    .contains("overfit-one-batch-plateaus", "fails-on-reference-set")
                    .doesNotContain("split-leakage", "labels-shuffled");
            assertThat(again).isEqualTo(whole);

            Examination leaking = Doctor.examine(
                    untrained.withOther("train-dev", split -> untrained.train()), settings, whole.ofRecipe());
            assertThat(leaking.primary().orElseThrow().getCheck()).isEqualTo("split-leakage");
            assertThat(leaking.ofRecipe()).isEmpty();
        }
    }

    @Test
    void theFitOfWhatWasExaminedIsTheFitWithoutALook() throws InterruptedException {
        FitRequest request = request(network("lenet", List.of(), 1, 0.2), SETTINGS, Optional.empty());
        String unexamined = weights(new Fitter().fit(request, epoch -> {}));
        List<DoctorFinding> known;
        try (FitCheckup first = checkup(request)) {
            known = first.examine(Settings.standard(7)).ofRecipe();
            assertThat(weights(first.fit(epoch -> {}))).isEqualTo(unexamined);
        }
        try (FitCheckup retraining = checkup(request)) {
            retraining.examine(Settings.standard(7), known);
            assertThat(weights(retraining.fit(epoch -> {}))).isEqualTo(unexamined);
        }
    }

    private static String weights(FitOutcome outcome) {
        try (FittedModel model = ((FitOutcome.Fitted) outcome).model()) {
            return model.weightsSha256();
        }
    }

    private static Drives onSquares(Drives drives) {
        return new Drives(drives.images(), drives.telemetry(), drives.images().labels(), drives.framesOfDrive());
    }

    @Test
    void theLastFrameOfASequenceIsComparedWithTheStoredImage() throws InterruptedException {
        FitRequest request = request(network("lstm", List.of(), 3, 0), SETTINGS, Optional.empty());
        try (FitCheckup checkup = checkup(request)) {
            Patient patient = checkup.patient()
                    .withTrain(split -> split.withInputs((samples, indices) -> {
                        INDArray[] read = split.inputs().read(samples, indices);
                        return new INDArray[] {read[0].mul(74).add(127)};
                    }));
            assertThat(Doctor.examine(patient, Settings.standard(7))
                            .primary()
                            .orElseThrow()
                            .getCheck())
                    .isEqualTo("input-range-0-255");
        }
    }
}
