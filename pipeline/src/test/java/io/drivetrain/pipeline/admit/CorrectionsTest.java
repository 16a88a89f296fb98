package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.balance.DriveChange;
import io.drivetrain.pipeline.balance.DriveTally;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What the stages make of a label that comes again with a higher revision. */
class CorrectionsTest {
    private static final DrivetrainConfig ADMIT = TestSamples.config(Map.of());
    private static final DrivetrainConfig REFUSE = TestSamples.config(Map.of("admission.corrections", "refuse"));

    @Test
    void whateverOrderRevisionsConflictAndResendArriveInTheHighestRevisionHoldsAndTheCountsAreTheSame()
            throws Exception {
        try (Stages stages = new Stages(ADMIT)) {
            int number = 0;
            for (List<Integer> order : permutations(5)) {
                String key = Integer.toString(number++);
                DriveTally tally = new DriveTally();
                List<Claim> admitted = new ArrayList<>();
                for (int which : order) {
                    Claim judged = stages.judge(arriving(which, key));
                    tally.add(counted(judged), List.of());
                    if (judged.clean()) {
                        assertThat(judged.labelRevision())
                                .as("admitted one after the other, in the order %s", order)
                                .isGreaterThan(admitted.stream()
                                        .mapToInt(Claim::labelRevision)
                                        .max()
                                        .orElse(-1));
                        admitted.add(judged);
                    } else {
                        assertThat(codes(judged))
                                .as("order %s", order)
                                .hasSize(1)
                                .allMatch(code -> List.of("duplicate-sample-id", "duplicate-id-different-content")
                                        .contains(code));
                    }
                }
                assertThat(admitted.get(admitted.size() - 1).label())
                        .as("order %s", order)
                        .isEqualTo("second");
                DriveChange change = tally.change("drive").orElseThrow();
                Map<String, Long> now = new HashMap<>(change.slices().get(0).change());
                now.values().removeIf(count -> count == 0);
                assertThat(now).as("class balance, order %s", order).isEqualTo(Map.of("second", 1L));
                assertThat(change.sources().stream()
                                .mapToLong(DriveChange.OfSource::corrections)
                                .sum())
                        .as("each revision below the highest is corrected once, order %s", order)
                        .isEqualTo(2);
                assertThat(change.sources().stream()
                                .mapToLong(DriveChange.OfSource::samples)
                                .sum())
                        .as("order %s", order)
                        .isEqualTo(3);
                assertThat(change.sources().stream()
                                .mapToLong(DriveChange.OfSource::violations)
                                .sum())
                        .isZero();
            }
            assertThat(number).isEqualTo(120);
        }
    }

    /** 0: the original; 1, 2: its corrections; 3: another label of revision 0; 4: the original again. */
    private static TestClaim arriving(int which, String key) {
        TestClaim claim = new TestClaim("id-" + key, 1)
                .drive("drive-" + key)
                .sha256(String.format("%02x", Integer.parseInt(key)))
                .hash(Long.parseLong(key) * 0x9E3779B97F4A7C15L)
                .place("samples.raw-0@" + which);
        return switch (which) {
            case 1 -> claim.label("first").labelRevision(1).labelSource("bob");
            case 2 -> claim.label("second").labelRevision(2).labelSource("cleo");
            case 3 -> claim.label("other").labelSource("dan");
            default -> claim.label("original").labelSource("ann");
        };
    }

    private static Counted counted(Claim claim) {
        boolean clean = claim.clean();
        return new Counted(
                clean ? claim.split() : null,
                claim.sampleId(),
                "drive",
                claim.label(),
                Map.of(),
                claim.labelSource(),
                0,
                codes(claim),
                claim.contradicted(),
                claim.former(),
                clean
                        ? new Counted.Seen(new Measurements(0.5, 0.2, 0.1, 0.0, 0.3, 0.5, 20.0, 7.0), List.of(), 0)
                        : null);
    }

    @Test
    void aCorrectionSaysWhatItTakesThePlaceOfAndWhomItCorrectsAfterARestoreToo() throws Exception {
        OperatorSubtaskState snapshot;
        try (var ids = ids(ADMIT, null)) {
            ids.processElement(claim().attributes(Map.of("weather", "clear")).build(), 0);
            snapshot = ids.snapshot(1, 1);
        }
        try (var ids = ids(ADMIT, snapshot)) {
            ids.processElement(
                    claim().label("truck").labelRevision(1).labelSource("bob").build(), 0);
            ids.processElement(claim().labelRevision(1).build(), 0);
            ids.processElement(claim().build(), 0);
            snapshot = ids.snapshot(2, 2);
            List<Claim> judged = ids.extractOutputValues();
            assertThat(judged.get(0).clean()).isTrue();
            assertThat(judged.get(0).former()).isEqualTo(new Counted.Former("pedestrian", Map.of("weather", "clear")));
            assertThat(judged.get(0).contradicted()).isEqualTo(new Counted.Contradicted("annotator", 0));
            assertThat(codes(judged.get(1))).as("the same revision").containsExactly("duplicate-id-different-content");
            assertThat(judged.get(1).violations().get(0).getMessage()).contains("a label revision above 1");
            assertThat(judged.get(1).contradicted()).isEqualTo(new Counted.Contradicted("bob", 1));
            assertThat(codes(judged.get(2))).as("a lower one").containsExactly("duplicate-sample-id");
            assertThat(judged.get(2).violations().get(0).getMessage()).contains("in label revision 1");
            assertThat(judged.get(2).contradicted()).isEqualTo(new Counted.Contradicted("annotator", 0));
        }
        try (var ids = ids(ADMIT, snapshot)) {
            ids.processElement(claim().label("truck").labelRevision(7).build(), 0);
            Claim judged = ids.extractOutputValues().get(0);
            assertThat(judged.former().label()).isEqualTo("truck");
            assertThat(judged.contradicted()).as("it confirms").isNull();
        }
    }

    @Test
    void withoutCorrectionsARevisionIsNotLookedAt() throws Exception {
        try (var ids = ids(REFUSE, null)) {
            ids.processElement(claim().build(), 0);
            ids.processElement(claim().label("truck").labelRevision(1).build(), 0);
            ids.processElement(claim().labelRevision(1).build(), 0);
            List<Claim> judged = ids.extractOutputValues();
            assertThat(codes(judged.get(1))).containsExactly("duplicate-id-different-content");
            assertThat(judged.get(1).violations().get(0).getMessage()).contains("admission.corrections: admit");
            assertThat(codes(judged.get(2))).containsExactly("duplicate-sample-id");
        }
    }

    @Test
    void whatWasAdmittedWhileCorrectionsWereRefusedCanBeCorrectedLater() throws Exception {
        OperatorSubtaskState snapshot;
        try (var ids = ids(REFUSE, null)) {
            ids.processElement(claim().attributes(Map.of("weather", "clear")).build(), 0);
            snapshot = ids.snapshot(1, 1);
        }
        try (var ids = ids(ADMIT, snapshot)) {
            ids.processElement(claim().label("truck").labelRevision(1).build(), 0);
            assertThat(ids.extractOutputValues().get(0).former()).isEqualTo(new Counted.Former("pedestrian", null));
        }
    }

    @Test
    void anotherImageDriveFrameOrTimeIsNoCorrection() throws Exception {
        try (var ids = ids(ADMIT, null)) {
            ids.processElement(claim().build(), 0);
            ids.processElement(
                    claim().label("truck").labelRevision(1).sha256("22").build(), 0);
            ids.processElement(
                    claim().label("truck").labelRevision(1).drive("other").build(), 0);
            ids.processElement(
                    claim().label("truck").labelRevision(1).capturedAt(5).build(), 0);
            ids.processElement(
                    new TestClaim("a", 2)
                            .capturedAt(1000)
                            .label("truck")
                            .labelRevision(1)
                            .build(),
                    0);
            assertThat(ids.extractOutputValues().subList(1, 5))
                    .allSatisfy(claim -> assertThat(codes(claim)).containsExactly("duplicate-id-different-content"));
        }
    }

    @Test
    void aCorrectionThatIsRefusedByAnotherStageTakesNoPlaceAndStillCountsForTheSourceOfTheLabel() throws Exception {
        try (var ids = ids(ADMIT, null)) {
            ids.processElement(claim().build(), 0);
            ids.processElement(
                    claim().label("truck").labelRevision(2).violated().build(), 0);
            ids.processElement(claim().label("truck").labelRevision(1).build(), 0);
            List<Claim> judged = ids.extractOutputValues();
            assertThat(codes(judged.get(1))).containsExactly("conflicting-labels");
            assertThat(judged.get(1).contradicted()).isEqualTo(new Counted.Contradicted("annotator", 0));
            assertThat(judged.get(1).former()).isNull();
            assertThat(judged.get(2).clean()).isTrue();
        }
    }

    @Test
    void aCorrectionIsAsNearADuplicateAsTheSampleThatItCorrects() throws Exception {
        try (var ids = ids(ADMIT, null)) {
            ids.processElement(claim().build().reservedWith(List.of("near-duplicate")), 0);
            ids.processElement(claim().label("truck").labelRevision(1).build(), 0);
            ids.processElement(new TestClaim("b", 2).build(), 0);
            ids.processElement(
                    new TestClaim("b", 2)
                            .label("truck")
                            .labelRevision(1)
                            .build()
                            .reservedWith(List.of("near-duplicate")),
                    0);
            List<Claim> judged = ids.extractOutputValues();
            assertThat(judged.get(1).flags()).containsExactly("near-duplicate");
            assertThat(judged.get(3).flags()).as("another picture came between").isEmpty();
        }
    }

    @Test
    void aReleaseOfARefusedCorrectionFreesNothingOfTheSampleThatIsAdmitted() throws Exception {
        try (Stages stages = new Stages(ADMIT)) {
            Claim original = stages.judge(claim());
            assertThat(original.clean()).isTrue();
            TestClaim correction = claim().label("truck").labelRevision(1).place("samples.raw-0@7");
            stages.release(correction.build());
            Claim copy = stages.judge(new TestClaim("copy", 2));
            assertThat(codes(copy)).containsExactly("duplicate-content");
            Claim near = stages.judge(new TestClaim("near", 3).sha256("33").split(Split.TRAIN));
            assertThat(near.flags()).containsExactly("near-duplicate");

            assertThat(stages.judge(correction).clean()).isTrue();
            stages.release(claim().label("bus")
                    .labelRevision(2)
                    .place("samples.raw-0@8")
                    .build());
            assertThat(codes(stages.judge(new TestClaim("copy", 2)))).containsExactly("conflicting-labels");
            assertThat(codes(stages.judge(new TestClaim("copy", 2).label("truck"))))
                    .as("the label that holds is the corrected one")
                    .containsExactly("duplicate-content");
        }
    }

    @Test
    void onlyAttributesThatFormSlicesTravelOnAndOnlyIfCorrectionsAreAdmitted() throws Exception {
        Map<String, String> attributes = Map.of("weather", "clear", "lane", "2");
        try (Stages stages = new Stages(ADMIT)) {
            assertThat(stages.judge(claim().attributes(attributes)).attributes())
                    .isEqualTo(Map.of("weather", "clear"));
        }
        try (Stages stages = new Stages(REFUSE)) {
            assertThat(stages.judge(claim().attributes(attributes)).attributes())
                    .isEmpty();
        }
    }

    private static TestClaim claim() {
        return new TestClaim("a", 1);
    }

    private static List<String> codes(Claim claim) {
        return claim.violations().stream().map(Violation::getCode).toList();
    }

    private static List<List<Integer>> permutations(int of) {
        List<List<Integer>> all = new ArrayList<>(List.of(List.of()));
        for (int next = 0; next < of; next++) {
            List<List<Integer>> longer = new ArrayList<>();
            for (List<Integer> order : all) {
                for (int place = 0; place <= order.size(); place++) {
                    List<Integer> with = new ArrayList<>(order);
                    with.add(place, next);
                    longer.add(with);
                }
            }
            all = longer;
        }
        return all;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Claim, Claim> ids(
            DrivetrainConfig config, OperatorSubtaskState snapshot) throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new IdentityOperator(config)), Claim::sampleId, Types.STRING);
        if (snapshot != null) {
            harness.initializeState(snapshot);
        }
        harness.open();
        return harness;
    }

    /** All stages as operators, one after the other, as the job has them; what is refused is released at once. */
    private static final class Stages implements AutoCloseable {
        private final KeyedOneInputStreamOperatorTestHarness<String, Claim, Claim> drives;
        private final KeyedTwoInputStreamOperatorTestHarness<String, Claim, Release, Claim> contents;
        private final List<KeyedTwoInputStreamOperatorTestHarness<String, Claim, Release, Claim>> looks =
                new ArrayList<>();
        private final KeyedOneInputStreamOperatorTestHarness<String, Claim, Claim> ids;

        Stages(DrivetrainConfig config) throws Exception {
            drives = new KeyedOneInputStreamOperatorTestHarness<>(
                    new KeyedProcessOperator<>(new DriveOperator(config)), Claim::driveId, Types.STRING);
            drives.open();
            contents = new KeyedTwoInputStreamOperatorTestHarness<>(
                    new KeyedCoProcessOperator<>(new ContentOperator(config)),
                    Claim::sha256,
                    Release::sha256,
                    Types.STRING);
            contents.open();
            for (int i = 0; i < Look.BANDS; i++) {
                int band = i;
                looks.add(new KeyedTwoInputStreamOperatorTestHarness<>(
                        new KeyedCoProcessOperator<>(new LookOperator(config, band)),
                        claim -> claim.look().key(band),
                        release -> release.look().key(band),
                        Types.STRING));
                looks.get(i).open();
            }
            ids = ids(config, null);
        }

        Claim judge(TestClaim claim) throws Exception {
            drives.processElement(claim.build(), 0);
            Claim judged = last(drives.extractOutputValues());
            contents.processElement1(judged, 0);
            judged = last(contents.extractOutputValues());
            for (var look : looks) {
                look.processElement1(judged, 0);
                judged = last(look.extractOutputValues());
            }
            ids.processElement(judged, 0);
            judged = last(ids.extractOutputValues());
            if (!judged.clean() && judged.reserved()) {
                release(judged);
            }
            return judged;
        }

        void release(Claim claim) throws Exception {
            contents.processElement2(Release.of(claim), 0);
            for (var look : looks) {
                look.processElement2(Release.of(claim), 0);
            }
        }

        private static Claim last(List<Claim> claims) {
            return claims.get(claims.size() - 1);
        }

        @Override
        public void close() throws Exception {
            drives.close();
            contents.close();
            for (var look : looks) {
                look.close();
            }
            ids.close();
        }
    }
}
