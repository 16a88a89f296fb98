package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.route.Outgoing;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.ClassShare;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabelSourceReport;
import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.SliceBalance;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.WindowKind;
import io.drivetrain.schemas.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two operators in their harnesses, one feeding the other. */
class BalanceOperatorTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "flink.balance-window", "PT10S",
            "balance.window-count", "60",
            "balance.window-drives", "15",
            "balance.starvation", "PT1M");

    @Test
    void everySplitIsReportedOncePerWindowEvenWithoutSamples() throws Exception {
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
            assertThat(reports.stream().map(ClassBalanceReport::getSplit)).containsExactly(Split.values());
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
            ClassBalanceReport testDev = reports.get(2);
            assertThat(testDev.getWindowId()).isEqualTo("test-dev/1970-01-01T00:00:10Z");
            assertThat(testDev.getTotals()).isEmpty();
            assertThat(testDev.getImbalanceRatio()).isNull();
            assertThat(testDev.getClasses().get(0).getShare()).isNull();
            assertThat(testDev.getMissingClasses()).containsExactly("pedestrian", "no-pedestrian");
            assertThat(testDev.getLackingClasses()).containsExactly("pedestrian", "no-pedestrian");
            assertThat(testDev.getTestDevGeneration()).isNull();
            chain.at(100_000);
            assertThat(chain.published(Topic.CLASS_BALANCE, ClassBalanceReport.class))
                    .as("a stream that stands still is not reported again")
                    .hasSize(4);
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
            assertThat(reports.get(0).getMissingClasses()).containsExactly("no-pedestrian");
            ClassBalanceReport second = reports.get(4);
            assertThat(second.getWindowStart()).isEqualTo(Instant.ofEpochSecond(30));
            assertThat(second.getCounts()).isEqualTo(Map.of("no-pedestrian", 1L));
            assertThat(second.getWindowImbalanceRatio()).isNull();
            assertThat(second.getWindowMissingClasses()).containsExactly("pedestrian");
            assertThat(second.getTotals()).isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 1L));
            assertThat(second.getImbalanceRatio()).isEqualTo(3.0);
            assertThat(second.getMissingClasses()).isEmpty();
            assertThat(second.getTotalDrives()).isEqualTo(1);
        }
    }

    @Test
    void anotherMixOfClassesIsAlertedAfterTwoWindowsByCountAndClearedAfterThree() throws Exception {
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            mix(chain, Split.TRAIN, 0, 30, 5);
            assertThat(chain.alerts("class-imbalance")).isEmpty();
            mix(chain, Split.TEST_DEV, 100, 15, 10);
            assertThat(chain.alerts("class-imbalance")).isEmpty();
            mix(chain, Split.TEST_DEV, 120, 15, 10);
            List<Alert> raised = chain.alerts("class-imbalance").stream()
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
            assertThat(chain.alerts("class-imbalance").stream()
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
            for (int second = 10; second <= 60; second += 10) {
                chain.at(second * 1000L);
                chain.send(admitted(Split.TRAIN, "later" + second, "no-pedestrian"), 5);
            }
            assertThat(chain.published(Topic.ALERTS, Alert.class)).isEmpty();
            chain.at(62_000);
            chain.at(70_000);
            List<Alert> alerts = chain.published(Topic.ALERTS, Alert.class);
            assertThat(alerts).hasSize(1);
            assertThat(alerts.get(0).getAlertId()).isEqualTo("class-starvation/pedestrian/1970-01-01T00:00:00Z");
            assertThat(alerts.get(0).getMessage()).startsWith("No sample of class pedestrian for 1 min");
            chain.send(admitted(Split.TEST, "last", "pedestrian"), 1);
            chain.at(80_000);
            chain.send(admitted(Split.TEST, "last", "pedestrian"), 9);
            chain.send(admitted(Split.TRAIN, "last-but-one", "pedestrian"), 1);
            chain.at(90_000);
            assertThat(chain.alerts("class-starvation"))
                    .as("two drives are no return")
                    .hasSize(1);
            chain.send(admitted(Split.TEST, "third", "pedestrian"), 1);
            chain.at(100_000);
            assertThat(chain.alerts("class-starvation").stream().map(Alert::getState))
                    .containsExactly(AlertState.RAISED, AlertState.CLEARED);
            assertThat(chain.alerts("class-starvation").get(1).getMessage())
                    .startsWith("Samples of class pedestrian come again, in 3 drives so far");
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
            List<Alert> alerts = chain.alerts("label-source");
            assertThat(alerts).hasSize(1);
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

    /** By hand, with beta 0.5: effective numbers 1.75 of 3 samples, 1.9375 of 5 and 1 of 1. */
    @Test
    void theReportOfTrainHasTheWeightsThatATrainerNeeds() throws Exception {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("balance.beta", "0.5");
        try (Chain chain = new Chain(settings, null, null)) {
            chain.at(10_000);
            chain.send(admitted(Split.TRAIN, "d1", "pedestrian"), 1);
            chain.send(admitted(Split.TRAIN, "d2", "no-pedestrian"), 3);
            chain.at(20_000);
            chain.send(admitted(Split.TRAIN, "d3", "no-pedestrian"), 2);
            chain.at(30_000);
            List<ClassBalanceReport> train = chain.published(Topic.CLASS_BALANCE, ClassBalanceReport.class).stream()
                    .filter(report -> report.getSplit() == Split.TRAIN)
                    .toList();
            ClassShare rare = train.get(0).getClasses().get(0);
            ClassShare common = train.get(0).getClasses().get(1);
            assertThat(rare.getInverseFrequencyWeight()).isCloseTo(1.5, within(1e-12));
            assertThat(common.getInverseFrequencyWeight()).isCloseTo(0.5, within(1e-12));
            assertThat(common.getEffectiveNumber()).isCloseTo(1.75, within(1e-12));
            assertThat(rare.getEffectiveWeight()).isCloseTo(14 / 11.0, within(1e-12));
            assertThat(common.getEffectiveWeight()).isCloseTo(8 / 11.0, within(1e-12));
            common = train.get(1).getClasses().get(1);
            assertThat(common.getInverseFrequencyWeight()).isCloseTo(1 / 3.0, within(1e-12));
            assertThat(common.getEffectiveNumber()).isCloseTo(1.9375, within(1e-12));
            assertThat(common.getWindowEffectiveNumber()).isCloseTo(1.5, within(1e-12));
            assertThat(common.getEffectiveWeight()).isCloseTo(2 * 16 / 47.0, within(1e-12));
        }
    }

    @Test
    void valuesBeyondTheMostSlicesAreCountedAsOneAndTheirDrivesOnce() throws Exception {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("balance.max-slices", "1");
        settings.put("balance.slices", "weather,glareShare>0.2,flag:dark");
        try (Chain chain = new Chain(settings, null, null)) {
            chain.at(10_000);
            chain.send(admitted(Split.TRAIN, "d1", "pedestrian", Map.of("weather", "clear"), 0), 1);
            chain.flush();
            chain.send(admitted(Split.TRAIN, "d2", "pedestrian", Map.of("weather", "rainy"), 0), 2);
            chain.send(admitted(Split.TRAIN, "d2", "no-pedestrian", Map.of("weather", "foggy"), 0), 3);
            chain.flush();
            chain.send(admitted(Split.TRAIN, "d2", "pedestrian", Map.of("weather", "snowy"), 0), 4);
            chain.at(20_000);
            assertThat(slices(chain)).containsOnlyKeys("weather=clear", "weather=other");
            SliceBalance other = slices(chain).get("weather=other");
            assertThat(other.getCounts()).isEqualTo(Map.of("pedestrian", 6L, "no-pedestrian", 3L));
            assertThat(other.getTotals()).isEqualTo(other.getCounts());
            assertThat(other.getDrives()).isEqualTo(1);
            assertThat(other.getTotalDrives()).isEqualTo(1);
            assertThat(other.getImbalanceRatio()).isEqualTo(2);
            assertThat(slices(chain).get("weather=clear").getMissingClasses()).containsExactly("no-pedestrian");
        }
    }

    @Test
    void measurementsAndFlagsAreSlicesWhateverTheMostSlices() throws Exception {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("balance.max-slices", "0");
        settings.put("balance.slices", "weather,glareShare>0.2,brightness<0.2,flag:dark");
        try (Chain chain = new Chain(settings, null, null)) {
            chain.at(10_000);
            chain.send(seen("d1", measured(0.1, 0.0), List.of("dark", "blurry")), 2);
            chain.send(seen("d2", measured(0.5, 0.3), List.of()), 3);
            chain.send(seen("d3", measured(0.2, 0.2), List.of()), 4);
            chain.at(20_000);
            assertThat(slices(chain)).containsOnlyKeys("glareShare>0.2", "brightness<0.2", "flag:dark");
            assertThat(slices(chain).get("brightness<0.2").getTotals()).isEqualTo(Map.of("pedestrian", 2L));
            assertThat(slices(chain).get("glareShare>0.2").getTotals()).isEqualTo(Map.of("pedestrian", 3L));
            assertThat(slices(chain).get("flag:dark").getTotalDrives()).isEqualTo(1);
        }
    }

    @Test
    void aCorrectionMovesASampleToItsClassAndSlicesAndIsNoSampleThatCame() throws Exception {
        OperatorSubtaskState tallies;
        OperatorSubtaskState windows;
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            chain.at(10_500);
            chain.send(admitted(Split.TRAIN, "d1", "pedestrian"), 3);
            chain.send(admitted(Split.TRAIN, "d2", "no-pedestrian"), 2);
            chain.send(corrected("d1", "cyclist", "pedestrian", Map.of("timeofday", "night")), 1);
            chain.at(20_000);
            assertThat(chain.newest(Split.TRAIN).getCounts())
                    .as("the window has what came")
                    .isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 2L));
            assertThat(chain.newest(Split.TRAIN).getTotals())
                    .isEqualTo(Map.of("pedestrian", 2L, "no-pedestrian", 2L, "cyclist", 1L));
            tallies = chain.snapshotTallies();
            windows = chain.snapshotWindows();
        }
        try (Chain chain = new Chain(SETTINGS, tallies, windows)) {
            chain.at(21_000);
            chain.send(corrected("d2", "cyclist", "no-pedestrian", Map.of("timeofday", "dawn/dusk")), 1);
            chain.send(corrected("d2", "cyclist", "no-pedestrian", null), 1);
            chain.flush();
            chain.send(admitted(Split.TRAIN, "d3", "pedestrian"), 1);
            chain.at(30_000);
            ClassBalanceReport train = chain.newest(Split.TRAIN);
            assertThat(train.getCounts()).isEqualTo(Map.of("pedestrian", 1L));
            assertThat(train.getTotals()).isEqualTo(Map.of("pedestrian", 3L, "cyclist", 3L));
            assertThat(train.getTotalDrives()).isEqualTo(3);
            assertThat(chain.sliceTotals(Split.TRAIN).get("timeofday=night"))
                    .as("only what is known to have been in a slice leaves it")
                    .isEqualTo(Map.of("pedestrian", 3L, "no-pedestrian", 1L, "cyclist", 3L));
        }
    }

    /** A correction that says night, of a sample that had these attributes. */
    private static Counted corrected(String drive, String label, String former, Map<String, String> attributes) {
        Counted sample = admitted(Split.TRAIN, drive, label);
        return new Counted(
                sample.split(),
                sample.sampleId(),
                drive,
                label,
                sample.attributes(),
                null,
                0,
                List.of(),
                new Counted.Contradicted("", 0),
                new Counted.Former(former, attributes),
                sample.seen());
    }

    private static Counted seen(String drive, Measurements measurements, List<String> flags) {
        return new Counted(
                Split.TRAIN,
                drive + "/s",
                drive,
                "pedestrian",
                Map.of(),
                null,
                0,
                List.of(),
                null,
                null,
                new Counted.Seen(measurements, flags, 0));
    }

    /** Of the newest report of train. */
    private static Map<String, SliceBalance> slices(Chain chain) throws Exception {
        Map<String, SliceBalance> slices = new HashMap<>();
        chain.newest(Split.TRAIN).getSlices().forEach(slice -> slices.put(slice.getSlice(), slice));
        return slices;
    }

    @Test
    void onlyTheNewestTestDevIsCounted() throws Exception {
        OperatorSubtaskState tallies;
        OperatorSubtaskState windows;
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            chain.at(10_000);
            chain.send(admitted(Split.TEST_DEV, "old", "pedestrian", Map.of(), 0), 5);
            chain.at(20_000);
            assertThat(chain.newest(Split.TEST_DEV).getTestDevGeneration()).isZero();
            assertThat(chain.newest(Split.TEST_DEV).getTotals()).isEqualTo(Map.of("pedestrian", 5L));
            chain.send(admitted(Split.TEST_DEV, "old", "pedestrian", Map.of(), 0), 7);
            chain.flush();
            chain.send(admitted(Split.TEST_DEV, "fresh", "no-pedestrian", Map.of(), 1), 2);
            tallies = chain.snapshotTallies();
            windows = chain.snapshotWindows();
        }
        try (Chain chain = new Chain(SETTINGS, tallies, windows)) {
            chain.at(25_000);
            chain.send(admitted(Split.TEST_DEV, "old", "pedestrian", Map.of(), 0), 11);
            chain.send(admitted(Split.TEST_DEV, "fresh", "no-pedestrian", Map.of(), 1), 1);
            chain.at(30_000);
            ClassBalanceReport report = chain.newest(Split.TEST_DEV);
            assertThat(report.getTestDevGeneration()).isEqualTo(1);
            assertThat(report.getTotals()).isEqualTo(Map.of("no-pedestrian", 3L));
            assertThat(report.getCounts()).isEqualTo(Map.of("no-pedestrian", 3L));
            assertThat(report.getTotalDrives()).isEqualTo(1);
            assertThat(report.getMissingClasses()).containsExactly("pedestrian");
        }
    }

    @Test
    void aSplitThatFillsWindowsWithoutAClassIsShortOfItUntilItHasEnough() throws Exception {
        try (Chain chain = new Chain(SETTINGS, null, null)) {
            mix(chain, Split.TEST_DEV, 0, 15, 10);
            assertThat(chain.alerts("class-shortage"))
                    .as("one window is no shortage")
                    .isEmpty();
            mix(chain, Split.TEST_DEV, 100, 15, 10);
            assertThat(chain.alerts("class-shortage")).hasSize(1);
            Alert raised = chain.alerts("class-shortage").get(0);
            assertThat(raised.getSubject()).isEqualTo("test-dev");
            assertThat(raised.getMessage())
                    .startsWith("test-dev lacks classes since 1970-01-01T")
                    .contains("no-pedestrian (0 samples of 0 drives); each needs 100 samples of 10 drives");
            mix(chain, Split.TEST_DEV, 200, 15, 5);
            assertThat(chain.alerts("class-shortage")).as("75 samples").hasSize(1);
            mix(chain, Split.TEST_DEV, 300, 15, 5);
            assertThat(chain.alerts("class-shortage").stream().map(Alert::getState))
                    .containsExactly(AlertState.RAISED, AlertState.CLEARED);
        }
    }

    /** Drives in pieces and out of order, with slices, values beyond their limit and a restore in the middle. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theLastTotalsAreWhatWasAdmitted(long seed) throws Exception {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.put("balance.max-slices", "2");
        settings.put("balance.slices", "weather");
        SplittableRandom random = new SplittableRandom(seed);
        Map<Split, Map<String, Long>> admitted = new EnumMap<>(Split.class);
        Map<Split, Map<String, Long>> reported = new EnumMap<>(Split.class);
        Map<Split, Set<String>> drives = new EnumMap<>(Split.class);
        OperatorSubtaskState tallies = null;
        OperatorSubtaskState windows = null;
        long now = 0;
        for (int round = 0; round < 3; round++) {
            try (Chain chain = new Chain(settings, tallies, windows)) {
                for (int i = 0; i < 400; i++) {
                    int drive = random.nextInt(40);
                    Split split = Split.values()[drive % 4];
                    String label = random.nextInt(3) == 0 ? "pedestrian" : "no-pedestrian";
                    String weather =
                            List.of("clear", "rainy", "foggy", "snowy", "windy").get(random.nextInt(5));
                    chain.send(admitted(split, "d" + drive, label, Map.of("weather", weather), 0), 1);
                    admitted.computeIfAbsent(split, key -> new HashMap<>()).merge(label, 1L, Long::sum);
                    drives.computeIfAbsent(split, key -> new HashSet<>()).add("d" + drive);
                    now += random.nextInt(300);
                    chain.at(now);
                }
                tallies = chain.snapshotTallies();
                windows = chain.snapshotWindows();
                now += 10_000;
                chain.at(now);
                for (Split split : Split.values()) {
                    ClassBalanceReport report = chain.newest(split);
                    reported.put(split, report.getTotals());
                    assertThat(report.getTotalDrives())
                            .isEqualTo(drives.get(split).size());
                    Map<String, Long> slices = new HashMap<>();
                    report.getSlices()
                            .forEach(slice ->
                                    assertThat(slice.getTotalDrives()).isLessThanOrEqualTo(report.getTotalDrives()));
                    chain.sliceTotals(split)
                            .values()
                            .forEach(of -> of.forEach((k, n) -> slices.merge(k, n, Long::sum)));
                    assertThat(slices).isEqualTo(admitted.get(split));
                }
                assertThat(reported).isEqualTo(admitted);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void aRestoreInTheMiddleOfWindowsPublishesTheSameRecords(long seed) throws Exception {
        List<String> uninterrupted = published(seed, false);
        assertThat(uninterrupted)
                .anyMatch(record -> record.startsWith("ALERTS"))
                .anyMatch(record -> record.startsWith("LABEL_SOURCES"));
        assertThat(published(seed, true)).isEqualTo(uninterrupted);
    }

    /** What comes of six checkpoints, each with windows open, with a restart after each or with none. */
    private static List<String> published(long seed, boolean restarts) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> published = new ArrayList<>();
        long now = 0;
        Chain chain = new Chain(SETTINGS, null, null);
        try {
            for (int round = 0; round < 6; round++) {
                for (int i = 0; i < 200; i++) {
                    String drive = "d" + random.nextInt(60 * (round + 1));
                    Split split = Split.values()[Math.floorMod(drive.hashCode(), 4)];
                    // From the third round on one class stops, and one source is refused.
                    String label = random.nextInt(3) == 0 && round < 2 ? "pedestrian" : "no-pedestrian";
                    boolean bad = round >= 2 && random.nextInt(4) == 0;
                    chain.send(
                            bad
                                    ? labelled(drive, drive + "/" + i, "trcuk", "bob", true)
                                    : admitted(split, drive, label),
                            1);
                    now += random.nextInt(300);
                    chain.at(now);
                }
                // So that no sample waits for the next second.
                now += 1500;
                chain.at(now);
                OperatorSubtaskState tallies = chain.snapshotTallies();
                OperatorSubtaskState windows = chain.snapshotWindows();
                if (restarts) {
                    published.addAll(chain.all());
                    chain.close();
                    chain = new Chain(SETTINGS, tallies, windows);
                    chain.at(now);
                }
            }
            chain.at(now + 20_000);
            published.addAll(chain.all());
        } finally {
            chain.close();
        }
        return published;
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

        List<Alert> alerts(String kind) throws Exception {
            return published(Topic.ALERTS, Alert.class).stream()
                    .filter(alert -> alert.getKind().equals(kind))
                    .toList();
        }

        /** Every record, as text. */
        List<String> all() throws Exception {
            List<String> records = new ArrayList<>();
            for (Outgoing outgoing : windows.extractOutputValues()) {
                records.add(outgoing.topic() + " "
                        + Wire.decode(outgoing.value(), outgoing.topic().recordType()));
            }
            return records;
        }

        ClassBalanceReport newest(Split split) throws Exception {
            return published(Topic.CLASS_BALANCE, ClassBalanceReport.class).stream()
                    .filter(report -> report.getSplit() == split)
                    .reduce((first, second) -> second)
                    .orElseThrow();
        }

        /** By slice, of the last report that has the slice. */
        Map<String, Map<String, Long>> sliceTotals(Split split) throws Exception {
            Map<String, Map<String, Long>> totals = new HashMap<>();
            for (ClassBalanceReport report : published(Topic.CLASS_BALANCE, ClassBalanceReport.class)) {
                if (report.getSplit() == split) {
                    report.getSlices().forEach(slice -> totals.put(slice.getSlice(), slice.getTotals()));
                }
            }
            return totals;
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
