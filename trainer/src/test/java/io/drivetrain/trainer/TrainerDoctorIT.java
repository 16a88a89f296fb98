package io.drivetrain.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RetrainingReason;
import io.drivetrain.schemas.TrainingPhase;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.schedule.DoctorVisit;
import io.drivetrain.trainer.schedule.Learner;
import io.drivetrain.trainer.schedule.TrainerService;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the doctor keeps a trainer from, and its own process, against a real broker. */
class TrainerDoctorIT extends TrainerOnBroker {
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
}
