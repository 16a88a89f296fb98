package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.balance.Counted;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.Wire;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class AdmitOperatorTest {
    private static final DrivetrainConfig CONFIG = TestSamples.config(Map.of("admission.duplicate-window", "PT1H"));
    private static final byte[] IMAGE = TestSamples.jpeg(100, 100, 1);

    private long offset;

    @Test
    void aSecondCopyIsRejectedAndNamesWhereTheFirstWasAdmitted() throws Exception {
        try (var harness = open(null)) {
            send(harness, good(1));
            send(harness, good(2));
            send(harness, good(1));
            assertThat(admitted(harness)).containsExactly("drive/1", "drive/2");
            assertThat(rejected(harness)).hasSize(1);
            assertThat(rejected(harness).get(0).getViolations().get(0).getCode())
                    .isEqualTo("duplicate-sample-id");
            assertThat(rejected(harness).get(0).getViolations().get(0).getMessage())
                    .contains("samples.raw-0@0");
        }
    }

    @Test
    void aCorrectedSampleIsAdmittedAfterItsReject() throws Exception {
        try (var harness = open(null)) {
            LabeledSample wrong = good(1);
            wrong.setLabel("pedestrain");
            send(harness, wrong);
            send(harness, good(1));
            assertThat(admitted(harness)).containsExactly("drive/1");
            assertThat(rejected(harness)).hasSize(1);
        }
    }

    @Test
    void anIdCountsAsSeenForTheDuplicateWindowOnly() throws Exception {
        try (var harness = open(null)) {
            send(harness, good(1));
            harness.setStateTtlProcessingTime(Duration.ofMinutes(59).toMillis());
            send(harness, good(1));
            harness.setStateTtlProcessingTime(Duration.ofMinutes(61).toMillis());
            send(harness, good(1));
            assertThat(admitted(harness)).containsExactly("drive/1", "drive/1");
            assertThat(rejected(harness)).hasSize(1);
        }
    }

    @Test
    void whatWasSeenIsStillSeenAfterARestore() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = open(null)) {
            send(harness, good(1));
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = open(snapshot)) {
            send(harness, good(1));
            send(harness, good(2));
            assertThat(admitted(harness)).containsExactly("drive/2");
            assertThat(rejected(harness)).hasSize(1);
        }
    }

    @Test
    void rejectsLeaveNoState() throws Exception {
        try (var harness = open(null)) {
            LabeledSample wrong = good(1);
            wrong.setLabel(null);
            send(harness, wrong);
            harness.processElement(
                    RawRecord.read("samples.raw", 0, 9, 1000, null, "garbage".getBytes(UTF_8), List.of()), 0);
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(rejected(harness)).hasSize(2);
        }
    }

    @Test
    void deadLettersCarryKeyHeadersAndTimestampOfTheOriginal() throws Exception {
        try (var harness = open(null)) {
            LabeledSample wrong = good(1);
            wrong.setLabel(null);
            send(harness, wrong);
            Outgoing letter =
                    harness.getSideOutput(AdmitOperator.REJECTED).peek().getValue();
            assertThat(letter.topic()).isEqualTo(Topic.SAMPLES_REJECTED);
            assertThat(letter.timestamp()).isEqualTo(1000);
            assertThat(letter.key()).isEqualTo("drive".getBytes(UTF_8));
            assertThat(letter.headers().stream().map(header -> header.name() + "=" + new String(header.value(), UTF_8)))
                    .contains(
                            "__connect.errors.topic=samples.raw",
                            "__connect.errors.partition=0",
                            "__connect.errors.offset=0",
                            "__connect.errors.exception.class.name=missing-label");
        }
    }

    @Test
    void everyAdmittedSampleIsCountedUnderItsSplitAndClass() throws Exception {
        try (var harness = open(null)) {
            send(harness, good(1));
            send(harness, good(2));
            Queue<StreamRecord<Counted>> counted = harness.getSideOutput(AdmitOperator.COUNTED);
            assertThat(counted.stream().map(record -> record.getValue().label()))
                    .containsExactly("no-pedestrian", "pedestrian");
        }
    }

    private void send(KeyedOneInputStreamOperatorTestHarness<String, RawRecord, Admitted> harness, LabeledSample sample)
            throws Exception {
        harness.processElement(
                RawRecord.read(
                        "samples.raw", 0, offset++, 1000, "drive".getBytes(UTF_8), Wire.encode(sample), List.of()),
                0);
    }

    private static LabeledSample good(int frame) {
        return TestSamples.sample("drive", frame, Domain.SOURCE, IMAGE);
    }

    private static List<String> admitted(KeyedOneInputStreamOperatorTestHarness<String, RawRecord, Admitted> harness) {
        return harness.extractOutputValues().stream()
                .map(value -> value.sample().getSampleId())
                .toList();
    }

    private static List<RejectedSample> rejected(
            KeyedOneInputStreamOperatorTestHarness<String, RawRecord, Admitted> harness) throws Exception {
        Queue<StreamRecord<Outgoing>> letters = harness.getSideOutput(AdmitOperator.REJECTED);
        if (letters == null) {
            return List.of();
        }
        List<RejectedSample> rejected = new java.util.ArrayList<>();
        for (StreamRecord<Outgoing> letter : letters) {
            rejected.add(Wire.decode(letter.getValue().value(), RejectedSample.class));
        }
        return rejected;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, RawRecord, Admitted> open(
            OperatorSubtaskState snapshot) throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new AdmitOperator(CONFIG)), RawRecord::sampleKey, Types.STRING);
        if (snapshot != null) {
            harness.initializeState(snapshot);
        }
        harness.open();
        // The harness begins at 1970, before any capture time.
        harness.setProcessingTime(TestSamples.START.plus(Duration.ofDays(1)).toEpochMilli());
        return harness;
    }
}
