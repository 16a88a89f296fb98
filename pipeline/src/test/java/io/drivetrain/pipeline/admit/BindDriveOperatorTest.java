package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Wire;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class BindDriveOperatorTest {

    @Test
    void aDriveKeepsTheDomainOfItsFirstSampleAlsoAfterARestore() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = open(null)) {
            harness.processElement(raw("a", Domain.SOURCE), 0);
            harness.processElement(raw("a", Domain.TARGET), 0);
            harness.processElement(raw("b", Domain.TARGET), 0);
            assertThat(domains(harness)).containsExactly(Domain.SOURCE, Domain.SOURCE, Domain.TARGET);
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = open(snapshot)) {
            harness.processElement(raw("b", Domain.SOURCE), 0);
            harness.processElement(raw("a", Domain.TARGET), 0);
            assertThat(domains(harness)).containsExactly(Domain.TARGET, Domain.SOURCE);
        }
    }

    @Test
    void recordsThatCannotBeReadPassAndLeaveNoState() throws Exception {
        try (var harness = open(null)) {
            harness.processElement(RawRecord.read("samples.raw", 0, 1, 0, null, new byte[] {1, 2}, List.of()), 0);
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    private static RawRecord raw(String drive, Domain domain) {
        byte[] value = Wire.encode(TestSamples.sample(drive, 0, domain, new byte[3]));
        return RawRecord.read("samples.raw", 0, 0, 0, null, value, List.of());
    }

    private static List<Domain> domains(KeyedOneInputStreamOperatorTestHarness<String, RawRecord, RawRecord> harness) {
        return harness.extractOutputValues().stream()
                .map(RawRecord::driveDomain)
                .toList();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, RawRecord, RawRecord> open(
            OperatorSubtaskState snapshot) throws Exception {
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new BindDriveOperator()), RawRecord::driveKey, Types.STRING);
        if (snapshot != null) {
            harness.initializeState(snapshot);
        }
        harness.open();
        return harness;
    }
}
