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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Real images of {@code ../shared/data}, with the set-up of a fit and with faults that were planted by hand. */
class DoctorOnRealImagesTest {
    private static final int SIDE = 32;

    @BeforeAll
    static void startNativeCode() throws BackendException {
        NativeBackend.start(2);
    }

    private static RealImages.DataSet images(String name) throws IOException {
        Optional<RealImages.DataSet> images = RealImages.read(name, SIDE);
        String reason = "Skipped: there is no folder shared/data/%s beside the checkout".formatted(name);
        if (images.isEmpty()) {
            System.out.println(reason);
        }
        Assumptions.assumeTrue(images.isPresent(), reason);
        return images.orElseThrow();
    }

    private static Examination examine(RealImages.DataSet data, String network, long seed, UnaryOperator<Patient> fault)
            throws InterruptedException {
        FitRequest request = new FitRequest(
                data.train(),
                data.splits().get("train-dev"),
                new NetworkSpec(network, 3, SIDE, SIDE, data.classes().size(), seed, 3e-4),
                new FitSettings(30, 5, 64, seed, 2));
        FitCheckup.Outcome outcome = FitCheckup.of(
                request,
                data.classes(),
                data.train().named(),
                data.others().stream().map(RealImages::named).toList());
        try (FitCheckup checkup = ((FitCheckup.Outcome.Ready) outcome).checkup()) {
            return Doctor.examine(fault.apply(checkup.patient()), Settings.standard(seed));
        }
    }

    @ParameterizedTest(name = "{0}, {1}, seed {2}")
    @CsvSource({
        "gtsrb, lenet, 42",
        "gtsrb, resnet18, 43",
        "gtsrb, dense, 44",
        "traffic-lights, lenet, 45",
        "traffic-lights, dense, 46",
        "fashion-mnist, lenet, 47",
    })
    void nothingIsWrongWithRealImages(String name, String network, long seed) throws Exception {
        Examination examination = examine(images(name), network, seed, UnaryOperator.identity());
        assertThat(examination.failed()).isEmpty();
        assertThat(examination.findings())
                .extracting(DoctorFinding::getCheck)
                .contains("labels-shuffled", "baselines", "overfit-one-batch-plateaus", "fails-on-reference-set");
    }

    /** A fault in the images of a data set or in the steps that they pass. */
    private record Fault(UnaryOperator<RealImages.DataSet> images, UnaryOperator<Patient> steps) {}

    static Stream<Arguments> faults() {
        return Stream.of(
                planted(
                        "labels of train shuffled against its images",
                        "labels-shuffled",
                        inSplit("train", DoctorOnRealImagesTest::shuffled)),
                planted(
                        "labels of test shuffled against its images",
                        "labels-shuffled",
                        inSplit("test", DoctorOnRealImagesTest::shuffled)),
                planted(
                        "red and blue exchanged in test-dev",
                        "channel-order-swapped",
                        inSplit("test-dev", DoctorOnRealImagesTest::swapped)),
                planted("a drive of train in test, too", "split-leakage", DoctorOnRealImagesTest::leakedDrive),
                planted(
                        "brightened frames of train under other names in test-dev",
                        "split-leakage",
                        DoctorOnRealImagesTest::leakedCopies),
                planted(
                        "bytes go into the network as they are",
                        "input-range-0-255",
                        steps(patient -> patient.withSplits(split -> split.withInputs((samples, indices) -> {
                            byte[] bytes = new byte[3 * SIDE * SIDE];
                            INDArray[] read = split.inputs().read(samples, indices);
                            for (int row = 0; row < indices.length; row++) {
                                samples.readPixels(indices[row], bytes, 0);
                                for (int i = 0; i < bytes.length; i++) {
                                    read[0].putScalar((long) row * bytes.length + i, bytes[i] & 0xff);
                                }
                            }
                            return read;
                        })))),
                planted(
                        "one weight is NaN",
                        "not-finite-in-weights",
                        steps(patient -> patient.withNetwork(() -> {
                            ComputationGraph graph = patient.network().get().clone();
                            graph.params().putScalar(graph.numParams() / 2, Float.NaN);
                            return graph;
                        }))),
                planted(
                        "labels count from 1",
                        "labels-off-by-one",
                        steps(patient -> patient.withTrain(split -> split.withLabels((samples, indices) -> {
                            INDArray rows = split.labels().encode(samples, indices);
                            int classes = split.classes().size();
                            for (int row = 0; row < indices.length; row++) {
                                rows.putScalar(row, samples.label(indices[row]), 0);
                                rows.putScalar(row, (samples.label(indices[row]) + 1) % classes, 1);
                            }
                            return rows;
                        })))));
    }

    private static Arguments planted(String name, String check, UnaryOperator<RealImages.DataSet> images) {
        return Arguments.of(name, check, new Fault(images, UnaryOperator.identity()));
    }

    private static Arguments planted(String name, String check, Fault fault) {
        return Arguments.of(name, check, fault);
    }

    private static Fault steps(UnaryOperator<Patient> steps) {
        return new Fault(UnaryOperator.identity(), steps);
    }

    private static UnaryOperator<RealImages.DataSet> inSplit(String split, UnaryOperator<RealImages> change) {
        return data -> data.with(change.apply(data.splits().get(split)));
    }

    private static RealImages shuffled(RealImages images) {
        int[] labels = images.labels().clone();
        Random random = new Random(3);
        for (int i = labels.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = labels[i];
            labels[i] = labels[other];
            labels[other] = kept;
        }
        return images.withLabels(labels);
    }

    private static RealImages swapped(RealImages images) {
        int plane = SIDE * SIDE;
        byte[][] pixels = new byte[images.size()][3 * plane];
        for (int i = 0; i < pixels.length; i++) {
            System.arraycopy(images.pixels()[i], 0, pixels[i], 2 * plane, plane);
            System.arraycopy(images.pixels()[i], plane, pixels[i], plane, plane);
            System.arraycopy(images.pixels()[i], 2 * plane, pixels[i], 0, plane);
        }
        return images.withPixels(pixels);
    }

    private static RealImages.DataSet leakedDrive(RealImages.DataSet data) {
        String drive = data.train().drives().get(0);
        List<Integer> frames = new ArrayList<>();
        for (int i = 0; i < data.train().size(); i++) {
            if (data.train().drives().get(i).equals(drive)) {
                frames.add(i);
            }
        }
        return data.with(data.splits().get("test").with(data.train(), frames, drive, 0));
    }

    private static RealImages.DataSet leakedCopies(RealImages.DataSet data) {
        List<Integer> frames = new ArrayList<>();
        for (int i = 0; i < data.train().size(); i += 20) {
            frames.add(i);
        }
        return data.with(data.splits().get("test-dev").with(data.train(), frames, "another", 20));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("faults")
    void eachPlantedFaultIsFoundByItsName(String name, String check, Fault fault) throws Exception {
        RealImages.DataSet data = fault.images().apply(images("gtsrb"));
        Examination examination = examine(data, "lenet", 42, fault.steps());
        assertThat(examination.primary())
                .as("%s: %s", name, examination.findings())
                .isPresent();
        assertThat(examination.primary().orElseThrow().getCheck())
                .as("%s", examination.failed())
                .isEqualTo(check);
    }
}
