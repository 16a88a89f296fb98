package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.BalanceComparison;
import io.drivetrain.schemas.BalanceMethod;
import io.drivetrain.schemas.BalanceReference;
import io.drivetrain.schemas.BalanceVerdict;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.ClassShare;
import io.drivetrain.schemas.LabelSourceReport;
import io.drivetrain.schemas.SliceBalance;
import io.drivetrain.schemas.SourceRate;
import io.drivetrain.schemas.SourceVerdict;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.WindowKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QualityTableTest {
    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private static BalanceComparison comparison(BalanceVerdict verdict) {
        return BalanceComparison.newBuilder()
                .setReference(BalanceReference.TRAINING)
                .setVerdict(verdict)
                .setMethod(BalanceMethod.ASYMPTOTIC)
                .setReason(verdict == BalanceVerdict.NOT_ENOUGH_DATA ? "the window has 2 of 15 drives" : null)
                .setAdjustedPValue(0.00001)
                .setUnbiasedW(0.53)
                .setEffectiveSamples(64)
                .build();
    }

    private static ClassShare share(String label, long samples, double share, boolean starved) {
        return ClassShare.newBuilder()
                .setLabel(label)
                .setSamples(10)
                .setTotalSamples(samples)
                .setTotalDrives(4)
                .setShare(share)
                .setShareLow(share / 2)
                .setShareHigh(Math.min(1, share * 2))
                .setEffectiveWeight(samples == 0 ? null : 1.25)
                .setInverseFrequencyWeight(samples == 0 ? null : 1.5)
                .setLackingDrives(samples == 0 ? 10 : 0)
                .setLackingSamples(samples == 0 ? 100 : 0)
                .setLastSeen(samples == 0 ? null : START)
                .setStarved(starved)
                .build();
    }

    static ClassBalanceReport report(Split split, WindowKind kind, BalanceVerdict verdict, boolean starved) {
        return ClassBalanceReport.newBuilder()
                .setWindowId("w")
                .setSplit(split)
                .setWindowKind(kind)
                .setWindowStart(START)
                .setWindowEnd(START.plusSeconds(10))
                .setCounts(Map.of("car", 10L))
                .setTotals(Map.of("car", 1200L))
                .setDrives(2)
                .setTotalDrives(40)
                .setClasses(List.of(share("car", 1200, 1, false), share("cyclist", 0, 0, starved)))
                .setComparison(comparison(verdict))
                .setSlices(List.of(
                        slice("weather=clear", BalanceVerdict.AS_EXPECTED),
                        slice("weather=rainy", BalanceVerdict.DIFFERENT)))
                .build();
    }

    private static SliceBalance slice(String name, BalanceVerdict verdict) {
        return SliceBalance.newBuilder()
                .setSlice(name)
                .setCounts(Map.of("car", 3L))
                .setDrives(2)
                .setTotals(Map.of("car", 700L))
                .setTotalDrives(20)
                .setComparison(comparison(verdict))
                .build();
    }

    @Test
    void classesHaveBarsWeightsAndWhatIsLacking() {
        String text = String.join(
                "\n",
                QualityTable.classes(
                        TestTerminals.plain(100),
                        report(Split.TRAIN, WindowKind.TIME, BalanceVerdict.DIFFERENT, true)));
        assertThat(text)
                .contains(
                        "train 1,200 samples of 40 drives; 10 samples of 2 drives in the window from 2026-11-01T08:00:00Z")
                .contains("car")
                .contains("100.0 % [50.0 … 100.0]")
                .contains("1.25")
                .contains("1.50")
                .contains("starved: no cyclist in any split since the start")
                .contains("still lacking: cyclist 100 samples and 10 drives")
                .contains("different from the shares in train, w 0.53, p < 0.0001, 64 effective samples");
    }

    @Test
    void onlyWhatIsLackingIsNamed() {
        ClassBalanceReport report = report(Split.TRAIN, WindowKind.TIME, BalanceVerdict.DIFFERENT, true);
        report.getClasses().forEach(share -> share.setLackingDrives(0));
        assertThat(QualityTable.classes(TestTerminals.plain(100), report))
                .contains("  still lacking: cyclist 100 samples");
    }

    @Test
    void anInfiniteImbalanceNamesTheMissingClasses() {
        ClassBalanceReport report = report(Split.TRAIN, WindowKind.TIME, BalanceVerdict.AS_EXPECTED, false);
        report.setMissingClasses(List.of("cyclist", "tram"));
        report.setWindowImbalanceRatio(2.5);
        assertThat(QualityTable.classes(TestTerminals.plain(100), report))
                .contains("  imbalance infinite, none of cyclist, tram; in the window 2.5 to 1")
                .anyMatch(line -> line.startsWith("  still lacking"));
        report.setTotals(Map.of());
        assertThat(QualityTable.classes(TestTerminals.plain(100), report)).contains("  no sample yet");
    }

    @ParameterizedTest
    @EnumSource(Split.class)
    void aSplitThatGradesAndLacksAClassIsNotTrustworthy(Split split) {
        ClassBalanceReport report = report(split, WindowKind.TIME, BalanceVerdict.AS_EXPECTED, false);
        assertThat(QualityTable.notTrustworthy(report)).isFalse();
        report.setLackingClasses(List.of("cyclist"));
        boolean grades = split == Split.TRAIN_DEV || split == Split.TEST_DEV;
        assertThat(QualityTable.notTrustworthy(report)).isEqualTo(grades);
        assertThat(String.join("\n", QualityTable.classes(TestTerminals.plain(100), report)))
                .contains(grades ? "  not trustworthy, still lacking: cyclist 100" : "  still lacking: cyclist 100");
    }

    @Test
    void slicesThatDifferComeFirst() {
        List<String> lines = QualityTable.slices(
                TestTerminals.plain(100), report(Split.TEST, WindowKind.COUNT, BalanceVerdict.AS_EXPECTED, false));
        assertThat(lines.get(0)).contains("weather=rainy").contains("different");
        assertThat(lines.get(1)).contains("weather=clear").contains("as expected");
    }

    @Test
    void withoutEnoughDataTheTableSaysWhatIsMissing() {
        assertThat(QualityTable.classes(
                        TestTerminals.plain(80),
                        report(Split.TEST, WindowKind.TIME, BalanceVerdict.NOT_ENOUGH_DATA, false)))
                .last()
                .asString()
                .contains("not enough data: the window has 2 of 15 drives");
    }

    static LabelSourceReport sources(SourceVerdict verdict) {
        SourceRate rate = SourceRate.newBuilder()
                .setSource("annotator-with-a-very-long-name")
                .setSamples(1000)
                .setDrives(20)
                .setViolations(250)
                .setViolationRate(0.25)
                .setViolationLow(0.2)
                .setViolationHigh(0.3)
                .setOthersViolationRate(0.01)
                .setCorrections(7)
                .setCorrectionRate(0.007)
                .setOthersCorrectionRate(0)
                .setTotalSamples(1000)
                .setTotalViolations(250)
                .setTotalCorrections(7)
                .setVerdict(verdict)
                .build();
        return new LabelSourceReport(
                "count/x",
                WindowKind.COUNT,
                START,
                START.plusSeconds(60),
                1000L,
                20L,
                1,
                2,
                0.01,
                List.of(rate),
                START);
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 120, 200})
    void aSourceThatStandsOutIsMarkedAtAnyWidth(int width) {
        List<String> lines = QualityTable.sources(TestTerminals.ascii(width), sources(SourceVerdict.STANDS_OUT));
        assertThat(lines.get(2))
                .contains("25.0 %")
                .contains("1,000")
                .contains("stands out")
                .contains("annotator-with-a-");
    }
}
