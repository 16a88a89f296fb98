package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class BalanceOperatorTest {

    @Test
    void everyWindowWithSamplesIsReportedOncePerSplit() throws Exception {
        try (var harness = open(null)) {
            harness.setProcessingTime(10_500);
            send(harness, Split.TRAIN, "pedestrian", 3);
            send(harness, Split.TRAIN, "no-pedestrian", 1);
            send(harness, Split.TEST, "pedestrian", 1);
            harness.setProcessingTime(19_999);
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.setProcessingTime(20_000);
            List<ClassBalanceReport> reports = reports(harness);
            assertThat(reports).hasSize(2);
            ClassBalanceReport train = reports.stream()
                    .filter(report -> report.getSplit() == Split.TRAIN)
                    .findFirst()
                    .orElseThrow();
            assertThat(train.getWindowId()).isEqualTo("train/1970-01-01T00:00:10Z");
            assertThat(train.getWindowEnd()).isEqualTo(Instant.ofEpochSecond(20));
            assertThat(train.getCounts()).isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 1L));
            assertThat(train.getImbalanceRatio()).isEqualTo(3.0);
            harness.setProcessingTime(100_000);
            assertThat(reports(harness)).hasSize(2);
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void totalsGoOnOverWindowsAndOverARestore() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = open(null)) {
            harness.setProcessingTime(10_000);
            send(harness, Split.TRAIN, "pedestrian", 2);
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = open(snapshot)) {
            harness.setProcessingTime(12_000);
            send(harness, Split.TRAIN, "pedestrian", 1);
            harness.setProcessingTime(20_000);
            harness.setProcessingTime(31_000);
            send(harness, Split.TRAIN, "no-pedestrian", 1);
            harness.setProcessingTime(40_000);
            List<ClassBalanceReport> reports = reports(harness);
            assertThat(reports.get(0).getCounts()).isEqualTo(Map.of("pedestrian", 3L));
            assertThat(reports.get(0).getImbalanceRatio()).isNull();
            assertThat(reports.get(1).getWindowStart()).isEqualTo(Instant.ofEpochSecond(30));
            assertThat(reports.get(1).getCounts()).isEqualTo(Map.of("no-pedestrian", 1L));
            assertThat(reports.get(1).getTotals()).isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 1L));
        }
    }

    private static void send(
            KeyedOneInputStreamOperatorTestHarness<String, Counted, Outgoing> harness,
            Split split,
            String label,
            int times)
            throws Exception {
        for (int i = 0; i < times; i++) {
            harness.processElement(new Counted(split, "s", "d", label, Map.of(), null, 0, List.of(), null), 0);
        }
    }

    private static List<ClassBalanceReport> reports(
            KeyedOneInputStreamOperatorTestHarness<String, Counted, Outgoing> harness) throws Exception {
        List<ClassBalanceReport> reports = new ArrayList<>();
        for (Outgoing outgoing : harness.extractOutputValues()) {
            reports.add(Wire.decode(outgoing.value(), ClassBalanceReport.class));
        }
        return reports;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Counted, Outgoing> open(OperatorSubtaskState snapshot)
            throws Exception {
        var config = TestSamples.config(Map.of("flink.balance-window", "PT10S"));
        var harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new BalanceOperator(config)),
                counted -> Splits.label(counted.split()),
                Types.STRING);
        if (snapshot != null) {
            harness.initializeState(snapshot);
        }
        harness.open();
        return harness;
    }
}
