package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.ReleasedClaim;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.CoProcessOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** The stages as operators, with their memory. */
class StagesTest {
    private static final DrivetrainConfig CONFIG = TestSamples.config(Map.of("admission.duplicate-window", "PT1H"));

    @Test
    void aDriveKeepsTheDomainAndTheSplitOfItsFirstSampleAfterARestoreToo() throws Exception {
        OperatorSubtaskState snapshot;
        Split split;
        try (var harness = drives(null)) {
            harness.processElement(claim("a", 1).build(), 0);
            Claim first = harness.extractOutputValues().get(0);
            assertThat(first.clean()).isTrue();
            split = first.split();
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = drives(snapshot)) {
            harness.processElement(claim("b", 2).domain(Domain.TARGET).build(), 0);
            harness.processElement(claim("c", 3).build(), 0);
            harness.processElement(claim("d", 4).capturedAt(0).build(), 0);
            List<Claim> judged = harness.extractOutputValues();
            assertThat(codes(judged.get(0))).containsExactly("drive-in-two-domains");
            assertThat(judged.get(1).clean()).isTrue();
            assertThat(judged.get(1).split()).isEqualTo(split);
            assertThat(codes(judged.get(2))).containsExactly("frame-order-broken");
        }
    }

    @Test
    void aFrameOfTheWrongDomainDoesNotMoveTheOrderOfTheDrive() throws Exception {
        try (var harness = drives(null)) {
            harness.processElement(claim("a", 1).build(), 0);
            harness.processElement(
                    claim("b", 2).domain(Domain.TARGET).capturedAt(9_000_000).build(), 0);
            harness.processElement(claim("c", 3).build(), 0);
            harness.processElement(claim("second", 3).build(), 0);
            List<Claim> judged = harness.extractOutputValues();
            assertThat(codes(judged.get(1))).containsExactly("drive-in-two-domains");
            assertThat(judged.get(2).clean()).isTrue();
            assertThat(codes(judged.get(3))).containsExactly("frame-order-broken");
            assertThat(judged.get(3).violations().get(0).getMessage()).contains("contradicts frame 3");
        }
    }

    @Test
    void aDriveThatAnEmbargoHeldOutIsDealtWhenTheEmbargoIsShortened() throws Exception {
        // Each drive begins eight hours into its block: within twelve hours of the block before, not within two
        // minutes.
        Map<String, String> attributes = Map.of("place", "Jena");
        OperatorSubtaskState snapshot;
        try (var harness = drives(null, embargo("PT12H"))) {
            for (int day = 0; day < 10; day++) {
                harness.processElement(embargoed(day, 1, attributes), 0);
            }
            assertThat(harness.extractOutputValues().stream().flatMap(claim -> codes(claim).stream()))
                    .contains("embargoed-drive");
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = drives(snapshot, embargo("PT12H"))) {
            harness.processElement(embargoed(0, 2, attributes), 0);
            snapshot = harness.snapshot(2, 2);
        }
        try (var harness = drives(snapshot, embargo("PT2M"))) {
            for (int day = 0; day < 10; day++) {
                harness.processElement(embargoed(day, 1, attributes), 0);
            }
            assertThat(harness.extractOutputValues())
                    .allMatch(Claim::clean)
                    .extracting(Claim::split)
                    .doesNotContainNull();
        }
    }

    private static DrivetrainConfig embargo(String length) {
        return TestSamples.config(Map.of("split.embargo", length, "split.train-dev-fraction", "0.5"));
    }

    private static Claim embargoed(int day, int frame, Map<String, String> attributes) {
        return claim("day" + day + "/" + frame, frame)
                .drive("day" + day)
                .capturedAt(TestSamples.START.plus(Duration.ofDays(day)).toEpochMilli() + frame)
                .attributes(attributes)
                .build();
    }

    @Test
    void theSplitDoesNotDependOnWhichFrameComesFirstIfFramesSayWhenTheirDriveBegan() throws Exception {
        DrivetrainConfig config = TestSamples.config(Map.of(
                "split.adopt-fraction", "0.5",
                "split.adopt-from", TestSamples.START.plusSeconds(5).toString(),
                "split.test-fraction", "0"));
        Map<String, String> attributes =
                Map.of("drive-started-at", TestSamples.START.toString(), "drive-place", "Jena");
        List<Integer> frames = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        for (long seed = 1; seed <= 20; seed++) {
            Collections.shuffle(frames, new Random(seed));
            try (var harness = drives(null, config)) {
                for (int frame : frames) {
                    harness.processElement(
                            claim("d/" + frame, frame)
                                    .domain(Domain.TARGET)
                                    .drive("drive-" + seed)
                                    .capturedAt(
                                            TestSamples.START.plusSeconds(frame).toEpochMilli())
                                    .attributes(attributes)
                                    .build(),
                            0);
                }
                assertThat(harness.extractOutputValues())
                        .as("seed %d, frames in the order %s", seed, frames)
                        .allMatch(Claim::clean)
                        .extracting(Claim::split)
                        .containsOnly(Split.TEST_DEV);
            }
        }
    }

    @Test
    void theSameBytesAreAdmittedOnceAndConflictingLabelsAreNamed() throws Exception {
        try (var harness = contents()) {
            harness.processElement1(claim("a", 1).build(), 0);
            harness.processElement1(claim("b", 2).build(), 0);
            harness.processElement1(claim("c", 3).label("no-pedestrian").build(), 0);
            harness.processElement1(claim("a", 1).build(), 0);
            List<Claim> judged = harness.extractOutputValues();
            assertThat(judged.get(0).reserved()).isTrue();
            assertThat(codes(judged.get(1))).containsExactly("duplicate-content");
            assertThat(codes(judged.get(2))).containsExactly("conflicting-labels");
            assertThat(judged.get(2).contradicted()).isEqualTo(new Counted.Contradicted("annotator", 0));
            assertThat(judged.get(3).clean()).as("sent again: the id will tell").isTrue();
            assertThat(judged.get(3).reserved()).isTrue();
        }
    }

    @Test
    void whatWasReservedAndThenRefusedIsFreeAgainForItsOwnRunOnly() throws Exception {
        try (var harness = contents()) {
            Claim taken = claim("a", 1).build();
            harness.processElement1(taken, 0);
            harness.processElement2(Release.of(claim("a", 999).build()), 0);
            harness.processElement2(
                    Release.of(claim("a", 1).run("the run before").build()), 0);
            harness.processElement1(claim("b", 2).build(), 0);
            harness.processElement2(Release.of(taken), 0);
            harness.processElement1(claim("c", 3).build(), 0);
            List<Claim> judged = harness.extractOutputValues();
            assertThat(codes(judged.get(1)))
                    .as("released at another place, and in another run")
                    .containsExactly("duplicate-content");
            assertThat(judged.get(2).clean()).isTrue();
        }
    }

    @Test
    void bytesThatWereSentTwiceAreFreeWhenBothWereRefused() throws Exception {
        try (var harness = contents()) {
            harness.processElement1(claim("a", 1).build(), 0);
            harness.processElement1(claim("a", 2).build(), 0);
            harness.processElement2(Release.of(claim("a", 1).build()), 0);
            harness.processElement1(claim("b", 3).build(), 0);
            harness.processElement2(Release.of(claim("a", 2).build()), 0);
            harness.processElement1(claim("c", 4).build(), 0);
            List<Claim> judged = harness.extractOutputValues();
            assertThat(codes(judged.get(2))).containsExactly("duplicate-content");
            assertThat(judged.get(3).clean()).isTrue();
        }
    }

    @Test
    void aDriveUnderEmbargoIsRefusedWithItsReason() throws Exception {
        DrivetrainConfig embargo = TestSamples.config(Map.of("split.embargo", "PT30M", "split.embargo-scope", "all"));
        List<Claim> judged = new ArrayList<>();
        for (int place = 0; place < 20; place++) {
            try (var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                    new KeyedProcessOperator<>(new DriveOperator(embargo)), Claim::driveId, Types.STRING)) {
                harness.open();
                Claim claim = claim("a", 1)
                        .domain(Domain.TARGET)
                        .attributes(Map.of("place", Integer.toString(place)))
                        .capturedAt(TestSamples.START.plus(Duration.ofHours(6)).toEpochMilli())
                        .build();
                harness.processElement(claim, 0);
                judged.addAll(harness.extractOutputValues());
            }
        }
        List<Claim> refused = judged.stream().filter(claim -> !claim.clean()).toList();
        assertThat(refused).hasSizeBetween(10, 19).allSatisfy(claim -> {
            assertThat(codes(claim)).containsExactly("embargoed-drive");
            assertThat(claim.split()).isNull();
            assertThat(claim.violations().get(0).getMessage()).isNotBlank();
        });
    }

    @Test
    void anIdNamesOneSampleForTheDuplicateWindow() throws Exception {
        try (var harness = ids()) {
            harness.processElement(claim("a", 1).build(), 0);
            harness.setStateTtlProcessingTime(Duration.ofMinutes(59).toMillis());
            harness.processElement(claim("a", 1).place("samples.raw-0@7").build(), 0);
            harness.processElement(claim("a", 1).sha256("22").build(), 0);
            harness.processElement(claim("a", 1).label("no-pedestrian").build(), 0);
            harness.processElement(claim("a", 1).annotations(8).build(), 0);
            harness.processElement(
                    claim("a", 1).sha256("22").label("no-pedestrian").build(), 0);
            harness.setStateTtlProcessingTime(Duration.ofMinutes(61).toMillis());
            harness.processElement(claim("a", 1).build(), 0);
            List<Claim> judged = harness.extractOutputValues();
            assertThat(judged.get(0).clean()).isTrue();
            assertThat(codes(judged.get(1))).containsExactly("duplicate-sample-id");
            assertThat(judged.get(1).violations().get(0).getMessage()).contains("samples.raw-0@1");
            assertThat(codes(judged.get(2))).containsExactly("duplicate-id-different-content");
            assertThat(codes(judged.get(3))).containsExactly("duplicate-id-different-content");
            assertThat(judged.get(3).contradicted()).isEqualTo(new Counted.Contradicted("annotator", 0));
            assertThat(codes(judged.get(4))).containsExactly("duplicate-id-different-content");
            assertThat(judged.get(4).violations().get(0).getMessage()).contains("with the same image and other boxes");
            assertThat(judged.get(4).contradicted()).isNull();
            assertThat(codes(judged.get(5))).containsExactly("duplicate-id-different-content");
            assertThat(judged.get(5).contradicted())
                    .as("another picture contradicts no label")
                    .isNull();
            assertThat(judged.get(6).clean()).as("forgotten").isTrue();
        }
    }

    @Test
    void aRefusedIdMayComeAgainCorrected() throws Exception {
        try (var harness = ids()) {
            harness.processElement(claim("a", 1).violated().build(), 0);
            harness.processElement(claim("a", 1).build(), 0);
            assertThat(harness.extractOutputValues().get(1).clean()).isTrue();
        }
    }

    @Test
    void imagesAndVerdictsMeetInEitherOrderAndNothingWaitsAtACheckpoint() throws Exception {
        try (AdmissionRules rules = new AdmissionRules(CONFIG);
                var harness = new TwoInputStreamOperatorTestHarness<Inspected, Claim, Admitted>(
                        new CoProcessOperator<>(new SettleOperator()))) {
            harness.open();
            harness.processElement1(new StreamRecord<>(inspected(rules, 1)));
            assertThatThrownBy(() -> harness.snapshot(1, 1))
                    .hasStackTraceContaining("1 images without verdict")
                    .hasStackTraceContaining("unaligned");
            harness.processElement2(new StreamRecord<>(claim("drive/1", 1).build()));
            harness.processElement2(new StreamRecord<>(claim("drive/2", 2).build()));
            harness.processElement1(new StreamRecord<>(inspected(rules, 2)));
            harness.snapshot(2, 2);
            assertThat(harness.extractOutputValues().stream()
                            .map(a -> a.sample().getSampleId()))
                    .containsExactly("drive/1", "drive/2");
            assertThat(harness.extractOutputValues().get(0).sample().getSplit()).isEqualTo(Split.TRAIN);
            assertThat(harness.getSideOutput(SettleOperator.COUNTED).stream()
                            .map(record -> ((Counted) record.getValue()).label()))
                    .containsExactly("no-pedestrian", "pedestrian");
        }
    }

    @Test
    void onlyAnAdmittedCorrectionSaysThatItTakesThePlaceOfARecord() throws Exception {
        try (AdmissionRules rules = new AdmissionRules(CONFIG);
                var harness = new TwoInputStreamOperatorTestHarness<Inspected, Claim, Admitted>(
                        new CoProcessOperator<>(new SettleOperator()))) {
            harness.open();
            Claim original = claim("drive/1", 1).labelRevision(1).build();
            harness.processElement1(new StreamRecord<>(inspected(rules, 1)));
            harness.processElement2(new StreamRecord<>(original));
            harness.processElement1(new StreamRecord<>(inspected(rules, 1)));
            harness.processElement2(new StreamRecord<>(
                    claim("drive/1", 1).labelRevision(2).build().correcting(Seen.of(original, null))));
            assertThat(harness.extractOutputValues())
                    .extracting(admitted -> admitted.sample().getCorrects())
                    .containsExactly(false, true);
        }
    }

    @Test
    void aRefusedSampleBecomesADeadLetterThatIsTheOriginalAndGivesItsReservationFree() throws Exception {
        try (AdmissionRules rules = new AdmissionRules(CONFIG);
                var harness = new TwoInputStreamOperatorTestHarness<Inspected, Claim, Admitted>(
                        new CoProcessOperator<>(new SettleOperator()))) {
            harness.open();
            Inspected inspected = inspected(rules, 1);
            harness.processElement1(new StreamRecord<>(inspected));
            Claim refused = claim("drive/1", 1)
                    .build()
                    .reservedWith(List.of())
                    .refused(List.of(new Violation("duplicate-sample-id", "sampleId", "drive/1", "twice")), null);
            harness.processElement2(new StreamRecord<>(refused));
            List<Outgoing> out = harness.getSideOutput(SettleOperator.OUTGOING).stream()
                    .map(StreamRecord::getValue)
                    .toList();
            assertThat(out.stream().map(Outgoing::topic))
                    .containsExactly(Topic.CURATION_RELEASED, Topic.SAMPLES_REJECTED);
            assertThat(Wire.decode(out.get(0).value(), ReleasedClaim.class).getPlace())
                    .isEqualTo("samples.raw-0@1");
            assertThat(Release.of(Wire.decode(out.get(0).value(), ReleasedClaim.class)))
                    .isEqualTo(Release.of(refused));
            Outgoing letter = out.get(1);
            RejectedSample rejected = Wire.decode(letter.value(), RejectedSample.class);
            assertThat(rejected.getValue().array()).isEqualTo(inspected.raw().value());
            assertThat(rejected.getKey().array()).isEqualTo("drive".getBytes(UTF_8));
            assertThat(rejected.getSampleId()).isEqualTo("drive/1");
            assertThat(letter.timestamp()).isEqualTo(1000);
            assertThat(letter.key()).isEqualTo("drive".getBytes(UTF_8));
            assertThat(letter.headers().stream().map(h -> h.name() + "=" + new String(h.value(), UTF_8)))
                    .contains(
                            "__connect.errors.topic=samples.raw",
                            "__connect.errors.partition=0",
                            "__connect.errors.offset=1",
                            "__connect.errors.exception.class.name=duplicate-sample-id");
        }
    }

    private static Inspected inspected(AdmissionRules rules, int frame) {
        LabeledSample sample = TestSamples.sample("drive", frame, Domain.SOURCE, TestSamples.jpeg(100, 100, frame));
        return rules.inspect(
                new RawRecord("samples.raw", 0, frame, 1000, "drive".getBytes(UTF_8), Wire.encode(sample), List.of()),
                TestSamples.START.plus(Duration.ofDays(1)));
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Claim, Claim> drives(OperatorSubtaskState snapshot)
            throws Exception {
        return drives(snapshot, CONFIG);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Claim, Claim> drives(
            OperatorSubtaskState snapshot, DrivetrainConfig config) throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new DriveOperator(config)), Claim::driveId, Types.STRING);
        if (snapshot != null) {
            harness.initializeState(snapshot);
        }
        harness.open();
        return harness;
    }

    private static KeyedTwoInputStreamOperatorTestHarness<String, Claim, Release, Claim> contents() throws Exception {
        var harness = new KeyedTwoInputStreamOperatorTestHarness<>(
                new KeyedCoProcessOperator<>(new ContentOperator(CONFIG)),
                Claim::sha256,
                Release::sha256,
                Types.STRING);
        harness.open();
        return harness;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Claim, Claim> ids() throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new IdentityOperator(CONFIG)), Claim::sampleId, Types.STRING);
        harness.open();
        return harness;
    }

    private static List<String> codes(Claim claim) {
        return claim.violations().stream().map(Violation::getCode).toList();
    }

    private static TestClaim claim(String id, int frame) {
        return new TestClaim(id, frame);
    }
}
