package io.drivetrain.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Split;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class DriveMeansOperatorTest {

    @Test
    void aDriveIsCompleteOnceNoFrameHasComeForTheQuietPeriod() throws Exception {
        try (var harness = open(null)) {
            harness.setProcessingTime(1000);
            harness.processElement(frame("a", 30, 0.2), 0);
            harness.setProcessingTime(2500);
            harness.processElement(frame("a", 10, 0.4), 0);
            harness.setProcessingTime(4499);
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.setProcessingTime(4500);
            List<DriveMeans> complete = harness.extractOutputValues();
            assertThat(complete).hasSize(1);
            assertThat(complete.get(0).frames()).isEqualTo(2);
            assertThat(complete.get(0).first()).isEqualTo(10);
            assertThat(complete.get(0).last()).isEqualTo(30);
            assertThat(complete.get(0).mean(Measurement.BRIGHTNESS)).isEqualTo((0.2 + 0.4) / 2);
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void outOfOrderFramesOfSeveralDrivesAreKeptApart() throws Exception {
        try (var harness = open(null)) {
            harness.setProcessingTime(0);
            harness.processElement(frame("a", 3, 1), 0);
            harness.processElement(frame("b", 2, 0), 0);
            harness.processElement(frame("a", 1, 1), 0);
            harness.setProcessingTime(2000);
            assertThat(harness.extractOutputValues())
                    .extracting(DriveMeans::driveId, DriveMeans::frames)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple("a", 2L), org.assertj.core.groups.Tuple.tuple("b", 1L));
        }
    }

    @Test
    void anOpenDriveGoesOnAfterARestore() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = open(null)) {
            harness.setProcessingTime(1000);
            harness.processElement(frame("a", 1, 1), 0);
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = open(snapshot)) {
            harness.setProcessingTime(1500);
            harness.processElement(frame("a", 2, 0), 0);
            harness.setProcessingTime(3500);
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(harness.extractOutputValues().get(0).frames()).isEqualTo(2);
        }
    }

    private static Frame frame(String drive, long capturedAt, double brightness) {
        double[] values = new double[Measurement.values().length];
        values[Measurement.BRIGHTNESS.ordinal()] = brightness;
        return new Frame(drive, Split.TEST, capturedAt, values);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Frame, DriveMeans> open(OperatorSubtaskState snapshot)
            throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new DriveMeansOperator(Duration.ofSeconds(2))),
                Frame::driveId,
                Types.STRING);
        if (snapshot != null) {
            harness.initializeState(snapshot);
        }
        harness.open();
        return harness;
    }
}
