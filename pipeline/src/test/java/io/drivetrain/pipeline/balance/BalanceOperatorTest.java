package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSourceReport;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.WindowKind;
import io.drivetrain.schemas.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** The two operators in their harnesses, one feeding the other. */
class BalanceOperatorTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "flink.balance-window", "PT10S",
            "balance.window-count", "60",
            "balance.window-drives", "15",
            "balance.starvation", "PT1M");

    @Test
    void everyWindowWithSamplesIsReportedOncePerSplit() throws Exception {
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            chain.at(10_500);
            chain.send(admitted(Split.TRAIN, "d1", "pedestrian"), 3);
            chain.send(admitted(Split.TRAIN, "d1", "no-pedestrian"), 1);
            chain.send(admitted(Split.TEST, "d2", "pedestrian"), 1);
            chain.at(19_999);
            assertThat(chain.published(Topic.CLASS_BALANCE, ClassBalanceReport.class))
                    .isEmpty();
            chain.at(20_000);
            List<ClassBalanceReport> reports = chain.published(Topic.CLASS_BALANCE, ClassBalanceReport.class);
            assertThat(reports).hasSize(2);
            ClassBalanceReport train = reports.get(0);
            assertThat(train.getSplit()).isEqualTo(Split.TRAIN);
            assertThat(train.getWindowId()).isEqualTo("train/1970-01-01T00:00:10Z");
            assertThat(train.getWindowEnd()).isEqualTo(Instant.ofEpochSecond(20));
            assertThat(train.getCounts()).isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 1L));
            assertThat(train.getImbalanceRatio()).isEqualTo(3.0);
            assertThat(train.getWindowKind()).isEqualTo(WindowKind.TIME);
            assertThat(train.getTotalDrives()).isEqualTo(1);
            assertThat(train.getComparison().getReason()).isEqualTo("the window has 1 of 15 drives");
            assertThat(train.getSlices()).hasSize(1);
            assertThat(train.getSlices().get(0).getSlice()).isEqualTo("timeofday=night");
            assertThat(train.getClasses().get(0).getLabel()).isEqualTo("pedestrian");
            assertThat(train.getClasses().get(0).getLackingSamples()).isEqualTo(97);
            assertThat(train.getClasses().get(0).getLackingDrives()).isEqualTo(9);
            assertThat(train.getClasses().get(0).getInverseFrequencyWeight()).isEqualTo(0.5);
            chain.at(100_000);
            assertThat(chain.published(Topic.CLASS_BALANCE, ClassBalanceReport.class))
                    .hasSize(2);
        }
    }

    @Test
    void totalsAndDrivesGoOnOverWindowsAndOverARestore() throws Exception {
        OperatorSubtaskState tallies;
        OperatorSubtaskState windows;
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            chain.at(10_000);
            chain.send(admitted(Split.TRAIN, "d1", "pedestrian"), 2);
            tallies = chain.snapshotTallies();
            windows = chain.snapshotWindows();
        }
        try (Chain chain = new Chain(SETTINGS, tallies, windows)) {
            chain.at(12_000);
            chain.send(admitted(Split.TRAIN, "d1", "pedestrian"), 1);
            chain.at(20_000);
            chain.at(31_000);
            chain.send(admitted(Split.TRAIN, "d1", "no-pedestrian"), 1);
            chain.at(40_000);
            List<ClassBalanceReport> reports = chain.published(Topic.CLASS_BALANCE, ClassBalanceReport.class);
            assertThat(reports.get(0).getCounts()).isEqualTo(Map.of("pedestrian", 3L));
            assertThat(reports.get(0).getImbalanceRatio()).isNull();
            assertThat(reports.get(1).getWindowStart()).isEqualTo(Instant.ofEpochSecond(30));
            assertThat(reports.get(1).getCounts()).isEqualTo(Map.of("no-pedestrian", 1L));
            assertThat(reports.get(1).getTotals()).isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 1L));
            assertThat(reports.get(1).getTotalDrives()).isEqualTo(1);
        }
    }

    @Test
    void anotherMixOfClassesIsAlertedAfterTwoWindowsByCountAndClearedAfterThree() throws Exception {
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            mix(chain, Split.TRAIN, 0, 30, 5);
            assertThat(chain.published(Topic.ALERTS, Alert.class)).isEmpty();
            mix(chain, Split.TEST_DEV, 100, 15, 10);
            assertThat(chain.published(Topic.ALERTS, Alert.class)).isEmpty();
            mix(chain, Split.TEST_DEV, 120, 15, 10);
            List<Alert> raised = chain.published(Topic.ALERTS, Alert.class).stream()
                    .filter(alert -> alert.getSubject().equals("test-dev"))
                    .toList();
            assertThat(raised).hasSize(1);
            assertThat(raised.get(0).getKind()).isEqualTo("class-imbalance");
            assertThat(raised.get(0).getState()).isEqualTo(AlertState.RAISED);
            assertThat(raised.get(0).getMessage())
                    .startsWith("The classes of test-dev have other shares than in train since 1970-01-01T")
                    .contains("0.0 % are no-pedestrian against 50.0 %");
            for (int window = 0; window < 3; window++) {
                mix(chain, Split.TEST_DEV, 200 + 20 * window, 15, 5);
            }
            assertThat(chain.published(Topic.ALERTS, Alert.class).stream()
                            .filter(alert -> alert.getSubject().equals("test-dev"))
                            .map(Alert::getState))
                    .containsExactly(AlertState.RAISED, AlertState.CLEARED);
        }
    }

    /** Ten frames of each of some drives; so many of the ten are pedestrians. */
    private static void mix(Chain chain, Split split, int firstDrive, int drives, int pedestrians) throws Exception {
        for (int drive = firstDrive; drive < firstDrive + drives; drive++) {
            chain.send(admitted(split, "d" + drive, "pedestrian"), pedestrians);
            chain.send(admitted(split, "d" + drive, "no-pedestrian"), 10 - pedestrians);
        }
        chain.flush();
    }

    @Test
    void aClassThatStopsIsStarvedAndOneThatComesAgainIsNot() throws Exception {
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            chain.at(0);
            mix(chain, Split.TRAIN, 0, 14, 5);
            for (int second = 10; second <= 50; second += 10) {
                chain.at(second * 1000L);
                chain.send(admitted(Split.TRAIN, "later" + second, "no-pedestrian"), 5);
            }
            assertThat(chain.published(Topic.ALERTS, Alert.class)).isEmpty();
            chain.at(60_000);
            List<Alert> alerts = chain.published(Topic.ALERTS, Alert.class);
            assertThat(alerts).hasSize(1);
            assertThat(alerts.get(0).getAlertId()).isEqualTo("class-starvation/pedestrian/1970-01-01T00:00:00Z");
            assertThat(alerts.get(0).getMessage()).startsWith("No sample of class pedestrian for 1 min");
            chain.send(admitted(Split.TEST, "last", "pedestrian"), 1);
            chain.at(70_000);
            assertThat(chain.published(Topic.ALERTS, Alert.class).stream().map(Alert::getState))
                    .containsExactly(AlertState.RAISED, AlertState.CLEARED);
        }
    }

    @Test
    void aSourceWhoseLabelsAreRefusedAndCorrectedStandsOut() throws Exception {
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            chain.at(0);
            int frame = 0;
            for (int drive = 0; drive < 40; drive++) {
                for (String source : List.of("ann", "bob", "cleo")) {
                    for (int i = 0; i < 4; i++) {
                        boolean bad = source.equals("bob") && i > 0;
                        chain.send(
                                labelled("drive-" + drive, "s" + frame++, bad ? "trcuk" : "pedestrian", source, bad),
                                1);
                    }
                }
                chain.flush();
            }
            List<LabelSourceReport> reports = chain.published(Topic.LABEL_SOURCES, LabelSourceReport.class);
            assertThat(reports).isNotEmpty();
            assertThat(reports.get(0).getWindowKind()).isEqualTo(WindowKind.COUNT);
            assertThat(reports.get(0).getSources().get(0).getSource()).isEqualTo("bob");
            assertThat(reports.get(0).getSources().get(0).getViolationRate()).isEqualTo(0.75);
            assertThat(reports.get(0).getSources().get(0).getViolationsByCode()).containsOnlyKeys("unknown-class");
            List<Alert> alerts = chain.published(Topic.ALERTS, Alert.class);
            assertThat(alerts).hasSize(1);
            assertThat(alerts.get(0).getKind()).isEqualTo("label-source");
            assertThat(alerts.get(0).getSubject()).isEqualTo("bob");
            assertThat(alerts.get(0).getMessage()).contains("75.0 % of the samples labelled by bob are refused");
            chain.send(labelled("drive-0", "s5", "pedestrian", "ann", false), 1);
            chain.at(10_000);
            reports = chain.published(Topic.LABEL_SOURCES, LabelSourceReport.class);
            assertThat(reports.get(reports.size() - 1).getSources().stream()
                            .filter(rate -> rate.getSource().equals("bob"))
                            .findFirst()
                            .orElseThrow()
                            .getTotalCorrections())
                    .isEqualTo(1);
        }
    }

    private static Counted admitted(Split split, String drive, String label) {
        return admitted(split, drive, label, Map.of("timeofday", "night"), 0);
    }

    private static Counted admitted(
            Split split, String drive, String label, Map<String, String> attributes, int generation) {
        return new Counted(
                split,
                drive + "/s",
                drive,
                label,
                attributes,
                null,
                0,
                List.of(),
                null,
                new Counted.Seen(measured(0.5, 0), List.of(), generation));
    }

    private static Measurements measured(double brightness, double glareShare) {
        return new Measurements(brightness, 0.2, 0.0, glareShare, 0.3, 0.5, 20.0, 6.0);
    }

    private static Counted labelled(String drive, String id, String label, String source, boolean refused) {
        return new Counted(
                refused ? null : Split.TRAIN,
                id,
                drive,
                label,
                Map.of(),
                source,
                0,
                refused ? List.of("unknown-class") : List.of(),
                null,
                refused ? null : new Counted.Seen(measured(0.5, 0), List.of(), 0));
    }

    /** Both operators; what the first one says is handed to the second at once. */
    private static final class Chain implements AutoCloseable {
        private final KeyedOneInputStreamOperatorTestHarness<String, Counted, DriveChange> tallies;
        private final OneInputStreamOperatorTestHarness<DriveChange, Outgoing> windows;
        private int handed;

        Chain(Map<String, String> settings, OperatorSubtaskState tallyState, OperatorSubtaskState windowState)
                throws Exception {
            DrivetrainConfig config = TestSamples.config(new HashMap<>(settings));
            tallies = new KeyedOneInputStreamOperatorTestHarness<>(
                    new TallyOperator(config), TallyOperator::key, Types.STRING);
            windows = new OneInputStreamOperatorTestHarness<>(new BalanceOperator(config));
            if (tallyState != null) {
                tallies.initializeState(tallyState);
                windows.initializeState(windowState);
            }
            tallies.open();
            windows.open();
        }

        /** Lets the tallies of earlier samples reach the windows before these may end. */
        void at(long millis) throws Exception {
            tallies.setProcessingTime(millis);
            hand();
            windows.setProcessingTime(millis);
        }

        void send(Counted sample, int times) throws Exception {
            for (int i = 0; i < times; i++) {
                tallies.processElement(sample, 0);
            }
        }

        void flush() throws Exception {
            tallies.prepareSnapshotPreBarrier(1);
            hand();
        }

        OperatorSubtaskState snapshotTallies() throws Exception {
            flush();
            return tallies.snapshot(1, 1);
        }

        OperatorSubtaskState snapshotWindows() throws Exception {
            return windows.snapshot(1, 1);
        }

        private void hand() throws Exception {
            List<DriveChange> all = tallies.extractOutputValues();
            for (; handed < all.size(); handed++) {
                windows.processElement(all.get(handed), 0);
            }
        }

        <T extends SpecificRecordBase> List<T> published(Topic topic, Class<T> type) throws Exception {
            List<T> records = new ArrayList<>();
            for (Outgoing outgoing : windows.extractOutputValues()) {
                if (outgoing.topic() == topic) {
                    records.add(Wire.decode(outgoing.value(), type));
                }
            }
            return records;
        }

        @Override
        public void close() throws Exception {
            tallies.close();
            windows.close();
        }
    }
}
